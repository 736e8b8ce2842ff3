import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chipsPage } from './chips-page.ts';
import { CHIPS } from './index.ts';

const page = chipsPage();

it('docs/chips.md is what the table gives (else: npx tsc -b packages/chips && node packages/chips/docs.mjs)', () => {
  expect(readFileSync(new URL('../../../docs/chips.md', import.meta.url), 'utf8')).toBe(page);
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
