import { MemoryImage, type Segment } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { aboutTest, deviceWith, MemoryTarget, regionOf } from '../../../testing/memory-target.ts';
import { FlashError } from '../../errors.ts';
import type { Device } from '../../target/device.ts';
import { erase } from '../erase.ts';
import { prepare } from '../prepare.ts';
import { carryOut, program } from '../program.ts';
import type { KeptBytes } from './kept-bytes.ts';

const START = 0x0800_0000;
const SECTOR = 1024;
/** Without a period, which would tell of a loader that ignores addresses. */
const OLD = Uint8Array.from({ length: 3 * SECTOR }, (_, i) => (Math.imul(i + 1, 0x9e37_79b1) >>> 13) & 0x7f);
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

const contentOf = (target: MemoryTarget, { address, bytes }: Segment): Uint8Array =>
  target.peek({ start: address, end: address + bytes.length });

/** A store that keeps in memory what it is given, and every state that it was in. */
class MemoryStore implements KeptBytes {
  now: readonly Segment[];
  readonly states: (readonly Segment[])[] = [];

  constructor(held: readonly Segment[] = []) {
    this.now = held;
  }

  readonly held = async (): Promise<readonly Segment[]> => await Promise.resolve(this.now);

  readonly hold = async (segments: readonly Segment[]): Promise<void> => {
    await Promise.resolve();
    this.now = segments;
    this.states.push(segments);
  };
}

const gone = (): never => {
  throw new FlashError('usb/gone', {});
};

/** @returns what a store holds after a run on a board that is changed like this after the plan was made */
async function heldAfter(change: (target: MemoryTarget) => void): Promise<readonly Segment[]> {
  const { target, device } = board();
  const keptBytes = new MemoryStore();
  const preparation = await prepare(device, IMAGE, { keptBytes });
  change(target);
  await carryOut(device, preparation, { keptBytes }).catch(() => undefined);
  return keptBytes.now;
}

describe('bytes beside the image', () => {
  it('are held before the first erase, and no more when all of them are proven to be there again', async () => {
    const { target, device } = board();
    const keptBytes = new MemoryStore();
    const erase = target.erase.bind(target);
    const atErase: (readonly Segment[])[] = [];
    target.erase = async (...args) => {
      atErase.push(keptBytes.now);
      await erase(...args);
    };
    await program(device, IMAGE, { keptBytes });
    expect(atErase).toEqual([BESIDE]);
    expect(keptBytes.states).toEqual([BESIDE, []]);
  });

  it.each([0, 4])(
    'are held as they were when the device leaves before the proof, after %i transfers',
    async (after) => {
      const held = await heldAfter((target) => {
        const from = target.transfers + after;
        target.beforeTransfer = (index) => {
          if (index >= from) gone();
        };
      });
      expect(held).toEqual(BESIDE);
    },
  );

  it('are not held any more when no sector was begun', async () => {
    const { device } = board();
    const keptBytes = new MemoryStore();
    const preparation = await prepare(device, IMAGE, { keptBytes });
    const run = carryOut(device, preparation, { keptBytes, signal: AbortSignal.abort(new Error('enough')) });
    await expect(run).rejects.toThrow('enough');
    expect(keptBytes.states).toEqual([BESIDE, []]);
  });

  it('are held for the sector in which the proof fails, and for no other', async () => {
    const held = await heldAfter((target) => {
      const write = target.write.bind(target);
      target.write = async (address, bytes, options) => {
        await write(address, bytes, options);
        target.poke(START + SECTOR + 700, Uint8Array.of(0x5a));
      };
    });
    expect(held).toEqual([BESIDE[1]]);
  });

  it('keep the flash as it is where the store cannot hold them', async () => {
    const { target, device } = board();
    const keptBytes = {
      held: async () => await Promise.resolve([]),
      hold: async () => await Promise.reject(new Error('full')),
    };
    await expect(program(device, IMAGE, { keptBytes })).rejects.toThrow('full');
    expect(contentOf(target, { address: START, bytes: OLD })).toEqual(OLD);
  });

  it('do not fail a proven run whose store cannot let go of them', async () => {
    const { device } = board();
    const keptBytes = {
      held: async () => await Promise.resolve([]),
      hold: async (segments: readonly Segment[]) =>
        await (segments.length > 0 ? Promise.resolve() : Promise.reject(new Error('read-only'))),
    };
    expect((await program(device, IMAGE, { keptBytes })).outcome).toBe('programmed');
  });
});

