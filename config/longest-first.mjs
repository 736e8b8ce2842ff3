/** The order of test files: the longest in front, so that no processor has to wait for one file at the end. */
import { BaseSequencer } from 'vitest/node';

/** How the paths end of the files that take longest, the longest first; the others come as vitest has them. */
const LONGEST = ['probe/matrix.test.ts', 'fix/media.test.ts'];

export class LongestFirst extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => {
      const found = LONGEST.findIndex((end) => moduleId.endsWith(end));
      return found === -1 ? LONGEST.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
