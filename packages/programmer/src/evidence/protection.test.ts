import { findChipByName } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { regionOf } from '../../testing/memory-target.ts';
import { observeProtection } from './protection.ts';

const FLASH = regionOf({ start: 0x0800_0000, sizes: Array.from({ length: 128 }, () => 2048) });
const OPTIONS = regionOf({ start: 0x1fff_f800, sizes: [16], kind: 'option-bytes' });
/** Of an STM32F105 whose first two pages are protected. */
const BYTES = Uint8Array.of(0xa5, 0x5a, 0xff, 0, 0xff, 0, 0xff, 0, 0xfe, 0x01, 0xff, 0, 0xff, 0, 0xff, 0);

async function kindsFor(concerned?: readonly number[]): Promise<string[]> {
  const chip = findChipByName('STM32F105');
  const about = { regions: [FLASH, OPTIONS], ...(chip && { chip }), ...(concerned && { concerned }) };
  const found = await observeProtection(async () => await Promise.resolve(BYTES), about);
  return found.map(({ kind }) => kind);
}

describe('evidence of write protection', () => {
  it.each([
    [undefined, ['option-rdp', 'option-wrp']],
    [
      [1, 2],
      ['option-rdp', 'option-wrp'],
    ],
    [[2], ['option-rdp', 'option-wrp-none']],
    // Where no sector of the flash is concerned, there is nothing to say.
    [[], ['option-rdp']],
  ])('for the sectors %j is %j', async (concerned, kinds) => {
    expect(await kindsFor(concerned)).toEqual(kinds);
  });
});
