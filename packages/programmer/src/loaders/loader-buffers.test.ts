import { describe, expect, it } from 'vitest';
import type { DebugAccess } from '../cortex/debug-access.ts';
import type { Clock } from '../ports/clock.ts';
import { LoaderBuffers } from './loader-buffers.ts';
import { workAreas } from './work-area.ts';

const CLOCK: Clock = { now: () => 0, sleep: async () => undefined };
const RAM = 0x2000_0000;
const [AREA] = workAreas({ start: RAM, end: RAM + 0x5000 });

/** Memory as a map from the address of each write to its bytes. */
function memory(): { readonly access: DebugAccess; readonly writes: Map<number, Uint8Array> } {
  const writes = new Map<number, Uint8Array>();
  const access: DebugAccess = {
    readMemory: async (_, length) => new Uint8Array(length),
    writeMemory: async (address, bytes) => void writes.set(address, bytes.slice()),
    driveReset: async () => undefined,
  };
  return { access, writes };
}

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at & 0xff);

describe('the buffers of the flash loader', () => {
  it('are as many as fit into the RAM, and at least two of them where it is small', () => {
    expect(AREA).toMatchObject({ bufferStride: 4096, bufferCount: 4 });
    const counts = workAreas({ start: RAM, end: RAM + 0x2_0000 }).map((area) => [area.bufferStride, area.bufferCount]);
    expect(counts.slice(0, 5)).toEqual([
      [4096, 31],
      [4096, 15],
      [4096, 7],
      [4096, 3],
      [4096, 2],
    ]);
    expect(workAreas({ start: RAM, end: RAM + 0x800 }).at(-1)).toMatchObject({ bufferStride: 256, bufferCount: 2 });
  });

  it('are carried full until none is free, and give back how much of the same bytes they hold', async () => {
    if (!AREA) throw new Error('no area');
    const { access, writes } = memory();
    const buffers = new LoaderBuffers(access, CLOCK, AREA);
    const part = { address: 0x0800_0000, bytes: bytesOf(5 * AREA.bufferBytes), registers: 0 };
    let filled = 0;
    while (await buffers.carry(part)) filled += 1;
    expect(filled).toBe(AREA.bufferCount);
    expect([...writes.keys()]).toEqual([0, 1, 2, 3].map((index) => AREA.buffers + index * AREA.bufferStride));
    expect(buffers.take(part)).toBe(4 * AREA.bufferBytes);
    expect(buffers.take(part)).toBe(0);
  });

  it('say that they hold something else when other bytes are programmed than were announced', async () => {
    if (!AREA) throw new Error('no area');
    const buffers = new LoaderBuffers(memory().access, CLOCK, AREA);
    const bytes = bytesOf(2048);
    await buffers.carry({ address: 0x0800_0000, bytes, registers: 0 });
    expect(buffers.take({ address: 0x0800_0800, bytes, registers: 0 })).toBeUndefined();
    await buffers.carry({ address: 0x0800_0000, bytes, registers: 0 });
    bytes[7] = 0xaa;
    expect(buffers.take({ address: 0x0800_0000, bytes, registers: 0 })).toBeUndefined();
  });

  it('are filled in turns, with the length of the last part behind it', async () => {
    if (!AREA) throw new Error('no area');
    const { access, writes } = memory();
    const bytes = bytesOf(4 * AREA.bufferBytes + 10);
    await new LoaderBuffers(access, CLOCK, AREA).fill(bytes, 4 * AREA.bufferBytes);
    expect(writes.get(AREA.buffers)).toEqual(bytes.slice(-10));
    expect(writes.get(AREA.buffers + AREA.bufferBytes)).toEqual(Uint8Array.of(10, 0, 0, 0));
  });

  it('give what flash holds, which the loader has put into them inverted, before they are filled anew', async () => {
    if (!AREA) throw new Error('no area');
    const [size, address] = [AREA.bufferBytes, 0x0800_0000];
    const reads: number[] = [];
    const access: DebugAccess = {
      ...memory().access,
      readMemory: async (at, length) => {
        reads.push(at);
        return new Uint8Array(length).fill(0x0f);
      },
    };
    const buffers = new LoaderBuffers(access, CLOCK, AREA);
    const part = { address, bytes: bytesOf(5 * size), registers: 0 };
    for (let at = 0; at < 4 * size; at += size) await buffers.fill(part.bytes, at);
    buffers.programmed(part, 0, 2 * size);
    await buffers.fill(part.bytes, 4 * size);
    expect(reads).toEqual([AREA.buffers]);
    expect(await buffers.collect()).toBe(true);
    expect(await buffers.collect()).toBe(false);
    const found = buffers.takeCollected();
    expect(found.map((chunk) => [chunk.address, chunk.bytes.length, chunk.bytes[0]])).toEqual([
      [address, size, 0xf0],
      [address + size, size, 0xf0],
    ]);
    expect(buffers.takeCollected()).toEqual([]);
  });
});
