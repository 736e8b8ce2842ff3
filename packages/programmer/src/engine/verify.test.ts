import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import type { Progress } from './run/progress.ts';
import { compare, verify } from './verify.ts';

const FLASH = 0x0800_0000;
/** Right behind the flash, as on an L1 with 512 KB. */
const EEPROM = FLASH + 1024;
const OTP = 0x1fff_7800;

const OVER_THE_EDGE = { address: EEPROM - 4, bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
const IN_OTP = { address: OTP + 1, bytes: Uint8Array.of(9, 10, 11) };

function targetHolding(...pieces: readonly { address: number; bytes: Uint8Array }[]): MemoryTarget {
  const target = new MemoryTarget([
    regionOf({ start: FLASH, sizes: [512, 512] }),
    regionOf({ start: OTP, sizes: [64], kind: 'otp' }),
    regionOf({ start: EEPROM, sizes: [128, 128], kind: 'eeprom', writeSize: 4 }),
  ]);
  for (const { address, bytes } of pieces) target.poke(address, bytes);
  return target;
}

const IMAGE = new MemoryImage([OVER_THE_EDGE, IN_OTP]);

describe('verify', () => {
  it('compares every byte of an image in flash, EEPROM and OTP, each sector told of once', async () => {
    const events: Progress[] = [];
    const target = targetHolding(OVER_THE_EDGE, IN_OTP);
    const compared = await verify(deviceWith(target), IMAGE, { onProgress: (event) => events.push(event) });
    expect(compared).toBe(11);
    expect(target.bytesRead).toBe(11);
    const told = events.flatMap((event) => (event.type === 'sector' ? [[event.sector.start, event.state]] : []));
    expect(told).toEqual([
      [FLASH + 512, 'verified'],
      [EEPROM, 'verified'],
      [OTP, 'verified'],
    ]);
  });

  it.each([
    ['flash', EEPROM - 1, 4],
    ['EEPROM', EEPROM + 2, 7],
    ['OTP', OTP + 3, 11],
  ])('finds a byte that differs in %s', async (_, address, expected) => {
    const target = targetHolding(OVER_THE_EDGE, IN_OTP, { address, bytes: Uint8Array.of(0x55) });
    const ended = await verify(deviceWith(target), IMAGE).catch((error: unknown) => error);
    expect(ended).toMatchObject({
      code: 'verify/mismatch',
      facts: { address, expected, found: 0x55, differing: 1, compared: 11 },
    });
    expect(ended).toHaveProperty('excerpt.found');
  });

  it('leaves out filling that no section of the program owns', async () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    const padding = [{ start: FLASH + 20, end: FLASH + 32 }];
    const image = new MemoryImage([{ address: FLASH, bytes }]);
    const target = targetHolding({ address: FLASH, bytes: bytes.map((byte, i) => (i >= 20 && i < 32 ? 0xff : byte)) });
    expect(await verify(deviceWith(target), { image, padding })).toBe(52);
    expect((await compare(deviceWith(target), { image, padding })).equal).toBe(true);
    await expect(verify(deviceWith(target), image)).rejects.toMatchObject({ code: 'verify/mismatch' });
  });

  it('takes an image without a byte for the flash', async () => {
    expect(await verify(deviceWith(targetHolding(IN_OTP)), new MemoryImage([IN_OTP]))).toBe(3);
  });

  it('refuses what lies in no memory that takes it, and reads nothing', async () => {
    const target = targetHolding(IN_OTP);
    const image = new MemoryImage([IN_OTP, { address: 0x2000_0000, bytes: Uint8Array.of(1) }]);
    await expect(verify(deviceWith(target), image)).rejects.toMatchObject({
      code: 'plan/outside',
      facts: { start: 0x2000_0000, end: 0x2000_0001 },
    });
    expect(target.bytesRead).toBe(0);
  });
});
