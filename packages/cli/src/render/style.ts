/** Colours and signs, for terminals that have them. */
import { styleText } from 'node:util';

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

const paint =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    styleText(format, text);

export const COLORED: Style = {
  ok: paint('green'),
  bad: paint('red'),
  warn: paint('yellow'),
  strong: paint('bold'),
  dim: paint('dim'),
};
