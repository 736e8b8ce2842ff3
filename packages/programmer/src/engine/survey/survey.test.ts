import { MemoryImage, type Segment } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { MemoryTarget, type RegionShape, regionOf } from '../../../testing/memory-target.ts';
import { proveImage } from '../proof/proof.ts';
import type { Progress } from '../run/progress.ts';
import { type Finding, type SurveyOptions, survey } from './survey.ts';

const START = 0x0800_0000;
const at = (address: number, ...bytes: readonly number[]): Segment => ({ address, bytes: Uint8Array.from(bytes) });
const filled = (address: number, length: number, value = 0): Segment => ({
  address,
  bytes: new Uint8Array(length).fill(value),
});
const PLAIN: RegionShape = { start: START, sizes: [1024, 1024], writeSize: 4, cells: 'plain' };
const ECC: RegionShape = { ...PLAIN, writeSize: 8, cells: 'ecc' };

function flash(shape: RegionShape | readonly RegionShape[], ...before: readonly Segment[]): MemoryTarget {
  const shapes = 'start' in shape ? [shape] : shape;
  const target = new MemoryTarget(shapes.map(regionOf), 256);
  for (const { address, bytes } of before) target.poke(address, bytes);
  return target;
}

async function found(
  target: MemoryTarget,
  image: readonly Segment[],
  options: Partial<SurveyOptions> = {},
): Promise<Finding[]> {
  return await survey(target, new MemoryImage(image), target.geometry, {
    keepBeside: true,
    replaceAll: false,
    ...options,
  });
}

describe('survey', () => {
  it.each([
    ['what is there already', [filled(START, 100)], 'same'],
    ['erased cells', [], 'fill'],
    ['something else', [at(START + 50, 1)], 'replace'],
    ['the image with erased cells in the same write unit', [filled(START, 98)], 'replace'],
    ['something beside the image in its last write unit', [at(START + 101, 0)], 'fill'],
  ])('finds plain cells with %s', async (_, before, state) => {
    const [finding] = await found(flash(PLAIN, ...before), [filled(START, 100)]);
    expect(finding?.state).toBe(state);
  });

  it('does not program a plain unit whose other bytes hold something: it is programmed as a whole', async () => {
    const [finding] = await found(flash(PLAIN, at(START + 102, 7)), [filled(START, 101)]);
    expect(finding?.state).toBe('replace');
  });

  it('never fills ECC cells: a unit that was begun may look erased and still refuse', async () => {
    expect((await found(flash(ECC), [filled(START, 100)])).map(({ state }) => state)).toEqual(['replace']);
    expect((await found(flash(ECC, filled(START, 100)), [filled(START, 100)])).map(({ state }) => state)).toEqual([
      'same',
    ]);
  });

  it('fills what is missing of an interrupted run, and only that', async () => {
    const [finding] = await found(flash(PLAIN, filled(START, 512)), [filled(START, 1024)]);
    expect(finding).toMatchObject({
      state: 'fill',
      missing: [
        { start: START + 512, end: START + 768 },
        { start: START + 768, end: START + 1024 },
      ],
    });
  });

  it('stops reading a large sector at the first difference', async () => {
    const target = flash({ ...PLAIN, sizes: [128 * 1024, 1024] }, at(START, 1), filled(START + 128 * 1024, 1024));
    const states = (await found(target, [filled(START, 129 * 1024)], { keepBeside: false })).map(({ state }) => state);
    expect(states).toEqual(['replace', 'same']);
    expect(target.bytesRead).toBe(256 + 1024);
  });

  it('believes what it shall keep only when two reads of it agree', async () => {
    const target = flash(PLAIN, filled(START, 1024, 7));
    let transfers = 0;
    target.beforeTransfer = () => {
      // The device changes its mind between the first and the second reading of what lies behind the image.
      if (++transfers === 5) target.poke(START + 600, Uint8Array.of(9));
    };
    await expect(found(target, [filled(START, 100)])).rejects.toMatchObject({
      code: 'device/unstable-read',
      facts: { address: START + 600, first: 7, second: 9 },
    });
    expect(target.log.filter((line) => line.startsWith('erase'))).toEqual([]);
  });

  it('keeps what a sector holds outside the image, holes included, byte by byte', async () => {
    const target = flash(PLAIN, filled(START, 1024, 7));
    const [finding] = await found(target, [at(START + 1, 0), at(START + 10, 0, 0)]);
    const rest = new MemoryImage(finding?.beside ?? []);
    expect(rest.segments.map(({ address, bytes }) => [address - START, bytes.length])).toEqual([
      [0, 1],
      [2, 8],
      [12, 1012],
    ]);
    expect(rest.segments.every(({ bytes }) => bytes.every((byte) => byte === 7))).toBe(true);
  });

  it('judges each sector by its own part of the image, whatever the size of the transfers', async () => {
    const shape = { ...PLAIN, sizes: [64, 64, 64, 64, 512] };
    const states = (
      await found(flash(shape, filled(START, 128), at(START + 130, 1), filled(START + 192, 300)), [filled(START, 500)])
    ).map(({ state }) => state);
    expect(states).toEqual(['same', 'same', 'replace', 'same', 'replace']);
  });

  it('looks into every region that the image touches, in ascending order', async () => {
    const target = flash([{ ...PLAIN, start: START + 0x1_0000 }, PLAIN], filled(START, 4));
    const findings = await found(target, [filled(START, 4), filled(START + 0x1_0000, 4)]);
    expect(findings.map(({ sector, state }) => [sector.start, state])).toEqual([
      [START, 'same'],
      [START + 0x1_0000, 'fill'],
    ]);
  });

  it('reads whole write units at the end of the last sector and nothing past it', async () => {
    const target = flash(ECC, filled(START + 1024, 1023));
    expect(await found(target, [filled(START + 2040, 7)])).toMatchObject([{ state: 'same' }]);
    expect(target.bytesRead).toBe(8);
  });

  it.each([
    ['has bytes outside of all regions', [PLAIN], filled(START + 2040, 16)],
    ['lies in memory that two regions name', [PLAIN, PLAIN], filled(START, 16)],
  ])('claims nothing about an image that %s', async (_, shapes, segment) => {
    const target = flash(shapes);
    await expect(found(target, [segment])).rejects.toMatchObject({ code: 'plan/outside' });
  });

  it('claims nothing about bytes that the target has left out, and brings the link to rest', async () => {
    const target = flash(PLAIN, filled(START, 1024));
    const read = target.read.bind(target);
    target.read = async function* (range) {
      for await (const chunk of read(range)) if (chunk.address !== START + 512) yield chunk;
    };
    await expect(found(target, [filled(START, 1024)])).rejects.toMatchObject({
      code: 'read/short',
      facts: { address: START, expected: 1024, found: 512 },
    });
    expect(target.settled).toBe(1);
  });

  it('replaces every sector when it is told to, and reads no more than a sample of what it replaces', async () => {
    const target = flash(PLAIN, filled(START, 1024));
    const [finding] = await found(target, [filled(START, 1024)], { replaceAll: true, keepBeside: false });
    expect(finding?.state).toBe('replace');
    expect(target.bytesRead).toBe(64);
    expect(finding?.before?.bytes.length).toBe(64);
  });

  it('tells of its phase, of each sector once, and never goes back', async () => {
    const events: Progress[] = [];
    await found(flash(PLAIN, filled(START, 1024)), [filled(START, 2048)], {
      onProgress: (event) => events.push(event),
    });
    expect(events[0]).toEqual({ type: 'phase', phase: 'survey', bytes: 2048 });
    expect(events.at(-1)).toEqual({ type: 'phase-end', phase: 'survey' });
    const sectors = events.flatMap((event) => (event.type === 'sector' ? [[event.sector.index, event.state]] : []));
    expect(sectors).toEqual([
      [0, 'same'],
      [1, 'different'],
    ]);
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.fraction] : []));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(1);
  });
});

