import { MemoryImage, type Segment } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { aboutTest, deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { FlashError } from '../errors.ts';
import type { Device } from '../target/device.ts';
import { writeAndVerify } from './attempt.ts';
import { prepare } from './prepare.ts';

const START = 0x0800_0000;
const SECTOR = 1024;
const OLD = Uint8Array.from({ length: 3 * SECTOR }, (_, i) => (i * 5 + 1) & 0xff);
/** The first half of three sectors. */
const IMAGE = new MemoryImage(
  [0, 1, 2].map((n) => ({ address: START + n * SECTOR, bytes: new Uint8Array(SECTOR / 2) })),
);
const BESIDE = [0, 1, 2].map((n) => ({
  address: START + n * SECTOR + SECTOR / 2,
  bytes: OLD.slice(n * SECTOR + SECTOR / 2, (n + 1) * SECTOR),
}));

function board(): { target: MemoryTarget; device: Device } {
  const target = new MemoryTarget([regionOf({ start: START, sizes: [SECTOR, SECTOR, SECTOR] })], 512);
  target.poke(START, OLD);
  target.about = aboutTest({ kind: 'st-rom' });
  return { target, device: deviceWith(target) };
}

/** @returns the bytes that a run hands out on a board that is changed like this after the plan was made */
async function handedOut(change: (target: MemoryTarget) => void): Promise<readonly Segment[]> {
  const { target, device } = board();
  const { plan } = await prepare(device, IMAGE);
  change(target);
  const beside: Segment[] = [];
  await writeAndVerify(device, plan, { onUnproven: (segments) => beside.push(...segments) }).catch(() => undefined);
  return beside;
}

describe('bytes beside the image', () => {
  it('are not handed out when all of them are proven to be there again', async () => {
    expect(await handedOut(() => undefined)).toEqual([]);
  });

  it.each([0, 4])(
    'are handed out as they were when the device leaves before the proof, after %i transfers',
    async (after) => {
      const beside = await handedOut((target) => {
        const from = target.transfers + after;
        target.beforeTransfer = (index) => {
          if (index >= from) throw new FlashError('usb/gone', {});
        };
      });
      expect(beside).toEqual(BESIDE);
    },
  );

  it('are not handed out when no sector was begun', async () => {
    const { device } = board();
    const { plan } = await prepare(device, IMAGE);
    const beside: Segment[] = [];
    const run = writeAndVerify(device, plan, {
      signal: AbortSignal.abort(new Error('enough')),
      onUnproven: (segments) => beside.push(...segments),
    });
    await expect(run).rejects.toThrow('enough');
    expect(beside).toEqual([]);
  });

  it('are handed out for the sector in which the proof fails, and for no other', async () => {
    const beside = await handedOut((target) => {
      const write = target.write.bind(target);
      target.write = async (address, bytes, options) => {
        await write(address, bytes, options);
        target.poke(START + SECTOR + 700, Uint8Array.of(0x5a));
      };
    });
    expect(beside).toEqual([BESIDE[1]]);
  });
});
