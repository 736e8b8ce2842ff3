/** One suite for every `Target`, whatever the wire: what the engine relies on. It knows no protocol. */
import { afterEach, describe, expect, it } from 'vitest';
import { describeRegions, type Range, type Region, regionHolding, type Sector } from '../src/target/geometry.ts';
import type { Target } from '../src/target/target.ts';

/** A target with its memory seen past the wire. */
export interface TargetSubject {
  readonly target: Target;
  readonly peek: (range: Range) => Uint8Array;
  /** Puts bytes into the flash as if they had been programmed before. */
  readonly load: (address: number, bytes: Uint8Array) => void;
  /** Transfers so far. */
  readonly transfers: () => number;
}

export interface SuiteOptions {
  /** An application may erase itself, and its answer with it. */
  readonly canEraseAll?: boolean;
}

/** The suite uses neighbouring sectors of flash that may be erased: so many, and so many bytes. */
const LEAST = { sectors: 3, bytes: 12 * 1024 } as const;
/** Reads and writes stay within so many bytes: some sectors are large, and models of flash cost time. */
const WINDOW_BYTES = 12 * 1024;
/** So much of each sector is filled before each test. */
const FILLED_BYTES = 64;
const FAR_AWAY = { start: 0xf000_0000, end: 0xf000_0010 };

