/** A contiguous piece of cells with the rules that hold for it: what programming a unit does to them. It knows no time. */

import { disturbedByte } from '../random.ts';
import type { CellsBeside, FlashCells } from './datasheet.ts';
import { overlaid } from './datasheet.ts';

export interface CellBank {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  /** By unit: whether it counts as programmed. */
  readonly programmed: Uint8Array;
  /** Bytes that are programmed at once. */
  readonly unit: number;
  readonly erased: number;
  readonly kind: 'flash' | CellsBeside['kind'];
  readonly beside?: CellsBeside;
}

/** The regions of the flash, and behind them the memories beside it. */
export function cellBanks(cells: FlashCells): CellBank[] {
  const { regions, beside = [], programBytes, erasedByte = 0xff } = cells;
  const flash = regions.map(({ start, sectorBytes }) => {
    const size = sectorBytes.reduce((sum, bytes) => sum + bytes, 0);
    return newBank({ start, size, unit: programBytes, erased: erasedByte, kind: 'flash' });
  });
  const others = beside.map((each) => ({
    ...newBank({
      start: each.start,
      size: each.bytes,
      unit: each.programBytes ?? programBytes,
      erased: each.kind === 'eeprom' ? erasedByte : 0xff,
      kind: each.kind,
    }),
    beside: each,
  }));
  return [...flash, ...others];
}

function newBank(facts: Pick<CellBank, 'start' | 'unit' | 'erased' | 'kind'> & { readonly size: number }): CellBank {
  const { start, size, unit, erased, kind } = facts;
  const programmed = new Uint8Array(Math.ceil(size / unit));
  return { start, end: start + size, bytes: new Uint8Array(size).fill(erased), programmed, unit, erased, kind };
}

/** @returns whether `address` lies in a block of OTP whose lock byte says so */
export function isLockedBlock({ start, bytes, beside }: CellBank, address: number): boolean {
  const locks = beside?.locks;
  if (!locks) return false;
  const place = address < locks.at ? Math.floor((address - start) / locks.blockBytes) : address - locks.at;
  return bytes[locks.at - start + place] === 0;
}

/** Programs one unit as the silicon does. */
export function programUnit(
  { kind: cellKind, overwrite }: Pick<FlashCells, 'kind' | 'overwrite'>,
  bank: CellBank,
  { offset, wanted, next }: { readonly offset: number; readonly wanted: Uint8Array; readonly next: () => number },
): void {
  const { unit, erased, kind, programmed } = bank;
  const cells = bank.bytes.subarray(offset, offset + unit);
  const written = programmed[offset / unit] === 1;
  const blank = cellKind === 'ecc' ? !written : cells.every((byte) => byte === erased);
  programmed[offset / unit] = 1;
  if (blank || kind === 'eeprom') {
    cells.set(wanted);
    return;
  }
  if (overwrite === 'refuses' && wanted.some((byte) => byte !== 0)) return;
  for (let index = 0; index < unit; index += 1) {
    const both = overlaid(cells[index] ?? 0, wanted[index] ?? 0, erased);
    cells[index] = overwrite === 'corrupts' ? disturbedByte(next, both, erased) : both;
  }
}
