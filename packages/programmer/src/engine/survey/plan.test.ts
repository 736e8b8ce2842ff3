import { MemoryImage, type Segment } from '@sureflash/image';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../../testing/clocks.ts';
import { MemoryTarget, type RegionShape, regionOf } from '../../../testing/memory-target.ts';
import type { CellKind } from '../../target/geometry.ts';
import { eraseAndWrite } from '../change/erase-and-write.ts';
import { proveImage } from '../proof/proof.ts';
import { checkFlashPart, type Plan, planProgram } from './plan.ts';
import { survey } from './survey.ts';

const START = 0x0800_0000;
const imageOf = (...segments: readonly Segment[]): MemoryImage => new MemoryImage(segments);
const at = (address: number, ...bytes: readonly number[]): Segment => ({ address, bytes: Uint8Array.from(bytes) });
const filled = (address: number, length: number, value = 0): Segment => ({
  address,
  bytes: new Uint8Array(length).fill(value),
});

/** Bytes as firmware has them: noise, zeros and erased stretches. */
const content = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc
    .array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.tuple(fc.constantFrom(0, 0xff), fc.nat(90))), {
      maxLength: 12,
    })
    .map((pieces) => {
      const bytes = pieces.flatMap((piece) =>
        piece instanceof Uint8Array ? [...piece] : Array.from({ length: piece[1] }, () => piece[0]),
      );
      return Uint8Array.from(bytes.slice(0, maxLength));
    });

const SHAPES: readonly Pick<RegionShape, 'sizes' | 'writeSize' | 'cells'>[] = [
  { sizes: Array.from({ length: 8 }, () => 128), writeSize: 2, cells: 'plain' },
  { sizes: [64, 64, 64, 64, 256, 512], writeSize: 4, cells: 'plain' },
  { sizes: Array.from({ length: 8 }, () => 128), writeSize: 8, cells: 'ecc' },
  { sizes: [512, 512], writeSize: 32, cells: 'ecc' },
  { sizes: [32, 32, 64, 128, 256, 512], writeSize: 32, cells: 'ecc' },
];
const SIZE = 1024;

interface Case {
  readonly shape: Pick<RegionShape, 'sizes' | 'writeSize' | 'cells'>;
  readonly before: Uint8Array;
  readonly image: MemoryImage;
  readonly chunk: number;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    shape: fc.constantFrom(...SHAPES),
    before: content(SIZE),
    pieces: fc.array(fc.tuple(fc.nat(SIZE), content(400)), { minLength: 1, maxLength: 5 }),
    reuse: fc.boolean(),
    // Multiples of every write size, smaller and larger than sectors.
    chunk: fc.constantFrom(32, 64, 96, 2048),
  })
  .map(({ shape, before, pieces, reuse, chunk }) => {
    const segments: Segment[] = [];
    let end = 0;
    for (const [gap, bytes] of pieces) {
      const start = end + (gap % 200);
      const fitting = bytes.subarray(0, Math.max(0, SIZE - start));
      // Often much of the image is in the flash already.
      const old = Uint8Array.from(fitting, (byte, i) => (reuse && i % 64 < 48 ? (before[start + i] ?? 0xff) : byte));
      if (old.length > 0) segments.push({ address: START + start, bytes: old });
      end = start + old.length;
    }
    if (segments.length === 0) segments.push(at(START + 5, 1));
    return { shape, before, image: new MemoryImage(segments), chunk };
  });

function flashWith({ shape, before, chunk }: Case): MemoryTarget {
  const target = new MemoryTarget([regionOf({ start: START, ...shape })], chunk);
  // An erased byte of what was there before was programmed too: an ECC unit tells, a plain cell does not.
  target.poke(START, before);
  return target;
}

const whole = { start: START, end: START + SIZE };

