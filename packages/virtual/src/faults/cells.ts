/** Faults of flash cells, and of loaders that acknowledge what they do not do. */

import { word32 } from '../bytes.ts';
import type { Sector } from '../flash/datasheet.ts';
import type { Reply } from '../usb/model.ts';
import type { Disturbance, FaultBench, FaultKind, Request, Transfer } from './fault.ts';
import { isErase } from './requests.ts';

const begins = (kind: 'erase' | 'program') => (transfer: Transfer) => transfer.begins === kind;

/** Lets a request take effect while these sectors keep what they hold. */
function withKept(sectors: readonly Sector[], request: Request, bench: FaultBench): Reply {
  const { flash } = bench.board;
  const before = flash.sectors.filter(({ index }) => flash.isProtected(index)).map(({ index }) => index);
  flash.protect([...before, ...sectors.map(({ index }) => index)]);
  try {
    return bench.deliver(request);
  } finally {
    flash.protect(before);
  }
}

const nothingChanges: Disturbance = (request, bench) => withKept(bench.board.flash.sectors, request, bench);

/** The sector of one erase, from then on. */
function deadSector(): Disturbance {
  let dead: Sector | undefined;
  return (request, bench) => {
    const { pending, board } = bench;
    if (!isErase(pending)) return bench.deliver(request);
    const sector = board.flash.sectorAt(word32(pending.data, 1));
    dead ??= sector;
    return dead && sector === dead ? withKept([dead], request, bench) : bench.deliver(request);
  };
}

interface StuckCell {
  readonly address: number;
  readonly mask: number;
}

const STUCK_CELLS = 3;

/** Some bits of what one write brings stay at `value`, from then on. */
const stuckCells = (value: 0 | 1) => (): Disturbance => {
  let cells: readonly StuckCell[] | undefined;
  return (request, bench) => {
    const { flash } = bench.board;
    const before = cells ? [] : flash.sectors.map(({ start, end }) => flash.peek(start, end - start));
    const reply = bench.deliver(request);
    cells ??= chooseCells(bench, before, value);
    for (const { address, mask } of cells) {
      const [byte = 0] = flash.peek(address, 1);
      const stuck = value === 0 ? byte & ~mask : byte | mask;
      if (stuck !== byte) flash.load(address, Uint8Array.of(stuck));
    }
    return reply;
  };
};

/** Bits of bytes that were just programmed, each the other way round than it will be kept. */
function chooseCells(bench: FaultBench, before: readonly Uint8Array[], value: 0 | 1): StuckCell[] {
  const { flash } = bench.board;
  const changed: StuckCell[] = [];
  for (const [index, { start, end }] of flash.sectors.entries()) {
    const old = before[index];
    const now = flash.peek(start, end - start);
    for (const [at, byte] of now.entries()) {
      if (byte === old?.[at]) continue;
      const bits = [1, 2, 4, 8, 16, 32, 64, 128].filter((mask) => ((byte & mask) !== 0) === (value === 0));
      const mask = bits[Math.floor(bench.random() * bits.length)];
      if (mask !== undefined) changed.push({ address: start + at, mask });
    }
  }
  return Array.from({ length: STUCK_CELLS }, () => changed[Math.floor(bench.random() * changed.length)]).filter(
    (cell) => cell !== undefined,
  );
}

export const CELL_FAULTS: readonly FaultKind[] = [
  {
    name: 'erase-skipped',
    area: 'flash',
    title: 'One erase is acknowledged and not done.',
    lasts: 'once',
    applies: begins('erase'),
    begin: () => nothingChanges,
  },
  {
    name: 'write-skipped',
    area: 'flash',
    title: 'One write is acknowledged and not done.',
    lasts: 'once',
    applies: begins('program'),
    begin: () => nothingChanges,
  },
  {
    name: 'changes-skipped',
    area: 'flash',
    title: 'From one operation on erases and writes are acknowledged and not done.',
    lasts: 'healing',
    applies: (transfer) => transfer.begins !== undefined,
    begin: () => nothingChanges,
  },
  {
    name: 'dead-sector',
    area: 'flash',
    title: 'One sector no longer erases.',
    lasts: 'healing',
    applies: begins('erase'),
    begin: deadSector,
  },
  {
    name: 'cells-stuck-at-0',
    area: 'flash',
    title: 'Three bits stay 0.',
    lasts: 'healing',
    applies: begins('program'),
    begin: stuckCells(0),
  },
  {
    name: 'cells-stuck-at-1',
    area: 'flash',
    title: 'Three bits stay 1.',
    lasts: 'healing',
    applies: begins('program'),
    begin: stuckCells(1),
  },
];