describe('what the first erase of a loader that nobody knows takes of its neighbours', () => {
  /** Erases the sector before the one that it is told to erase as well. */
  function greedy({ afterErase }: { afterErase: (target: MemoryTarget) => void }) {
    // There is blank flash on both sides.
    const sizes = Array.from({ length: 40 }, () => SECTOR);
    const target = new MemoryTarget([regionOf({ start: START - 20 * SECTOR, sizes })], 512);
    target.poke(START, OLD);
    target.about = aboutTest({ kind: 'custom' });
    const erase = target.erase.bind(target);
    target.erase = async (sectors, options) => {
      await erase(sectors, options);
      target.poke(START, new Uint8Array(SECTOR).fill(0xff));
      afterErase(target);
    };
    const keptBytes = new MemoryStore();
    return { target, keptBytes, device: deviceWith(target) };
  }

  const image = new MemoryImage([{ address: START + SECTOR, bytes: new Uint8Array(SECTOR) }]);
  const [before, behind] = [0, 2].map((n) => ({
    address: START + n * SECTOR,
    bytes: OLD.slice(n * SECTOR, (n + 1) * SECTOR),
  }));

  it.each([
    [
      'the device leaves',
      (target: MemoryTarget): void => {
        target.beforeTransfer = gone;
      },
      'usb/gone',
    ],
    [
      'what is written back does not stay',
      (target: MemoryTarget): void => {
        target.write = async () => await Promise.resolve();
      },
      'verify/erased-otherwise',
    ],
  ])('is held where %s behind it', async (_, afterErase, code) => {
    const { device, keptBytes } = greedy({ afterErase });
    await expect(program(device, image, { keptBytes })).rejects.toMatchObject({ code });
    expect(keptBytes.now).toEqual([before, behind]);
  });

  it('is held no more when it was written back', async () => {
    const { target, device, keptBytes } = greedy({ afterErase: () => undefined });
    await expect(program(device, image, { keptBytes })).rejects.toMatchObject({ code: 'verify/erased-otherwise' });
    expect(contentOf(target, { address: START, bytes: OLD })).toEqual(OLD);
    expect([keptBytes.states.length, keptBytes.now]).toEqual([2, []]);
  });

  it('is held in an erase alone too, and goes to the next run', async () => {
    const { device, keptBytes } = greedy({
      afterErase: (each) => {
        each.beforeTransfer = gone;
      },
    });
    const range = { start: START + SECTOR, end: START + 2 * SECTOR };
    await expect(erase(device, range, { keptBytes })).rejects.toMatchObject({ code: 'usb/gone' });
    expect(keptBytes.now).toEqual([before, behind]);
  });
});

describe('bytes that an earlier run has left', () => {
  const [first = { address: 0, bytes: OLD }, second = first, third = first] = BESIDE;

  it('are written back and proven where the flash is erased, and let go of then', async () => {
    const { target, device } = board();
    target.poke(START, new Uint8Array(OLD.length).fill(0xff));
    const keptBytes = new MemoryStore(BESIDE);
    const preparation = await prepare(device, IMAGE, { keptBytes });
    expect(preparation.earlier).toEqual({ restored: BESIDE, left: [] });
    const { verifiedBytes } = await carryOut(device, preparation, { keptBytes });
    expect(verifiedBytes).toBe(OLD.length);
    for (const { address, bytes } of BESIDE) expect(contentOf(target, { address, bytes })).toEqual(bytes);
    expect(keptBytes.now).toEqual([]);
  });

  it('are written back also into sectors that this image does not touch, and where a write had begun', async () => {
    const { target, device } = board();
    target.poke(
      third.address,
      third.bytes.map((byte, i) => (i < 10 ? byte : i === 10 ? byte | 0x0f : 0xff)),
    );
    const keptBytes = new MemoryStore([third]);
    await program(device, new MemoryImage([{ address: START, bytes: new Uint8Array(100) }]), { keptBytes });
    expect(contentOf(target, third)).toEqual(third.bytes);
  });

  it('stay in the store where the flash holds something else by now', async () => {
    const { target, device } = board();
    target.poke(second.address, new Uint8Array(200).fill(0x5a));
    const before = contentOf(target, second);
    const keptBytes = new MemoryStore(BESIDE);
    await program(device, IMAGE, { keptBytes });
    expect(keptBytes.now).toEqual([second]);
    expect(contentOf(target, second)).toEqual(before);
  });

  it('are held on while this run is not proven', async () => {
    const { target, device } = board();
    target.poke(first.address, new Uint8Array(first.bytes.length).fill(0xff));
    const keptBytes = new MemoryStore([first]);
    const preparation = await prepare(device, IMAGE, { keptBytes });
    const from = target.transfers + 4;
    target.beforeTransfer = (index) => (index >= from ? gone() : undefined);
    await carryOut(device, preparation, { keptBytes }).catch(() => undefined);
    expect(keptBytes.now).toEqual([first, second, third]);
  });

  it('are of no use where the image itself takes their place', async () => {
    const { device } = board();
    const keptBytes = new MemoryStore(BESIDE);
    const image = new MemoryImage([{ address: START, bytes: new Uint8Array(OLD.length) }]);
    expect((await prepare(device, image, { keptBytes })).earlier).toEqual({ restored: [], left: [] });
    await program(device, image, { keptBytes });
    expect(keptBytes.now).toEqual([]);
  });

  it('are not touched where nothing beside the image is to be kept', async () => {
    const { device } = board();
    const keptBytes = new MemoryStore(BESIDE);
    await program(device, IMAGE, { keptBytes, keepBeside: false });
    expect(keptBytes.states).toEqual([]);
  });
});
