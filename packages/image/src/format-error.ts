/** The one error that reading or writing a firmware file can end in. */

/** What went wrong, for programs. The list is stable: new codes are added, old ones keep their meaning. */
export const IMAGE_ERROR_CODES = [
  'image/empty',
  'image/unknown-format',
  'image/not-firmware',
  'image/syntax',
  'image/checksum',
  'image/truncated',
  'image/overlap',
  'image/address',
  'image/too-large',
  'image/unsupported',
  'image/no-address',
] as const;

export type ImageErrorCode = (typeof IMAGE_ERROR_CODES)[number];

export interface ImageErrorFacts {
  /** 1-based line of a text file. */
  readonly line?: number;
  /** 0-based byte offset in a binary file. */
  readonly offset?: number;
  /** Memory address in question. */
  readonly address?: number;
  readonly expected?: string;
  readonly found?: string;
}

/** `message` is one English sentence with place, expectation and finding; `facts` are the same for programs. */
export class ImageError extends Error {
  readonly code: ImageErrorCode;
  readonly facts: ImageErrorFacts;

  constructor(code: ImageErrorCode, message: string, facts: ImageErrorFacts = {}) {
    super(message);
    this.name = 'ImageError';
    this.code = code;
    this.facts = facts;
  }
}

/** `0x08000000`: at least `digits` upper-case hexadecimal digits. */
export function hex(value: number, digits = 8): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}

/** An error about a line of a text file, in the form `Line 12: what is wrong: expected this, found that.` */
export function errorAtLine(
  code: ImageErrorCode,
  line: number,
  what: string,
  facts: Omit<ImageErrorFacts, 'line'> = {},
): ImageError {
  return new ImageError(code, `Line ${line}: ${withFindings(what, facts)}`, { line, ...facts });
}

/** An error about a place in a binary file, in the form `Offset 0x1A: what is wrong: expected this, found that.` */
export function errorAtOffset(
  code: ImageErrorCode,
  offset: number,
  what: string,
  facts: Omit<ImageErrorFacts, 'offset'> = {},
): ImageError {
  return new ImageError(code, `Offset ${hex(offset, 1)}: ${withFindings(what, facts)}`, { offset, ...facts });
}

function withFindings(what: string, { expected, found }: ImageErrorFacts): string {
  const findings = [
    expected === undefined ? undefined : `expected ${expected}`,
    found === undefined ? undefined : `found ${found}`,
  ].filter((part) => part !== undefined);
  return findings.length === 0 ? `${what}.` : `${what}: ${findings.join(', ')}.`;
}
