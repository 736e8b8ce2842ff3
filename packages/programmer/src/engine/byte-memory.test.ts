import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { isFlashError } from '../errors.ts';
import type { CellKind } from '../target/geometry.ts';
import { type ByteMemoryPart, checkImageFits, divideImage, planByteMemory, writeByteMemory } from './byte-memory.ts';

const FLASH = 0x0800_0000;
const EEPROM = 0x0808_0000;
const OTP = 0x1fff_7800;

function targetWith(cells: CellKind = 'plain', writeSize = 4): MemoryTarget {
  return new MemoryTarget([
    regionOf({ start: FLASH, sizes: [1024], cells, writeSize }),
    regionOf({ start: EEPROM, sizes: [256], kind: 'eeprom', writeSize: 4 }),
    regionOf({ start: OTP, sizes: [64], kind: 'otp', writeSize: 4 }),
  ]);
}

const part = (target: MemoryTarget, address: number, ...bytes: number[]): readonly ByteMemoryPart[] =>
  divideImage(new MemoryImage([{ address, bytes: Uint8Array.from(bytes) }]), target.geometry).byteMemory;

describe('divideImage', () => {
  it('keeps for the flash what no other memory takes, also what nothing takes', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const image = new MemoryImage([FLASH, EEPROM, OTP, 0x2000_0000].map((address) => ({ address, bytes })));
    const { flash, byteMemory } = divideImage(image, targetWith().geometry);
    expect(flash.segments.map(({ address }) => address)).toEqual([FLASH, 0x2000_0000]);
    expect(byteMemory.map(({ region, segment }) => [region.kind, segment.address])).toEqual([
      ['eeprom', EEPROM],
      ['otp', OTP],
    ]);
  });
});

describe('an image over memories that meet', () => {
  const geometry = [
    regionOf({ start: FLASH, sizes: [1024] }),
    regionOf({ start: FLASH + 1024, sizes: [256], kind: 'eeprom' }),
  ];
  const imageOf = (bytes: number) => new MemoryImage([{ address: FLASH + 1022, bytes: new Uint8Array(bytes) }]);

  it('is cut where one memory ends and the next begins', () => {
    const { flash, byteMemory } = divideImage(imageOf(6), geometry);
    expect(flash.segments).toEqual([{ address: FLASH + 1022, bytes: new Uint8Array(2) }]);
    expect(byteMemory.map(({ segment }) => segment)).toEqual([{ address: FLASH + 1024, bytes: new Uint8Array(4) }]);
  });

  it('is refused for what goes beyond the last', () => {
    expect(() => checkImageFits(divideImage(imageOf(2 + 256), geometry), geometry, false)).not.toThrow();
    expect(() => checkImageFits(divideImage(imageOf(2 + 256 + 1), geometry), geometry, false)).toThrow(
      'plan/outside {"start":134219008,',
    );
  });
});

describe('checkImageFits', () => {
  it.each([
    ['of EEPROM alone', [EEPROM], 'nothing'],
    ['of flash, EEPROM and OTP', [FLASH, EEPROM, OTP], 'nothing'],
    ['with bytes in no memory', [EEPROM, 0x2000_0000], 'plan/outside'],
    ['without a byte', [], 'plan/empty'],
  ])('has for an image %s: %j gives %s', (_, addresses, expected) => {
    const image = new MemoryImage(addresses.map((address) => ({ address, bytes: Uint8Array.of(1, 2) })));
    const { geometry } = targetWith();
    expect(codeOf(() => checkImageFits(divideImage(image, geometry), geometry, false))).toBe(expected);
  });
});

function codeOf(check: () => void): string {
  try {
    check();
    return 'nothing';
  } catch (error) {
    return isFlashError(error) ? error.code : String(error);
  }
}

