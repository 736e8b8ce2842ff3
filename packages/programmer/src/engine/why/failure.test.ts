import { findChipByName } from '@sureflash/chips';
import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../../testing/memory-target.ts';
import { proveImage } from '../proof/proof.ts';
import { explainComparison } from './failure.ts';

const FLASH = 0x0800_0000;
const EEPROM = 0x0808_0000;
const OPTIONS = 0x1ff8_0000;

/** An STM32L072 of which the first 4 KB of flash, 32 pages, are protected: RDP, USER, WRPROT1 and WRPROT2. */
function protectedTarget(): MemoryTarget {
  const target = new MemoryTarget([
    regionOf({ start: FLASH, sizes: Array.from({ length: 512 }, () => 128) }),
    regionOf({ start: EEPROM, sizes: [256], kind: 'eeprom' }),
    regionOf({ start: OPTIONS, sizes: [20], kind: 'option-bytes' }),
  ]);
  const units = [0x00aa, 0x8070, 0x0001, 0x0000, 0x0000];
  const bytes = units.flatMap((unit) => [unit, ~unit]).flatMap((half) => [half & 0xff, (half >> 8) & 0xff]);
  target.poke(OPTIONS, Uint8Array.from(bytes));
  return target;
}

/** The cause of a difference here. */
async function causeOf(address: number): Promise<unknown> {
  const target = protectedTarget();
  const chip = findChipByName('STM32L072');
  const expected = new MemoryImage([{ address, bytes: Uint8Array.of(1, 2, 3, 4) }]);
  const proof = await proveImage(target, expected, target.geometry);
  const background = { device: deviceWith(target), evidence: [], chip };
  const { diagnosis } = await explainComparison(background, { proof, expected });
  return diagnosis?.cause;
}

describe('write protection of the flash', () => {
  it('explains a difference in a sector that it covers', async () => {
    expect(await causeOf(FLASH)).toBe('write-protected');
  });

  it('does not explain a difference in a sector of EEPROM with the same index', async () => {
    expect(await causeOf(EEPROM)).not.toBe('write-protected');
  });
});
