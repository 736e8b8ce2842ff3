import { expect, test } from 'vitest';
import { tellApartText } from './tell-apart.ts';

const APART = { address: 0x0800_c000, bytes: [0xff, 0x3c] };
const TWO = ['writes do nothing', 'reads give 0xFF only'];

test('where flash holds something else by each loader, a read by another way tells which it is', () => {
  const sentences = TWO;
  const read =
    'ead 0x0800C000 through a debug probe or the ROM bootloader. It holds 0xFF if writes do nothing; 0x3C if reads give 0xFF only.';
  expect(tellApartText({ sentences, apart: APART, isChanged: false })).toBe(`R${read}`);
  expect(tellApartText({ sentences, apart: APART, isChanged: true })).toBe(`Program the file once more, then r${read}`);
});

test('those that leave the same there, or leave it open, are told apart by another run', () => {
  const sentences = [...TWO, 'erases do nothing', 'erases reach too far'];
  const apart = { ...APART, bytes: [0xff, 0x3c, 0xff, undefined] };
  expect(tellApartText({ sentences, apart, isChanged: false })).toMatch(
    /0xFF if writes do nothing, or if erases do nothing; 0x3C if reads give 0xFF only; anything if erases reach too far\. Where that leaves more than one: program another file/,
  );
  expect(tellApartText({ sentences, isChanged: false })).toMatch(/^Program another file/);
});

test('two that are said alike are one', () => {
  const sentences = [TWO[0] ?? '', ...TWO];
  const apart = { ...APART, bytes: [0xff, 0xff, 0x3c] };
  expect(tellApartText({ sentences, apart, isChanged: false })).not.toMatch(/more than one/);
});