describe('data EEPROM', () => {
  it('gets the words that differ, with what stands beside the image in them, and nothing else', async () => {
    const target = targetWith();
    target.poke(EEPROM, Uint8Array.of(9, 9, 9, 9, 5, 6, 7, 8, 0xff, 0xff, 0xff, 0xff));
    const parts = part(target, EEPROM + 2, 9, 9, 5, 6, 7, 8, 1);
    const planned = await planByteMemory(target, parts);
    expect(planned[0]?.writes).toEqual([{ address: EEPROM + 8, bytes: Uint8Array.of(1, 0xff, 0xff, 0xff) }]);
    expect(await writeByteMemory(target, planned)).toMatchObject({ bytesWritten: 4 });
    expect(target.peek({ start: EEPROM, end: EEPROM + 9 })).toEqual(Uint8Array.of(9, 9, 9, 9, 5, 6, 7, 8, 1));
  });

  it('that holds it already is left alone', async () => {
    const target = targetWith();
    target.poke(EEPROM, Uint8Array.of(1, 2, 3, 4));
    const planned = await planByteMemory(target, part(target, EEPROM, 1, 2, 3, 4));
    expect(await writeByteMemory(target, planned)).toMatchObject({ bytesWritten: 0 });
    expect(target.log.filter((line) => line.startsWith('write'))).toEqual([]);
  });

  it('leaves the link at rest where its writing is stopped', async () => {
    const target = targetWith();
    const planned = await planByteMemory(target, part(target, EEPROM, 1, 2, 3, 4));
    const signal = AbortSignal.abort('stop');
    await expect(writeByteMemory(target, planned, { signal })).rejects.toBe('stop');
    expect(target.settled).toBe(1);
  });

  it('tells of the bytes that the memory did not take', async () => {
    const target = targetWith();
    const planned = await planByteMemory(target, part(target, EEPROM, 1, 2, 3, 4));
    target.deaf = true;
    await expect(writeByteMemory(target, planned)).rejects.toMatchObject({
      code: 'verify/mismatch',
      facts: { address: EEPROM, expected: 1, found: 0xff, differing: 4, compared: 4 },
      excerpt: { address: EEPROM, expected: Uint8Array.of(1, 2, 3, 4), found: new Uint8Array(4).fill(0xff) },
    });
  });
});

describe('OTP', () => {
  it('is written only when that is asked for', async () => {
    const target = targetWith();
    const parts = part(target, OTP, 1, 2);
    await expect(planByteMemory(target, parts)).rejects.toMatchObject({
      code: 'plan/one-time',
      facts: { start: OTP, end: OTP + 2 },
    });
    await writeByteMemory(target, await planByteMemory(target, parts, { oneTime: true }));
    expect(target.peek({ start: OTP, end: OTP + 4 })).toEqual(Uint8Array.of(1, 2, 0xff, 0xff));
    // Now it holds it: there is nothing left to ask for.
    expect(await planByteMemory(target, parts)).toMatchObject([{ writes: [] }]);
  });

  it.each([
    // A bit can go from 1 to 0 in plain cells, and nowhere in a unit that was programmed where there is ECC.
    ['plain', 0x0f, 0x07, undefined],
    ['plain', 0x0f, 0x10, 'plan/spent'],
    ['ecc', 0x0f, 0x07, 'plan/spent'],
  ] as const)('of %s cells that holds %i becomes %i: %s', async (cells, held, wanted, code) => {
    const target = targetWith(cells, 8);
    target.poke(OTP, Uint8Array.of(held));
    const outcome = await planByteMemory(target, part(target, OTP, wanted), { oneTime: true }).then(
      () => undefined,
      (error: unknown) => (isFlashError(error) ? error.code : error),
    );
    expect(outcome).toBe(code);
  });

  it('is written in whole units of the flash where there is ECC', async () => {
    const target = targetWith('ecc', 8);
    const [planned] = await planByteMemory(target, part(target, OTP + 9, 1), { oneTime: true });
    expect(planned?.writes).toEqual([
      { address: OTP + 8, bytes: Uint8Array.of(0xff, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) },
    ]);
  });
});
