/** Values of option bytes as people write them: by name, or as a number. */
import { nameOfValue, type OptionField } from '@sureflash/chips';
import { hex } from '../target/geometry.ts';

const NUMBER = /^(0x[0-9a-f]+|\d+)$/;
/** A lone digit means the level where a field has levels: nobody means the byte 0x00 by `RDP=0`. */
const DIGIT = /^\d$/;

/** @returns `undefined` for what is no value of this field */
export function parseOptionValue({ values, bits }: OptionField, text: string): number | undefined {
  const wanted = plain(text);
  const byName = values.find(({ name }) => plain(name) === wanted);
  if (byName) return byName.value;
  const hasLevels = values.some(({ name }) => name.startsWith('level '));
  if (hasLevels && DIGIT.test(text)) return values.find(({ name }) => name === `level ${text}`)?.value;
  const number = text.trim().toLowerCase();
  const value = NUMBER.test(number) ? Number(number) : Number.NaN;
  return value < 2 ** bits ? value : undefined;
}

/** `level 0 (0xAA)`, `0x080 (0x00200000)`, `1`. */
export function optionValueText(field: OptionField, value: number): string {
  const number = field.bits === 1 ? String(value) : hex(value, Math.ceil(field.bits / 4));
  const name = nameOfValue(field, value);
  if (name !== undefined) return `${name} (${number})`;
  return field.addressShift === undefined ? number : `${number} (${hex(value * 2 ** field.addressShift)})`;
}

/** What may be written: the names, or how large a number may be. */
export function allowedValues({ values, bits }: OptionField): string[] {
  const names = values.map(({ name }) => name.replaceAll(' ', '-'));
  return names.length > 0 ? names : [`0 to ${hex(2 ** bits - 1, Math.ceil(bits / 4))}`];
}

/** Spaces and hyphens are the same, capitals do not count. */
function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');
}
