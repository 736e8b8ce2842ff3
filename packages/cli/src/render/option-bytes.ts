/** Option bytes as a table for people, and as JSON. */
import { type DecodedField, nameOfValue } from '@sureflash/chips';
import { type OptionChange, optionValueText } from '@sureflash/programmer/option-bytes';
import { defined } from '../base/defined.ts';
import type { Stream } from '../base/io.ts';
import type { Style } from './style.ts';
import { hang } from './wrap.ts';

const ODD = { unprogrammed: 'never programmed', mismatch: 'value and complement disagree' } as const;

/** Name, value and what it is about, in columns. */
export function fieldLines(fields: readonly DecodedField[], style: Style, stream: Stream): string[] {
  const rows = fields.map((decoded) => ({
    name: decoded.field.name,
    value: valueText(decoded),
    about: decoded.field.about,
  }));
  const nameWidth = widest(rows.map(({ name }) => name));
  const valueWidth = widest(rows.map(({ value }) => value));
  return rows.map(({ name, value, about }) =>
    hang(`${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  `, style.dim(about), stream).trimEnd(),
  );
}

function valueText({ field, value, state }: DecodedField): string {
  const text = optionValueText(field, value);
  return state === 'ok' ? text : `${text}, ${ODD[state]}`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}

/** `BOR_LEV  off (0x3) -> 2.1 V (0x2)` */
export function changeText({ field, from, to }: OptionChange): string {
  return `${field.name}: ${optionValueText(field, from)} -> ${optionValueText(field, to)}`;
}

export function fieldJson({ field, value, state }: DecodedField): Record<string, unknown> {
  const { name, about } = field;
  return { name, value, meaning: nameOfValue(field, value), about, state };
}

export function changeJson({ field, from, to, caution }: OptionChange): Record<string, unknown> {
  return { name: field.name, from, to, meaning: nameOfValue(field, to), ...defined({ caution }) };
}
