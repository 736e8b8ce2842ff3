import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chipsPage, type TriedRom } from './chips-page.ts';
import { CHIPS } from './index.ts';

const docs = new URL('../../../docs/', import.meta.url);
const matrix = JSON.parse(readFileSync(new URL('matrix.json', docs), 'utf8')) as Record<string, TriedRom>;
const page = chipsPage(Object.values(matrix));

it('docs/chips.md is what the table and docs/matrix.json give (else: npx tsc -b packages/chips && node packages/chips/docs.mjs)', () => {
  expect(readFileSync(new URL('chips.md', docs), 'utf8')).toBe(page);
});

it('has a row for each chip, with its DEV_ID and the address to jump to', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| STM32'));
  expect(rows.length).toBe(CHIPS.length);
  expect(rows.filter((row) => row.includes('| 0x418 |') && row.includes('0x1FFFB000')).length).toBe(1);
});

it('marks what is doubtful, and says why', () => {
  expect(page).toContain('16 once (?)');
  expect(page).toContain('STM32H7A3: write size: the flash word has 128 bits (RM0455); stm32-data says 32 bytes');
});

it('tells what virtual ROMs went through, of every chip with USB DFU and of no other', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| STM32'));
  const tried = rows.filter((row) => /\| programmed, \d+ cuts completed, started \|/.test(row));
  expect(tried.length).toBe(CHIPS.filter(({ usbDfu }) => usbDfu).length);
  expect(rows.filter((row) => row.includes('| no | – |')).length).toBe(CHIPS.length - tried.length);
});

it('says what failed', () => {
  const rom = { chip: 'stm32f105', programmed: false, cuts: 5, completed: 3, left: false };
  expect(chipsPage([rom])).toContain('| not programmed, 3 of 5 cuts completed, not started |');
});
