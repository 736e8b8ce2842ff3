/** Text from a device or a file name, so that it can be shown. It knows no terminal and no page. */

/**
 * Control characters, formatting characters (directions, zero widths), line and paragraph separators, halves of pairs: they
 * would move a cursor, forge a line, or show a text other than it is.
 */
const UNSEEN_CHARACTERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** @returns the text with each character that cannot be seen written as its code: `\u{1b}[31m` */
export function visible(text: string): string {
  return text.replace(UNSEEN_CHARACTERS, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`);
}
