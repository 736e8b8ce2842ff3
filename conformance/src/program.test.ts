import { MemoryImage } from '@sureflash/image';
import { isFlashError } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

const BOARDS = [
  'stm32f105-rom',
  'stm32f407-rom',
  'stm32l476-rom',
  'stm32l476-rom-early-stall',
  'stm32g431-rom',
  'stm32h743-rom',
];
const FLASH = 0x0800_0000;
const LENGTH = 119_910;

describe.each(BOARDS)('%s', (scenario) => {
  it('is programmed and proven when it is erased, and when it holds another firmware', async () => {
    const rig = new Rig(scenario);
    for (const seed of [1, 2]) {
      const image = imageAt(FLASH, noise(LENGTH, seed));
      const { report } = await rig.program(image);
      expect(report.outcome).toBe('programmed');
      expect(report.verifiedBytes).toBeGreaterThanOrEqual(image.byteLength);
      expect(rig.holds(image)).toBe(true);
    }
  });

  it('is only read when it already holds the image', async () => {
    const image = imageAt(FLASH, noise(LENGTH, 3));
    const rig = new Rig(scenario, { flash: image.segments });
    const before = rig.board.flash.statistics;
    const { report } = await rig.program(image);
    expect(report).toMatchObject({ outcome: 'unchanged', sectorsErased: 0, bytesWritten: 0, verifiedBytes: LENGTH });
    expect(rig.board.flash.statistics).toEqual(before);
  });

  it('keeps what a sector holds beside the image', async () => {
    const before = noise(120_000, 4);
    const rig = new Rig(scenario, { flash: [{ address: FLASH, bytes: before }] });
    const image = imageAt(FLASH + 5_000, noise(2_000, 5));
    await rig.program(image);
    expect(rig.holds(image)).toBe(true);
    expect(rig.holds(imageAt(FLASH, before.subarray(0, 5_000)))).toBe(true);
    expect(rig.holds(imageAt(FLASH + 7_000, before.subarray(7_000)))).toBe(true);
  });

  it('takes an image of several segments with odd ends', async () => {
    const rig = new Rig(scenario);
    const first = imageAt(FLASH, noise(1_001, 6));
    const second = imageAt(FLASH + 70_003, noise(4_099, 7));
    await rig.program(first);
    await rig.program(second);
    expect(rig.holds(first)).toBe(true);
    expect(rig.holds(second)).toBe(true);
  });

  it('is programmed by a polite host as well', async () => {
    const rig = new Rig(scenario, { polite: true });
    const image = imageAt(FLASH, noise(20_000, 8));
    await rig.program(image);
    expect(rig.holds(image)).toBe(true);
  });
});

describe('stm32h743-rom, bank 2', () => {
  it('is programmed although the device never says that an erase there has ended', async () => {
    const rig = new Rig('stm32h743-rom');
    const image = imageAt(0x0810_0000, noise(200_000, 9));
    const { report } = await rig.program(image);
    expect(report).toMatchObject({ outcome: 'programmed', sectorsErased: 2 });
    expect(rig.holds(image)).toBe(true);
  });
});