/** @param open a fresh subject */
export function describeTarget(
  name: string,
  open: () => Promise<TargetSubject>,
  { canEraseAll = true }: SuiteOptions = {},
): void {
  describe(`${name} as a target`, () => {
    let subject: TargetSubject | undefined;

    /** Neighbouring sectors that begin with bytes that are not erased; `window` is full of such. */
    async function start() {
      subject = await open();
      const { target, peek, load, transfers } = subject;
      const { flash, sectors } = usable(target);
      const [first, second, third] = sectors;
      if (!first || !second || !third) throw new Error('a subject has at least three sectors');
      const window = { start: first.start, end: first.start + WINDOW_BYTES };
      const beginOf = ({ start: at }: Range): Uint8Array => peek({ start: at, end: at + FILLED_BYTES });
      load(window.start, pattern(WINDOW_BYTES));
      for (const sector of sectors) if (sector.start >= window.end) load(sector.start, pattern(FILLED_BYTES, 3));
      return { target, peek, beginOf, transfers, flash, sectors, first, second, third, window };
    }

    afterEach(async () => {
      await subject?.target[Symbol.asyncDispose]();
      subject = undefined;
    });

    it('has regions with sectors in ascending order that do not overlap', async () => {
      const { target } = await start();
      expect(target.about.title).not.toBe('');
      for (const { sectors, start: from, end, writeSize } of target.geometry) {
        expect(writeSize).toBeGreaterThan(0);
        expect([sectors[0]?.start, sectors.at(-1)?.end]).toEqual([from, end]);
        sectors.forEach((sector, i) => {
          expect(sector.index).toBe(i);
          expect(sector.start).toBeGreaterThanOrEqual(sectors[i - 1]?.end ?? 0);
        });
      }
    });

    describe('read', () => {
      it('gives what the memory holds, from any address to any other', async () => {
        const { target, peek, window } = await start();
        const { start: from, end } = window;
        for (const range of [
          window,
          { start: from, end: from + 1 },
          { start: from + 1, end: from + 2 },
          { start: from + 127, end: from + 130 },
          { start: from + 2045, end: from + 2045 + 2051 },
          { start: end - 1, end },
        ]) {
          expect(differenceOf(await readAll(target, range), peek(range))).toBe('none');
        }
      });

      it('gives chunks in ascending order without gaps', async () => {
        const { target, window } = await start();
        let next = window.start + 5;
        for await (const { address, bytes } of target.read({ start: next, end: window.end })) {
          expect(address).toBe(next);
          expect(bytes.length).toBeGreaterThan(0);
          next += bytes.length;
        }
        expect(next).toBe(window.end);
      });

      it('gives chunks that belong to the receiver: to change one changes nothing else', async () => {
        const { target, peek, window } = await start();
        const before = peek(window);
        const seen = new Uint8Array(WINDOW_BYTES);
        for await (const { address, bytes } of target.read(window)) {
          seen.set(bytes, address - window.start);
          bytes.fill(0x5a);
        }
        expect(differenceOf(seen, before)).toBe('none');
        expect(differenceOf(peek(window), before)).toBe('none');
        expect(differenceOf(await readAll(target, window), before)).toBe('none');
      });

      it('can be left early, and the target can be used on', async () => {
        const { target, peek, first, window, flash } = await start();
        for await (const _ of target.read(window)) break;
        expect(differenceOf(await readAll(target, window), peek(window))).toBe('none');
        for await (const _ of target.read(window)) break;
        await target.erase([first]);
        expect(isErased(peek(first), flash)).toBe(true);
      });

      it('ends with the reason of a signal, unchanged, and the target can be used on', async () => {
        const { target, peek, window } = await start();
        const stop = new AbortController();
        const reason = { why: 'enough' };
        const reading = async (): Promise<void> => {
          for await (const _ of target.read(window, { signal: stop.signal })) stop.abort(reason);
        };
        expect(await failureOf(reading())).toBe(reason);
        expect(differenceOf(await readAll(target, window), peek(window))).toBe('none');
      });
    });

    describe('erase', () => {
      it('erases these sectors and no others', async () => {
        const { target, peek, beginOf, flash, first, second, third } = await start();
        const [before, behind] = [beginOf(first), beginOf(third)];
        await target.erase([second]);
        expect(isErased(peek(second), flash)).toBe(true);
        expect([beginOf(first), beginOf(third)]).toEqual([before, behind]);
      });

      it('tells of each sector when it is erased, in the order of the call', async () => {
        const { target, peek, flash, first, second, third } = await start();
        const told: Sector[] = [];
        await target.erase([third, first, second], {
          onErased: (sector) => {
            expect(isErased(peek(sector), flash)).toBe(true);
            told.push(sector);
          },
        });
        expect(told).toEqual([third, first, second]);
      });

      it('stops between two sectors with the reason of a signal, unchanged, and can go on', async () => {
        const { target, peek, beginOf, flash, sectors, first, third } = await start();
        const stop = new AbortController();
        const reason = { why: 'enough' };
        const told: Sector[] = [];
        const onErased = (sector: Sector): void => {
          told.push(sector);
          stop.abort(reason);
        };
        expect(await failureOf(target.erase(sectors, { signal: stop.signal, onErased }))).toBe(reason);
        expect(told).toEqual([first]);
        expect(isErased(beginOf(third), flash)).toBe(false);
        await target.settle();
        await target.erase([third]);
        expect(isErased(peek(third), flash)).toBe(true);
      });
    });

    describe('write', () => {
      it('writes single units and many, and nothing else', async () => {
        const { target, peek, flash, sectors, window } = await start();
        await target.erase(sectors.filter((sector) => sector.start < window.end));
        const expected = peek(window);
        const unit = flash.writeSize;
        for (const [at, units] of [
          [0, 1],
          [4 * unit, 3],
          [WINDOW_BYTES / 2 - unit, 2],
          [WINDOW_BYTES - 4 * unit, 4],
        ] as const) {
          const bytes = pattern(units * unit, 7);
          await target.write(window.start + at, bytes);
          expected.set(bytes, at);
        }
        expect(differenceOf(peek(window), expected)).toBe('none');
      });

      it('tells how many bytes are done, ever more, and all of them in the end', async () => {
        const { target, peek, flash, sectors, window } = await start();
        await target.erase(sectors.filter((sector) => sector.start < window.end));
        const bytes = pattern(WINDOW_BYTES - flash.writeSize, 9);
        const done: number[] = [];
        await target.write(window.start, bytes, {
          onBytes: (count) => {
            const last = done.at(-1) ?? 0;
            const found = peek({ start: window.start + last, end: window.start + count });
            expect(differenceOf(found, bytes.subarray(last, count))).toBe('none');
            done.push(count);
          },
        });
        expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
        expect(done.at(-1)).toBe(bytes.length);
      });

      it('takes part of a larger buffer', async () => {
        const { target, peek, flash, first } = await start();
        await target.erase([first]);
        const larger = pattern(flash.writeSize * 3, 11);
        const part = larger.subarray(flash.writeSize, 2 * flash.writeSize);
        await target.write(first.start, part);
        expect(peek({ start: first.start, end: first.start + flash.writeSize })).toEqual(part);
      });

      it('stops between two transfers with the reason of a signal, unchanged, and can go on', async () => {
        const { target, peek, flash, sectors, window } = await start();
        const touched = sectors.filter((sector) => sector.start < window.end);
        await target.erase(touched);
        const stop = new AbortController();
        const reason = { why: 'enough' };
        const bytes = pattern(WINDOW_BYTES, 13);
        const onBytes = (): void => stop.abort(reason);
        expect(await failureOf(target.write(window.start, bytes, { signal: stop.signal, onBytes }))).toBe(reason);
        expect(isErased(peek({ start: window.end - flash.writeSize, end: window.end }), flash)).toBe(true);
        await target.settle();
        await target.erase(touched);
        await target.write(window.start, bytes);
        expect(differenceOf(peek(window), bytes)).toBe('none');
      });
    });

    it('sends nothing when the signal is aborted before it begins', async () => {
      const { target, peek, transfers, first, window, flash } = await start();
      const before = peek(window);
      await target.settle();
      const sent = transfers();
      const signal = AbortSignal.abort('no');
      expect(await failureOf(target.erase([first], { signal }))).toBe('no');
      expect(await failureOf(target.write(first.start, pattern(flash.writeSize), { signal }))).toBe('no');
      expect(transfers()).toBe(sent);
      expect(differenceOf(peek(window), before)).toBe('none');
    });

    it('refuses addresses at which it has no memory, and says what it has', async () => {
      const { target, peek, window } = await start();
      const before = peek(window);
      const refusal = { code: 'plan/outside', facts: { start: FAR_AWAY.start } };
      const sector = { ...FAR_AWAY, index: 0, readable: true, erasable: true, writable: true };
      expect(await failureOf(target.write(FAR_AWAY.start, new Uint8Array(16)))).toMatchObject(refusal);
      expect(await failureOf(target.erase([sector]))).toMatchObject(refusal);
      const failure = await failureOf(readAll(target, FAR_AWAY));
      expect(failure).toMatchObject({ ...refusal, facts: { available: describeRegions(target.geometry) } });
      expect(differenceOf(peek(window), before)).toBe('none');
    });

    it('settles at any time, again and again, and can be used on', async () => {
      const { target, peek, window } = await start();
      await target.settle();
      await target.settle();
      expect(differenceOf(await readAll(target, window), peek(window))).toBe('none');
    });

    it.skipIf(!canEraseAll)('erases all of its flash', async () => {
      const { target, peek, flash, sectors } = await start();
      await target.eraseAll();
      for (const sector of sectors) expect(isErased(peek(sector), flash)).toBe(true);
    });

    it('takes it for a success that the device vanishes when it leaves', async () => {
      const { target, first } = await start();
      await expect(target.leave(first.start)).resolves.toBeUndefined();
    });
  });
}