describe('proveImage', () => {
  it('counts every difference and keeps the first sixteen', async () => {
    const target = flash(PLAIN, filled(START, 1024), at(START + 100, ...Array.from({ length: 20 }, () => 5)));
    const comparison = await proveImage(target, new MemoryImage([filled(START, 1024)]), target.geometry);
    expect(comparison).toMatchObject({ compared: 1024, differing: 20 });
    expect(comparison.first).toHaveLength(16);
    expect(comparison.first[0]).toEqual({ address: START + 100, expected: 0, found: 5 });
    expect(comparison.first[15]).toEqual({ address: START + 115, expected: 0, found: 5 });
  });

  it('compares what the image defines and not the holes that it reads along', async () => {
    const target = flash(PLAIN, filled(START, 2048, 9), at(START, 0), at(START + 1000, 0), at(START + 2047, 0));
    const image = new MemoryImage([at(START, 0), at(START + 1000, 0), at(START + 2047, 0)]);
    expect(await proveImage(target, image, target.geometry)).toEqual({
      compared: 3,
      differing: 0,
      first: [],
      sectors: [],
    });
  });

  it('reads over no hole in which there is no memory', async () => {
    const target = flash([PLAIN, { ...PLAIN, start: START + 4096 }], filled(START + 2047, 1), at(START + 4096, 0));
    const image = new MemoryImage([filled(START + 2047, 1), at(START + 4096, 0)]);
    expect(await proveImage(target, image, target.geometry)).toMatchObject({ compared: 2, differing: 0 });
  });

  it('calls a sector verified once, at its last byte, and never one with a difference', async () => {
    const target = flash(PLAIN, filled(START, 2048), at(START + 3, 1));
    const verified: number[] = [];
    const image = new MemoryImage([filled(START, 1024), at(START + 1024, 0), at(START + 2047, 0)]);
    await proveImage(target, image, target.geometry, {
      onProgress: (event) => {
        if (event.type === 'sector' && event.state === 'verified') verified.push(event.sector.index);
      },
    });
    expect(verified).toEqual([1]);
  });

  it('calls the sectors of every region verified, whatever their order', async () => {
    const target = flash([{ ...PLAIN, start: START + 0x1_0000 }, PLAIN], filled(START, 4), filled(START + 0x1_0000, 4));
    const verified: number[] = [];
    await proveImage(target, new MemoryImage([filled(START, 4), filled(START + 0x1_0000, 4)]), target.geometry, {
      onProgress: (event) => {
        if (event.type === 'sector') verified.push(event.sector.start);
      },
    });
    expect(verified).toEqual([START, START + 0x1_0000]);
  });

  it('is no proof when the target sends less than it was asked for', async () => {
    const target = flash(PLAIN, filled(START, 1024));
    target.read = async function* ({ start }) {
      yield { address: start, bytes: new Uint8Array(256) };
    };
    const proof = proveImage(target, new MemoryImage([filled(START, 1024)]), target.geometry);
    await expect(proof).rejects.toMatchObject({ code: 'read/short', facts: { expected: 1024, found: 256 } });
  });
});
