/** The one error that reading or writing a firmware file can end in. */

export const IMAGE_ERROR_CODES = [
  'image/empty',
  'image/unknown-format',
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
