import { MemoryImage, type Segment } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { FlashError } from '../errors.ts';
import { writeAndVerify } from './attempt.ts';
import { prepare } from './program.ts';
import type { Subject } from './subject.ts';

const START = 0x0800_0000;
const SECTOR = 1024;
const OLD = Uint8Array.from({ length: 3 * SECTOR }, (_, i) => (i * 5 + 1) & 0xff);
/** The first half of three sectors. */
const IMAGE = new MemoryImage(
  [0, 1, 2].map((n) => ({ address: START + n * SECTOR, bytes: new Uint8Array(SECTOR / 2) })),
);
const REST = [0, 1, 2].map((n) => ({
  address: START + n * SECTOR + SECTOR / 2,
  bytes: OLD.slice(n * SECTOR + SECTOR / 2, (n + 1) * SECTOR),
}));

function board(): { target: MemoryTarget; subject: Subject } {
  const target = new MemoryTarget([regionOf({ start: START, sizes: [SECTOR, SECTOR, SECTOR] })], 512);
  target.poke(START, OLD);
  return { target, subject: { target, image: IMAGE, clock: new QuickClock(), isRom: true } };
}

/** What is handed out by a run on a board that is changed like this after the plan was made. */
async function handedOut(change: (target: MemoryTarget) => void): Promise<readonly Segment[]> {
  const { target, subject } = board();
  const { plan } = await prepare(subject);
  change(target);
  const rest: Segment[] = [];
  await writeAndVerify(subject, plan, { onUnproven: (segments) => rest.push(...segments) }).catch(() => undefined);
  return rest;
}

describe('what stood beside the image', () => {
  it('is handed out by nobody where all of it is proven to be there again', async () => {
    expect(await handedOut(() => undefined)).toEqual([]);
  });

  it.each([0, 4])(
    'is handed out as it was when the device leaves before the proof, after %i transfers',
    async (after) => {
      const rest = await handedOut((target) => {
        const from = target.transfers + after;
        target.beforeTransfer = (index) => {
          if (index >= from) throw new FlashError('usb/gone', {});
        };
      });
      expect(rest).toEqual(REST);
    },
  );

  it('is not handed out where nothing was begun', async () => {
    const { subject } = board();
    const { plan } = await prepare(subject);
    const rest: Segment[] = [];
    const run = writeAndVerify(subject, plan, {
      signal: AbortSignal.abort(new Error('enough')),
      onUnproven: (segments) => rest.push(...segments),
    });
    await expect(run).rejects.toThrow('enough');
    expect(rest).toEqual([]);
  });

  it('is handed out where the proof finds something else, and nowhere else', async () => {
    const rest = await handedOut((target) => {
      const write = target.write.bind(target);
      target.write = async (address, bytes, options) => {
        await write(address, bytes, options);
        target.poke(START + SECTOR + 700, Uint8Array.of(0x5a));
      };
    });
    expect(rest).toEqual([REST[1]]);
  });
});
