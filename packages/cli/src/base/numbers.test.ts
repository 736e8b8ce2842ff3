import { describe, expect, it } from 'vitest';
import { parseNumber, parsePlace, parseRange } from './numbers.ts';

describe('parseNumber', () => {
  it.each([
    ['0', 0],
    ['0x08000000', 0x0800_0000],
    ['0X0800_0000', 0x0800_0000],
    ['134217728', 134_217_728],
    ['16K', 16_384],
    ['16 kb', 16_384],
    ['1M', 1_048_576],
    ['0x10K', 16_384],
    ['0xFFFFFFFF', 0xffff_ffff],
  ])('takes %s', (text, value) => {
    expect(parseNumber(text, 'a number')).toBe(value);
  });

  it.each(['', ' ', '-1', '0x', '8k0', '1.5K', '0x1_0000_0000', '4096M', '08000000h', 'abc', '1e3', 'NaN'])(
    'refuses "%s" and says how to write one',
    (text) => {
      expect(() => parseNumber(text, 'an address')).toThrow(`"${text}" is not an address.`);
    },
  );
});

describe('parseRange', () => {
  it.each([
    ['0x08000000..0x08004000', 0x0800_0000, 0x0800_4000],
    ['0x08000000+16K', 0x0800_0000, 0x0800_4000],
    ['0 + 1', 0, 1],
    ['16K..1M', 16_384, 1_048_576],
  ])('takes %s', (text, start, end) => {
    expect(parseRange(text)).toEqual({ start, end });
  });

  it.each([
    ['5', 'is not a range'],
    ['1..2..3', 'is not a range'],
    ['0x08000000-0x08004000', 'is not a range'],
    ['..5', 'is not a range'],
    ['5..', 'is not a range'],
    ['x..5', '"x" is not an address'],
    ['0+y', '"y" is not a size'],
    ['5..5', 'is empty'],
    ['6..5', 'is empty'],
    ['5+0', 'is empty'],
    ['0xFFFFFFFF+2', 'ends after the last address'],
  ])('refuses %s', (text, says) => {
    expect(() => parseRange(text)).toThrow(says);
  });
});

describe('an address without its 0x', () => {
  it.each([
    ['8000000', '0x08000000'],
    ['08004000', '0x08004000'],
  ])('is not taken for a decimal number: %s', (text, meant) => {
    expect(() => parsePlace(text)).toThrow(
      expect.objectContaining({ code: 'cli/usage', remedy: [`Did you mean ${meant}?`] }),
    );
    expect(() => parseRange(`${text}+4K`)).toThrow(/decimal number/);
    expect(parseNumber(text, 'a size')).toBe(Number(text));
  });
});
