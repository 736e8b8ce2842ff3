import { findChipByName } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { aboutTest, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { factsOf, isDoubt, isFatal, type Observation, seen, updated } from '../diagnosis/observation.ts';
import { FlashError } from '../errors.ts';
import type { Range } from '../target/geometry.ts';
import { gatherAllEvidence, gatherEvidence } from './gather.ts';
import type { Loader } from './loader.ts';

const START = 0x0800_0000;
const OTHER: Loader = { about: aboutTest() };
const STALLED = new FlashError('usb/stall', {
  setup: { requestType: 'class', recipient: 'interface', request: 2, value: 2, index: 0 },
});
const RUNNING = Uint8Array.from({ length: 256 }, (_, i) => (i * i * 37 + (i >> 1) * 11) & 0xff);

function flash(): MemoryTarget {
  return new MemoryTarget([regionOf({ start: START, sizes: Array.from({ length: 8 }, () => 1024) })], 256);
}

/** Whatever address is read, the same bytes come. */
const everywhere =
  (bytes: Uint8Array) =>
  async ({ start, end }: Range): Promise<Uint8Array> =>
    Uint8Array.from({ length: end - start }, (_, i) => bytes[i % bytes.length] ?? 0);

async function examined(
  target: MemoryTarget,
  { chip, read, loader = OTHER }: { chip?: string; read?: (range: Range) => Promise<Uint8Array>; loader?: Loader } = {},
): Promise<Observation[]> {
  const [region] = target.geometry;
  const known = chip === undefined ? undefined : findChipByName(chip);
  if (!region) throw new Error('no region');
  const reading = read ?? (async (range: Range) => target.peek(range));
  const { geometry } = target;
  return await gatherEvidence({ target: { ...loader, geometry }, region, read: reading, chip: known });
}

/** Blank flash, each byte changed by what a loader makes of its place. */
const changedByPlace =
  (change: (address: number, index: number) => number) =>
  async ({ start, end }: Range): Promise<Uint8Array> =>
    Uint8Array.from({ length: end - start }, (_, i) => change(start + i, i) & 0xff);

describe('gatherEvidence', () => {
  it.each([
    ['one bit of every second byte is stuck', (address: number) => (address % 2 === 1 ? 0xef : 0xff)],
    ['bytes are mixed with the low byte of their address', (address: number) => 0xff ^ address],
    ['bytes are mixed with their place in the block', (_: number, index: number) => 0xff ^ index],
    ['a pattern repeats itself every 1024 bytes', (address: number) => ((address % 1024) * (address % 1024) * 37) >> 3],
  ])('does not take flash for a loader that ignores addresses where %s', async (_name, change) => {
    const found = await examined(flash(), { read: changedByPlace(change) });
    expect(found.filter(({ kind }) => kind === 'reads-same')).toEqual([]);
  });

  it.each([
    ['erased', 0xff],
    ['zero', 0],
  ])('takes memory that is all %s for no evidence against the device', async (_, fill) => {
    const found = await examined(flash(), { read: everywhere(new Uint8Array(256).fill(fill)) });
    expect(found.filter(isDoubt)).toEqual([]);
    expect(factsOf(found, 'reads-blank')?.value).toBe(fill);
  });

  it('has nothing against a flash with different content', async () => {
    const target = flash();
    target.poke(START, RUNNING);
    const found = await examined(target);
    expect(found.filter(isDoubt)).toEqual([]);
    expect(factsOf(found, 'reads-distinct')?.addresses).toHaveLength(4);
  });

  it('says which addresses gave the same bytes, and that nothing can be proven then', async () => {
    const found = await examined(flash(), { read: everywhere(RUNNING) });
    expect(found.filter(isFatal)).toEqual([
      seen('reads-same', {
        addresses: [START, START + 0x800, START + 0x1000, START + 0x1800],
        bytes: 256,
        vectors: false,
      }),
    ]);
  });

  it.each([
    [new FlashError('dfu/status', { operation: 'read', status: 'errVENDOR', state: 'dfuERROR' }), 'errVENDOR'],
    [STALLED, 'stall'],
  ])('takes a refused read for an answer: %s', async (error, answer) => {
    const found = await examined(flash(), { read: async () => await Promise.reject(error) });
    expect(factsOf(found, 'reads-refused')).toEqual({ address: START, answer });
  });

  it('asks again before it takes one refusal for an answer', async () => {
    const target = flash();
    target.poke(START, RUNNING);
    for (const refusedRead of [0, 1, 5]) {
      let reads = 0;
      const read = async (range: Range): Promise<Uint8Array> =>
        reads++ === refusedRead ? await Promise.reject(STALLED) : target.peek(range);
      const found = await examined(target, { read });
      expect(found.filter(isDoubt)).toEqual([]);
      expect(reads).toBeGreaterThan(refusedRead);
    }
  });

  it('does not blame the reads of a device that refuses everything', async () => {
    const read = async (): Promise<Uint8Array> => await Promise.reject(STALLED);
    await expect(examined(flash(), { read, loader: { ...OTHER, answers: async () => false } })).rejects.toBe(STALLED);
    const silent = await examined(flash(), { read, loader: { ...OTHER, answers: async () => true } });
    expect(factsOf(silent, 'reads-refused')?.answer).toBe('stall');
  });

  it('does not let one misread make addresses differ', async () => {
    let reads = 0;
    const read = async (range: Range): Promise<Uint8Array> => {
      const bytes = await everywhere(RUNNING)(range);
      if (++reads === 2) bytes[9] = 0;
      return bytes;
    };
    expect(factsOf(await examined(flash(), { read }), 'reads-same')?.addresses).toHaveLength(4);
  });

  it('does not take a device that is gone for an answer', async () => {
    const error = new FlashError('usb/gone', {});
    await expect(examined(flash(), { read: async () => await Promise.reject(error) })).rejects.toBe(error);
  });

  it('notices two reads of one place that differ', async () => {
    let reads = 0;
    const read = async (range: Range): Promise<Uint8Array> =>
      Uint8Array.from({ length: range.end - range.start }, (_, i) => (i === 7 ? reads++ : range.start >> 8));
    expect(factsOf(await examined(flash(), { read }), 'reads-unstable')).toMatchObject({
      address: START + 7,
      again: true,
    });
  });

  it('tells one misread from a place that goes on changing', async () => {
    const target = flash();
    target.poke(START, RUNNING);
    const misreadAt = (wanted: number) => {
      let reads = 0;
      return async (range: Range): Promise<Uint8Array> => {
        const bytes = target.peek(range);
        if (range.start === START && ++reads === wanted) bytes[7] = 0xaa;
        return bytes;
      };
    };
    const changed = async (wanted: number) =>
      factsOf(await examined(target, { read: misreadAt(wanted) }), 'reads-unstable');
    const right = RUNNING[7];
    expect(await changed(1)).toEqual({ address: START + 7, first: 0xaa, second: right, again: false });
    // The probe of the place is read twice where addresses differ, so that the third read is held against the first.
    expect(await changed(3)).toEqual({ address: START + 7, first: right, second: 0xaa, again: false });
  });

  it('notices a loader that counts blocks in another size than it takes', async () => {
    const target = flash();
    target.poke(
      START,
      Uint8Array.from({ length: 4096 }, (_, i) => i ^ (i >> 8)),
    );
    // It counts blocks of 256 bytes by 512.
    const read = async ({ start, end }: Range): Promise<Uint8Array> =>
      Uint8Array.from({ length: end - start }, (_, i) => {
        const address = start + Math.floor(i / 256) * 512 + (i % 256);
        return target.peek({ start: address, end: address + 1 })[0] ?? 0;
      });
    const loader = { about: aboutTest({ blockSize: 256 }) };
    expect(factsOf(await examined(target, { read, loader }), 'reads-depend-on-block')).toEqual({
      address: START + 256,
      blockSize: 256,
    });
    expect(factsOf(await examined(target, { loader }), 'reads-depend-on-block')).toBeUndefined();
  });

  it('stays inside the flash of the chip where that is known', async () => {
    const sizes = Array.from({ length: 24 }, () => 128 * 1024);
    const target = new MemoryTarget([regionOf({ start: START, sizes })]);
    const read: Range[] = [];
    await examined(target, {
      chip: 'STM32F105',
      read: async (range) => {
        read.push(range);
        return new Uint8Array(range.end - range.start);
      },
    });
    expect(Math.max(...read.map(({ end }) => end))).toBeLessThanOrEqual(START + 256 * 1024);
  });

  it("finds STM32CubeMX's default map on an F105, foreign and read-only at its start", async () => {
    const kb = [16, 16, 16, 16, 64, ...Array.from({ length: 7 }, () => 128)];
    const sizes = [...kb, ...kb].map((size) => size * 1024);
    const target = new MemoryTarget([regionOf({ start: START, sizes, readOnly: [0, 1, 2] })], 256);
    const found = await examined(target, { chip: 'STM32F105' });
    expect(factsOf(found, 'map-foreign')).toEqual({
      chip: 'STM32F105',
      announced: [16, 64, 128].map((size) => size * 1024),
      own: [2048],
    });
    expect(factsOf(found, 'map-default')).toEqual({});
    expect(factsOf(found, 'map-read-only-start')).toEqual({ bytes: 48 * 1024 });
  });

  it('asks an application which commands it offers, and does not mind when it does not tell', async () => {
    const commands = async (): Promise<string[]> => ['GET COMMANDS', 'ERASE'];
    const application = { about: { ...OTHER.about, kind: 'cubemx-application' } } as const;
    const told = await examined(flash(), { loader: { ...application, readCommands: commands } });
    expect(factsOf(told, 'commands-missing')?.missing).toEqual(['read unprotect']);
    const refuses = async (): Promise<string[]> => await Promise.reject(new FlashError('usb/transfer', { detail: '' }));
    const silent = await examined(flash(), { loader: { ...application, readCommands: refuses } });
    expect(factsOf(silent, 'commands-missing')).toBeUndefined();
    const other = await examined(flash(), { loader: { ...OTHER, readCommands: commands } });
    expect(factsOf(other, 'commands-missing')).toBeUndefined();
  });
});

describe('gatherAllEvidence', () => {
  const SIZE = 128 * 1024;
  const region = regionOf({ start: START, sizes: Array.from({ length: 64 }, () => 2048) });
  const content = Uint8Array.from({ length: SIZE }, (_, i) => i ^ (i >> 8) ^ (i >> 16));
  const contentWrapping =
    (period: number) =>
    async ({ start, end }: Range): Promise<Uint8Array> =>
      Uint8Array.from({ length: end - start }, (_, i) => content[(start + i - START) % period] ?? 0);

  it.each([32 * 1024, 64 * 1024])('finds addresses that wrap after %i bytes', async (period) => {
    const found = await gatherAllEvidence({
      target: { ...OTHER, geometry: [region] },
      region,
      read: contentWrapping(period),
    });
    expect(factsOf(found, 'reads-wrap')?.period).toBe(period);
  });

  it('finds none where nothing repeats', async () => {
    const found = await gatherAllEvidence({
      target: { ...OTHER, geometry: [region] },
      region,
      read: contentWrapping(SIZE),
    });
    expect(factsOf(found, 'reads-wrap')).toBeUndefined();
  });

  /** With the first byte of write protection and its complement. */
  async function protectionOf(rdp: number, wrp: number, complement = ~wrp): Promise<Observation[]> {
    const options = { ...regionOf({ start: 0x1fff_f800, sizes: [16] }), kind: 'option-bytes' as const };
    const bytes = Uint8Array.of(rdp, ~rdp, 0xff, 0, 0xff, 0, 0xff, 0, wrp, complement, 0xff, 0, 0xff, 0, 0xff, 0);
    const chip = findChipByName('STM32F105');
    const read = async (range: Range): Promise<Uint8Array> =>
      range.start === options.start ? bytes : await contentWrapping(SIZE)(range);
    const about = aboutTest({ kind: 'st-rom', title: 'ROM' });
    return await gatherAllEvidence({ target: { about, geometry: [region, options] }, region, read, chip });
  }

  it.each([
    [0xa5, 0],
    [0x00, 1],
  ])('reads the protection byte %i of an STM32F105 as level %i, and its write protection', async (byte, level) => {
    const found = await protectionOf(byte, 0xfd);
    expect(factsOf(found, 'option-rdp')).toEqual({ byte, level });
    expect(factsOf(found, 'option-wrp')).toEqual({ sectors: [2, 3] });
    expect(factsOf(found, 'option-wrp-none')).toBeUndefined();
  });

  it('says that nothing is write-protected only where what tells it is valid', async () => {
    expect(factsOf(await protectionOf(0xa5, 0xff), 'option-wrp-none')).toEqual({});
    expect(factsOf(await protectionOf(0xa5, 0xff, 0x77), 'option-wrp-none')).toBeUndefined();
  });
});

describe('updated', () => {
  it('lets later reads take the place of earlier ones, and of nothing else', () => {
    const blank = seen('reads-blank', { addresses: [1], value: 0 });
    const distinct = seen('reads-distinct', { addresses: [1] });
    const map = seen('map-default', {});
    expect(updated([blank, map], [distinct])).toEqual([map, distinct]);
    expect(updated([blank], [map])).toEqual([blank, map]);
  });
});