describe('a plan that is carried out', () => {
  it.each([true, false])(
    'makes the flash the image, keepBeside %s, and touches nothing outside its sectors',
    async (keepBeside) => {
      await fc.assert(
        fc.asyncProperty(cases, async (subject) => {
          const { image } = subject;
          const target = flashWith(subject);
          const before = target.peek(whole);
          const findings = await survey(target, image, target.geometry, { keepBeside, replaceAll: false });
          const plan = planProgram(image, findings, undefined);
          expect(target.peek(whole)).toEqual(before);
          await eraseAndWrite(plan, target, { clock: new QuickClock() });
          const after = target.peek(whole);
          const wanted = before.slice();
          if (!keepBeside)
            for (const { sector, action } of plan.sectors)
              if (action === 'replace') wanted.fill(0xff, sector.start - START, sector.end - START);
          for (const { address, bytes } of image.segments) wanted.set(bytes, address - START);
          expect(after).toEqual(wanted);
          expect((await proveImage(target, plan.expected, target.geometry)).differing).toBe(0);
          expect(plan.writeBytes).toBe(
            target.log.reduce(
              (sum, line) => sum + (/^write \S+ (\d+)$/.exec(line)?.[1] ? Number(line.split(' ')[2]) : 0),
              0,
            ),
          );
        }),
        { numRuns: 400 },
      );
    },
  );

  it('has nothing to do the second time', async () => {
    const property = fc.asyncProperty(cases, async (subject) => {
      const target = flashWith(subject);
      const planned = async (): Promise<Plan> => {
        const findings = await survey(target, subject.image, target.geometry, { keepBeside: true, replaceAll: false });
        return planProgram(subject.image, findings, undefined);
      };
      await eraseAndWrite(await planned(), target, { clock: new QuickClock() });
      return (await planned()).sectors.every(({ action }) => action === 'keep');
    });
    expect((await fc.check(property)).failed).toBe(false);
  });

  it('is completed by the next one wherever it is stopped, and the reason comes out unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.double({ min: 0, max: 1, noNaN: true }), async (subject, share) => {
        const { image } = subject;
        const run = async (target: MemoryTarget, signal?: AbortSignal): Promise<void> => {
          const findings = await survey(target, image, target.geometry, {
            keepBeside: false,
            replaceAll: false,
            ...(signal && { signal }),
          });
          await eraseAndWrite(planProgram(image, findings, undefined), target, {
            clock: new QuickClock(),
            ...(signal && { signal }),
          });
        };
        const undisturbed = flashWith(subject);
        await run(undisturbed);
        const target = flashWith(subject);
        const stop = new AbortController();
        const reason = new Error('stop');
        const cut = Math.floor(share * (undisturbed.transfers - 1));
        target.beforeTransfer = (index) => {
          if (index === cut) stop.abort(reason);
        };
        await expect(run(target, stop.signal)).rejects.toBe(reason);
        expect(target.settled).toBe(1);
        target.beforeTransfer = () => undefined;
        await run(target);
        for (const { address, bytes } of image.segments) {
          expect(target.peek({ start: address, end: address + bytes.length })).toEqual(bytes);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('planProgram', () => {
  const shape = { start: START, sizes: [4096, 4096, 4096], writeSize: 8, cells: 'ecc' } as const;

  async function planned(image: MemoryImage, before: readonly Segment[] = [], cells: CellKind = 'ecc') {
    const target = new MemoryTarget([regionOf({ ...shape, cells })], 1024);
    for (const { address, bytes } of before) target.poke(address, bytes);
    const findings = await survey(target, image, target.geometry, { keepBeside: true, replaceAll: false });
    return planProgram(image, findings, undefined);
  }

  it.each([
    [
      'plain: long ones, and goes on over shorter ones',
      'plain' as const,
      [
        [0, 504],
        [3000, 1096],
      ],
    ],
    [
      'ECC: every unit, which could not be written any more',
      'ecc' as const,
      [
        [0, 8],
        [496, 8],
        [3000, 1096],
      ],
    ],
  ])('leaves out erased stretches, in cells that are %s', async (_, cells, writes) => {
    const bytes = Uint8Array.from({ length: 4096 }, (__, i) => (i < 8 || i === 500 || i >= 3000 ? 1 : 0xff));
    const plan = await planned(imageOf({ address: START, bytes }), [at(START, 0)], cells);
    expect(plan.sectors[0]?.writes.map((write) => [write.address - START, write.bytes.length])).toEqual(writes);
  });

  it('writes nothing into a sector that shall be erased', async () => {
    const plan = await planned(imageOf(filled(START, 4096, 0xff)), [at(START, 0)]);
    expect(plan).toMatchObject({ eraseBytes: 4096, writeBytes: 0, sectors: [{ action: 'replace', writes: [] }] });
  });

  it('widens writes to whole units and keeps what the flash holds beside the image', async () => {
    const plan = await planned(imageOf(at(START + 3, 1)), [at(START, 9, 9, 9, 9, 9)]);
    expect(plan.sectors[0]?.writes).toEqual([at(START, 9, 9, 9, 1, 9, 0xff, 0xff, 0xff)]);
    expect(plan.expected.byteLength).toBe(4096);
  });

  it('plans a write for each sector that the image touches, also where only one byte reaches into it', async () => {
    const plan = await planned(imageOf(filled(START + 4095, 2)));
    expect(plan.sectors.map(({ sector, writes }) => [sector.index, writes[0]?.address])).toEqual([
      [0, START + 4088],
      [1, START + 4096],
    ]);
  });
});

describe('checkFlashPart', () => {
  const regions = [
    regionOf({ start: START, sizes: [1024, 1024], readOnly: [0] }),
    regionOf({ start: START + 2048, sizes: [1024] }),
    regionOf({ start: 0x1fff_f800, sizes: [16], kind: 'option-bytes' }),
    regionOf({ start: 0xffff_fc00, sizes: [1024] }),
  ];
  const error = (image: MemoryImage, force = false): unknown => {
    try {
      checkFlashPart(image, regions, force);
    } catch (caught) {
      return caught;
    }
    return 'fits';
  };

  it('accepts what lies in flash, to its last byte and to the end of the address space', () => {
    expect(error(imageOf(filled(START + 1024, 1024)))).toBe('fits');
    expect(error(imageOf(filled(START + 2048, 1024)))).toBe('fits');
    expect(error(imageOf(filled(0xffff_fc00, 1024)))).toBe('fits');
  });

  it.each([
    ['one byte past the flash', filled(START + 2048, 1025)],
    ['one byte before it', at(START - 1, 0)],
    ['option bytes', at(0x1fff_f800, 0)],
    ['bytes from one region into the next', filled(START + 2047, 2)],
  ])('refuses %s, and names what there is', (_, segment) => {
    expect(error(imageOf(segment), true)).toMatchObject({
      code: 'plan/outside',
      facts: {
        start: segment.address,
        end: segment.address + segment.bytes.length,
        available: [
          'Flash 0x08000000 to 0x080007FF',
          'Flash 0x08000800 to 0x08000BFF',
          'Flash 0xFFFFFC00 to 0xFFFFFFFF',
        ],
      },
    });
  });

  it('names the memories beside the flash too that take what a file has for them', () => {
    const others = [
      regionOf({ start: 0x0808_0000, sizes: [256], kind: 'eeprom' }),
      regionOf({ start: 0x1fff_7800, sizes: [512], kind: 'otp' }),
    ];
    const check = (): void => checkFlashPart(imageOf(at(0x2000_0000, 0)), [...regions, ...others], true);
    expect(check).toThrow('"Flash 0x08080000 to 0x080800FF","Flash 0x1FFF7800 to 0x1FFF79FF"]');
  });

  it('refuses sectors that the device marks as read-only, unless forced', () => {
    const image = imageOf(filled(START + 1000, 100));
    expect(error(image)).toMatchObject({ code: 'plan/read-only', facts: { start: START, end: START + 1024 } });
    expect(error(image, true)).toBe('fits');
  });

  it('refuses an image without bytes', () => {
    expect(error(imageOf())).toMatchObject({ code: 'plan/empty' });
  });
});