/** The first neighbouring sectors of flash that may be erased, as many as the suite needs. */
function usable(target: Target): { flash: Region; sectors: readonly Sector[] } {
  for (const flash of target.geometry.filter(({ kind }) => kind === 'flash')) {
    const open = flash.sectors.filter(({ erasable, writable }) => erasable && writable);
    const [first] = open;
    if (!first) continue;
    const count = open.findIndex(({ end }, i) => i + 1 >= LEAST.sectors && end - first.start >= LEAST.bytes) + 1;
    const sectors = open.slice(0, count);
    const last = sectors.at(-1);
    if (last && regionHolding([flash], { start: first.start, end: last.end })) return { flash, sectors };
  }
  throw new Error(`no ${LEAST.sectors} neighbouring sectors of flash with ${LEAST.bytes} bytes may be erased`);
}

async function readAll(target: Target, range: Range): Promise<Uint8Array> {
  const all = new Uint8Array(range.end - range.start);
  for await (const { address, bytes } of target.read(range)) all.set(bytes, address - range.start);
  return all;
}

/** Where two pieces of memory differ, in words: comparing thousands of bytes one by one takes a test runner long. */
function differenceOf(found: Uint8Array, expected: Uint8Array): string {
  if (found.length !== expected.length) return `${found.length} bytes instead of ${expected.length}`;
  const at = found.findIndex((byte, i) => byte !== expected[i]);
  return at < 0 ? 'none' : `${found[at]} instead of ${expected[at]} at offset ${at}`;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

function isErased(bytes: Uint8Array, { erasedValue }: Region): boolean {
  return bytes.every((byte) => byte === erasedValue);
}

/** Bytes without long stretches of one value, others for another seed. */
function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + seed * 59 + 3) & 0xff);
}
