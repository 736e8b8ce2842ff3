import { findChipByName } from '@sureflash/chips';
import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { aboutTest, deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { hasCode } from '../errors.ts';
import type { About } from '../target/about.ts';
import { program } from './program.ts';

const START = 0x0800_0000;
const IMAGE = new MemoryImage([{ address: START, bytes: new Uint8Array(8 * 1024).fill(0x5a) }]);
const F105 = findChipByName('STM32F105');

/** A device on which everything takes no time at all. */
async function programmed(about: Partial<About>, { image = IMAGE, before = 0 } = {}): Promise<unknown> {
  const sizes = Array.from({ length: 8 }, () => 2048);
  const target = new MemoryTarget([regionOf({ start: START, sizes, cells: 'ecc' })], 2048);
  target.poke(START, new Uint8Array(8 * 1024).fill(before));
  target.about = aboutTest(about);
  return await program(deviceWith(target), image).catch((error: unknown) => error);
}

describe('flash that was quicker than its cells', () => {
  it.each(['st-rom', 'other-rom', 'custom'] as const)('is not believed of a loader that is %s', async (kind) => {
    if (!F105) throw new Error('no chip');
    expect(await programmed({ kind, chips: [F105], certain: true })).toMatchObject({ code: 'verify/too-quick' });
  });

  it('is judged by the quickest of the chips that it may be, and not where one has no times', async () => {
    if (!F105) throw new Error('no chip');
    const { timing: _, ...without } = F105;
    expect(await programmed({ kind: 'st-rom', chips: [F105, F105] })).toMatchObject({ code: 'verify/too-quick' });
    expect(await programmed({ kind: 'st-rom', chips: [F105, without] })).toMatchObject({ outcome: 'programmed' });
    expect(await programmed({ kind: 'st-rom' })).toMatchObject({ outcome: 'programmed' });
  });

  it('is measured by the writes alone where flash was blank: a loader may pass over an erase there', async () => {
    if (!F105) throw new Error('no chip');
    const least = async (before: number): Promise<number> => {
      const told = await programmed({ kind: 'custom', chips: [F105], certain: true }, { before });
      if (!hasCode(told, 'verify/too-quick')) throw new Error('not found out');
      return told.facts.leastMs;
    };
    const erasedToo = await least(0x00);
    const writtenOnly = await least(0xff);
    expect(erasedToo - writtenOnly).toBeCloseTo(4 * 20);
  });

  it('is no matter where nothing was written', async () => {
    if (!F105) throw new Error('no chip');
    const same = new MemoryImage([{ address: START, bytes: new Uint8Array(8 * 1024) }]);
    const told = await programmed({ kind: 'st-rom', chips: [F105], certain: true }, { image: same });
    expect(told).toMatchObject({ outcome: 'unchanged' });
  });
});
