import { describe, expect, it } from 'vitest';
import type { FlashCells } from './datasheet.ts';
import { Flash } from './flash.ts';

const BASE = 0x0800_0000;

function cells(change: Partial<FlashCells> = {}): FlashCells {
  return {
    regions: [{ start: BASE, sectorBytes: [1024, 1024, 4096] }],
    kind: 'plain',
    overwrite: 'clears',
    programBytes: 4,
    programMs: 2,
    eraseMs: { 1024: 100, 4096: 300 },
    massEraseMs: 500,
    ...change,
  };
}

const ECC = { kind: 'ecc', overwrite: 'refuses', programBytes: 8 } as const;
const bytes = (...values: number[]) => Uint8Array.from(values);
const fill = (length: number, value: number) => new Uint8Array(length).fill(value);

describe('Flash', () => {
  it('is erased at first', () => {
    expect(new Flash(cells()).peek(BASE, 6144).every((byte) => byte === 0xff)).toBe(true);
  });

  it('takes its time for each unit it programs', () => {
    const flash = new Flash(cells());
    expect(flash.program(BASE, fill(16, 0), 1000)).toBe(1008);
    expect(flash.statistics).toEqual({ eraseMs: 0, programMs: 8, erases: 0, programmedBytes: 16, ignored: 0 });
  });

  it('erases the sector around an address, in the time of its size, and counts wear', () => {
    const flash = new Flash(cells());
    flash.load(BASE, fill(6144, 0));
    expect(flash.erase(BASE + 3000, 10)).toBe(310);
    expect(flash.peek(BASE + 2047, 2)).toEqual(bytes(0, 0xff));
    expect([flash.wear(1), flash.wear(2)]).toEqual([0, 1]);
    expect(flash.statistics).toMatchObject({ eraseMs: 300, erases: 1 });
  });

  it('erases all in the time of a mass erase', () => {
    const flash = new Flash(cells());
    flash.load(BASE, fill(6144, 0));
    expect(flash.eraseAll(0)).toBe(500);
    expect(flash.peek(BASE, 6144).every((byte) => byte === 0xff)).toBe(true);
    expect([flash.wear(0), flash.wear(1), flash.wear(2)]).toEqual([1, 1, 1]);
  });

  it('only clears bits where cells are of the F4’s kind', () => {
    const flash = new Flash(cells());
    flash.program(BASE, bytes(0xf0, 0xf0, 0xf0, 0xf0), 0);
    flash.program(BASE, bytes(0xff, 0x3c, 0x0f, 0x00), 0);
    expect(flash.peek(BASE, 4)).toEqual(bytes(0xf0, 0x30, 0x00, 0x00));
  });

  it('erases to zero and sets bits on the L0, and refuses a word that is not erased', () => {
    const flash = new Flash(cells({ ...ECC, programBytes: 4, erasedByte: 0x00 }));
    expect(flash.peek(BASE, 8)).toEqual(fill(8, 0));
    flash.program(BASE, bytes(0xf0, 1, 2, 3, 4), 0);
    flash.program(BASE, bytes(0x0f, 0, 0, 0), 0);
    expect(flash.peek(BASE, 8)).toEqual(bytes(0xf0, 1, 2, 3, 4, 0, 0, 0));
    flash.erase(BASE, 0);
    expect(flash.peek(BASE, 8)).toEqual(fill(8, 0));
    const plain = new Flash(cells({ erasedByte: 0x00 }));
    plain.program(BASE, bytes(0x10, 0, 0, 0), 0);
    plain.program(BASE, bytes(0x01, 2, 0, 0), 0);
    expect(plain.peek(BASE, 4)).toEqual(bytes(0x11, 2, 0, 0));
  });

  it('programs aligned bursts in the time of one unit, and what is beside them unit by unit', () => {
    const flash = new Flash(cells({ burstBytes: 64 }));
    expect(flash.program(BASE, fill(128, 0), 0)).toBe(2 * 2);
    expect(flash.program(BASE + 128 + 60, fill(72, 0), 0)).toBe((1 + 1 + 1) * 2);
    expect(flash.program(BASE + 512 + 32, fill(64, 0), 0)).toBe(16 * 2);
    flash.protect([1]);
    expect(flash.program(BASE + 1024 - 64, fill(128, 0), 0)).toBe(16 * 2);
  });

  it.each([1, 2, 4, 8])('programs %d bytes in the time of one where an operation takes up to 8', (width) => {
    const flash = new Flash(cells({ programBytes: 1, operationBytes: 8 }));
    expect(flash.program(BASE, fill(width, 0), 0)).toBe(2);
    expect(flash.peek(BASE, 9)).toEqual(Uint8Array.from({ length: 9 }, (_, at) => (at < width ? 0 : 0xff)));
  });

  it('keeps the units of a burst that were done when power failed', () => {
    const flash = new Flash(cells({ burstBytes: 64 }));
    flash.program(BASE, fill(128, 0), 0);
    flash.powerCut(2.5);
    expect(flash.peek(BASE, 80)).toEqual(fill(80, 0));
    expect(flash.peek(BASE + 84, 44)).toEqual(fill(44, 0xff));
  });

  it('refuses a half-word that is not erased on the F1, except to zero', () => {
    const flash = new Flash(cells({ overwrite: 'refuses', programBytes: 2 }));
    flash.program(BASE, bytes(0x12, 0x34, 0x56, 0x78), 0);
    flash.program(BASE, bytes(0x00, 0x34, 0x00, 0x00), 0);
    expect(flash.peek(BASE, 4)).toEqual(bytes(0x12, 0x34, 0x00, 0x00));
  });

  it('programs a word with ECC once, even if it was all ones', () => {
    const flash = new Flash(cells(ECC));
    flash.program(BASE, fill(8, 0xff), 0);
    flash.program(BASE, fill(8, 0x12), 0);
    expect(flash.peek(BASE, 8)).toEqual(fill(8, 0xff));
    flash.program(BASE, fill(8, 0), 0);
    expect(flash.peek(BASE, 8)).toEqual(fill(8, 0));
    flash.erase(BASE, 0);
    flash.program(BASE, fill(8, 0x12), 0);
    expect(flash.peek(BASE, 8)).toEqual(fill(8, 0x12));
  });

  it('spoils a word with ECC that is programmed twice on the H7', () => {
    const flash = new Flash(cells({ ...ECC, overwrite: 'corrupts', programBytes: 32 }));
    flash.program(BASE, fill(32, 0x55), 0);
    flash.program(BASE, fill(32, 0xaa), 0);
    expect(flash.peek(BASE, 32)).not.toEqual(fill(32, 0x00));
    expect(flash.peek(BASE, 32)).not.toEqual(fill(32, 0xaa));
  });

  it('pads a short write to whole units with ones', () => {
    const flash = new Flash(cells(ECC));
    expect(flash.program(BASE, bytes(1, 2, 3), 0)).toBe(2);
    expect(flash.peek(BASE, 8)).toEqual(bytes(1, 2, 3, 0xff, 0xff, 0xff, 0xff, 0xff));
  });

  it('ignores erase and write of a protected sector, in no time', () => {
    const flash = new Flash(cells());
    flash.load(BASE + 1024, fill(1024, 0x11));
    flash.protect([1]);
    expect(flash.erase(BASE + 1024, 7)).toBe(7);
    expect(flash.program(BASE + 1024, fill(8, 0), 7)).toBe(7);
    expect(flash.eraseAll(7)).toBe(7);
    expect(flash.peek(BASE + 1024, 1024)).toEqual(fill(1024, 0x11));
    expect(flash.statistics).toEqual({ eraseMs: 0, programMs: 0, erases: 0, programmedBytes: 0, ignored: 3 });
  });

  it('programs the open part of a write that reaches into a protected sector', () => {
    const flash = new Flash(cells());
    flash.protect([1]);
    expect(flash.program(BASE + 1020, fill(8, 0), 0)).toBe(2);
    expect(flash.peek(BASE + 1020, 8)).toEqual(bytes(0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff));
  });
});

