import { describe, expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../../testing/memory-target.ts';
import { FlashError } from '../../errors.ts';
import type { Device } from '../../target/device.ts';
import { tryScratch } from './scratch.ts';

const START = 0x0800_0000;
const PAGE = 256;
const CHUNK = 64;
const SCRATCH = { start: START + PAGE, end: START + 2 * PAGE };

function rig(): { target: MemoryTarget; device: Device } {
  const target = new MemoryTarget([regionOf({ start: START, sizes: [PAGE, PAGE, PAGE] })], CHUNK);
  for (let at = 0; at < 3; at++) target.poke(START + at * PAGE, new Uint8Array(PAGE).fill(at + 1));
  return { target, device: deviceWith(target) };
}

const blank = (): number[] => Array.from({ length: PAGE }, () => 0xff);

/** How many transfers one whole experiment takes. */
async function transfersOfOne(): Promise<number> {
  const { target, device } = rig();
  await tryScratch(device, { address: SCRATCH.start });
  return target.transfers;
}

describe('tryScratch', () => {
  it('finds that the pattern holds, and leaves the sector erased and its neighbours as they were', async () => {
    const { target, device } = rig();
    const found = await tryScratch(device, { address: SCRATCH.start + 7 });
    expect(found.map(({ kind }) => kind)).toContain('scratch-holds');
    expect([...target.peek(SCRATCH)]).toEqual(blank());
    expect([...target.peek({ start: START, end: START + PAGE })]).toEqual(blank().map(() => 1));
    expect([...target.peek({ start: SCRATCH.end, end: SCRATCH.end + PAGE })]).toEqual(blank().map(() => 3));
  });

  it('leaves it erased wherever it is aborted once it has begun, and throws the reason', async () => {
    const total = await transfersOfOne();
    const left: unknown[] = [];
    for (let cut = 0; cut < total; cut++) {
      const { target, device } = rig();
      const abort = new AbortController();
      const reason = new Error(`stop at ${cut}`);
      target.beforeTransfer = (index) => index === cut && abort.abort(reason);
      await expect(tryScratch(device, { address: SCRATCH.start, signal: abort.signal })).rejects.toBe(reason);
      // Until then it is only read.
      const hasBegun = target.log.length > 0;
      left.push(hasBegun ? [...target.peek(SCRATCH)] : blank());
    }
    expect(left).toEqual(left.map(blank));
  });

  it('leaves it erased after an error, and tells that error, not what follows from it', async () => {
    const total = await transfersOfOne();
    for (const isDead of [false, true]) {
      const { target, device } = rig();
      const cut = Math.floor(total / 2);
      target.beforeTransfer = (index) => {
        if (index === cut) throw new FlashError('usb/transfer', { detail: 'the first' });
        if (index > cut && isDead) throw new FlashError('usb/gone', {});
      };
      await expect(tryScratch(device, { address: SCRATCH.start })).rejects.toMatchObject({
        facts: { detail: 'the first' },
      });
      expect(target.settled).toBeGreaterThan(0);
      expect(target.peek(SCRATCH).every((byte) => byte === 0xff)).toBe(!isDead);
    }
  });

  it('proves that the pattern is gone, where it held', async () => {
    const { target, device } = rig();
    target.beforeTransfer = () => {
      // An erase that comes behind the last block is accepted and does nothing.
      target.deaf = target.log.filter((line) => line.startsWith('write')).length === PAGE / CHUNK;
    };
    await expect(tryScratch(device, { address: SCRATCH.start })).rejects.toMatchObject({ code: 'verify/not-erased' });
  });

  it('tells what it saw of a device that does nothing, although that does not erase either', async () => {
    const { target, device } = rig();
    target.deaf = true;
    const found = await tryScratch(device, { address: SCRATCH.start });
    expect(found.map(({ kind }) => kind)).not.toContain('scratch-holds');
    expect(found.length).toBeGreaterThan(0);
  });
});
