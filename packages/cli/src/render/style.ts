/** Colours and signs, for terminals that have them. */

export interface Style {
  ok(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  strong(text: string): string;
  dim(text: string): string;
}

export const PLAIN: Style = {
  ok: (text) => text,
  bad: (text) => text,
  warn: (text) => text,
  strong: (text) => text,
  dim: (text) => text,
};

/** ECMA-48 §8.3.117 (SGR). Whether there are colours is decided once, in `io`: Node's `styleText` would ask again. */
const paint =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

export const COLORED: Style = {
  ok: paint(32, 39),
  bad: paint(31, 39),
  warn: paint(33, 39),
  strong: paint(1, 22),
  dim: paint(2, 22),
};
