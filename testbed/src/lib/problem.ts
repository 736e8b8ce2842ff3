/** Something that a person can understand and put right without a stack trace. */
export class Problem extends Error {
  override name = 'Problem';
}