describe('a large sector that only looks erased', () => {
  // Sector 5 of the F407 begins at 0x08020000. These bytes lie beside the places that are sampled.
  const hidden = { address: 0x0802_0000 + 50_001, bytes: noise(700, 14) };
  const image = imageAt(0x0802_0000, noise(131_072, 15));

  it('is found out by the proof, then erased, and programmed', async () => {
    const rig = new Rig('stm32f407-rom', { flash: [hidden] });
    const { preparation, report } = await rig.program(image);
    expect(preparation.plan.sectors.map(({ action, assumed }) => [action, assumed])).toEqual([['fill', true]]);
    expect(report).toMatchObject({ outcome: 'programmed', sectorsErased: 1, bytesWritten: 2 * 131_072 });
    expect(rig.holds(image)).toBe(true);
  });

  it('is not tried again where something lies beside the image: a block may have gone there', async () => {
    const part = imageAt(0x0802_0000, noise(100_000, 15));
    const beside = { address: 0x0802_0000 + 120_000, bytes: noise(700, 16) };
    const rig = new Rig('stm32f407-rom', { flash: [hidden, beside] });
    await expect(rig.program(part)).rejects.toMatchObject({ code: 'verify/mismatch' });
    expect(rig.board.flash.statistics.erases).toBe(0);
    await rig.program(part);
    expect(rig.holds(part)).toBe(true);
    expect([...rig.board.flash.peek(beside.address, 700)]).toEqual([...beside.bytes]);
  });

  it('is not tried again when something else has failed as well', async () => {
    const start = { address: FLASH, bytes: noise(1_000, 17) };
    const rig = new Rig('stm32f407-rom', { flash: [start, hidden] });
    rig.board.flash.protect([0]);
    const both = new MemoryImage([{ address: FLASH, bytes: noise(1_000, 18) }, ...image.segments]);
    await expect(rig.program(both)).rejects.toMatchObject({ code: 'verify/mismatch' });
    expect(rig.board.flash.statistics.erases).toBe(0);
  });

  it('costs no reading of the whole when it really is erased', async () => {
    const rig = new Rig('stm32f407-rom');
    const { report } = await rig.program(image);
    expect(report.sectorsErased).toBe(0);
    // 64 blocks down and back with two polls each, some 120 transfers around them, a third to find out what chip it is, and
    // looks at eleven places before and after, six transfers each.
    expect(rig.stats.transfers).toBeLessThan(64 * 4 + 130 + 11 * 3 * 6 + 20);
    expect(rig.holds(image)).toBe(true);
  });
});

describe('a correct custom bootloader', () => {
  it('is programmed behind the sectors that it keeps for itself', async () => {
    const rig = new Rig('stm32f105-custom');
    const image = imageAt(0x0800_5000, noise(30_000, 10));
    const { report } = await rig.program(image);
    expect(report.outcome).toBe('programmed');
    expect(rig.holds(image)).toBe(true);
  });

  it('is not asked to program the sectors that its map marks as its own', async () => {
    const rig = new Rig('stm32f105-custom');
    await expect(rig.program(imageAt(FLASH, noise(4_000, 11)))).rejects.toMatchObject({
      code: 'plan/read-only',
      facts: { start: FLASH, end: 0x0800_1000 },
    });
  });
});

describe("an application with the stub of ST's class from 2.11.2 on, which refuses reads", () => {
  it('is not written to, because nothing could be proven', async () => {
    const rig = new Rig('stm32f105-cubemx-stub-2.11');
    await expect(rig.program(imageAt(0x0800_c000, noise(4_000, 16)))).rejects.toMatchObject({
      code: 'plan/doubtful',
      facts: { cause: 'stub-media' },
    });
  });
});

describe('protected chips', () => {
  it('say that they are read-protected', async () => {
    const rig = new Rig('stm32f105-rom-rdp1');
    await expect(rig.program(imageAt(FLASH, noise(4_000, 12)))).rejects.toMatchObject({
      code: 'device/read-protected',
    });
  });

  it('that ignore writes silently are found out', async () => {
    const rig = new Rig('stm32f105-rom-wrp');
    const image = imageAt(FLASH, noise(40_000, 13));
    await expect(rig.program(image)).rejects.toMatchObject({
      code: 'plan/protected',
      facts: { start: 0x0800_2000, end: 0x0800_4000, by: 'WRP' },
    });
    expect(rig.board.flash.statistics.erases).toBe(0);
    await expect(rig.program(image, { force: true })).rejects.toMatchObject({
      code: 'verify/mismatch',
      facts: { address: 0x0800_2000 },
    });
    expect(rig.holds(imageAt(FLASH, image.read({ start: FLASH, end: 0x0800_2000 })))).toBe(true);
    const again = await rig.program(image, { force: true }).catch((error: unknown) => error);
    const diagnosis = isFlashError(again) ? again.diagnosis : undefined;
    expect(diagnosis).toMatchObject({ cause: 'write-protected', verdict: 'certain' });
    expect(diagnosis?.evidence).toEqual(
      expect.arrayContaining([
        'all differences lie in 4 sectors between 4 and 7, 0x08002000 to 0x08003FFF',
        'the bytes that differ were blank before and still are: the flash did not change',
        'the option bytes write-protect sectors 4 to 7',
      ]),
    );
  });
});