describe('a power cut', () => {
  it('keeps the units that were done and leaves those that were not', () => {
    const flash = new Flash(cells());
    flash.program(BASE, fill(40, 0), 1000);
    flash.powerCut(1000 + 3 * 2 + 1);
    expect(flash.peek(BASE, 12)).toEqual(fill(12, 0));
    expect(flash.peek(BASE + 16, 24)).toEqual(fill(24, 0xff));
    expect(flash.peek(BASE + 12, 4)).not.toEqual(fill(4, 0));
  });

  it('leaves a word with ECC half done, so that only an erase helps', () => {
    const flash = new Flash(cells(ECC));
    flash.program(BASE, fill(16, 0x12), 0);
    flash.powerCut(1);
    const broken = flash.peek(BASE, 8);
    flash.program(BASE, fill(16, 0x12), 100);
    expect(flash.peek(BASE, 8)).toEqual(broken);
    expect(flash.peek(BASE + 8, 8)).toEqual(fill(8, 0x12));
  });

  it('leaves a sector half erased: some bytes old, some cleared', () => {
    const flash = new Flash(cells());
    flash.load(BASE, fill(1024, 0));
    flash.erase(BASE, 0);
    flash.powerCut(50);
    const left = flash.peek(BASE, 1024);
    const count = (value: number) => left.filter((byte) => byte === value).length;
    expect(count(0)).toBeGreaterThan(300);
    expect(count(0xff)).toBeGreaterThan(300);
    expect(count(0) + count(0xff)).toBeLessThan(1024);
  });

  it('does not touch what is finished', () => {
    const flash = new Flash(cells());
    flash.program(BASE, fill(8, 0x21), 0);
    flash.powerCut(4);
    flash.powerCut(1);
    expect(flash.peek(BASE, 8)).toEqual(fill(8, 0x21));
  });

  it('is the same for the same seed', () => {
    const cut = (seed: number) => {
      const flash = new Flash(cells(), seed);
      flash.load(BASE, fill(1024, 0x3c));
      flash.erase(BASE, 0);
      flash.powerCut(30);
      return flash.peek(BASE, 1024);
    };
    expect(cut(5)).toEqual(cut(5));
    expect(cut(5)).not.toEqual(cut(6));
  });
});
