import { describe, expect, it } from 'vitest';
import { noiseFor, START, telling } from '../../testing/composed.ts';
import { drive, hex } from '../../testing/drive.ts';
import type { Board } from '../board.ts';
import { VirtualClock } from '../clock.ts';
import { composedBoard } from './board.ts';
import { kindNames } from './compose.ts';
import { COMPOSED_CHIPS } from './geometry.ts';
import { sameBytes } from './run.ts';

const BLOCK = 1024;

function boardWith(kind: string, seed = 1) {
  const composed = composedBoard(seed, { kind, chip: 'F105' });
  const content = noiseFor('F105');
  const board = composed.create(new VirtualClock(), { flash: [{ address: START, bytes: content }] });
  const { device } = board;
  if (!device) throw new Error('no device');
  return { board, dfu: drive(device), loader: composed.loader.restart(content), device };
}

const word = (address: number): string => hex(new Uint8Array(Uint32Array.of(address).buffer));

/** A download, until the class is ready for the next. */
function download({ dfu }: ReturnType<typeof boardWith>, block: number, bytes: Uint8Array | string): void {
  expect(dfu.download(block, bytes)).toBe('ack');
  dfu.status();
  dfu.status();
}

const flashOf = (board: Board): Uint8Array => board.flash.peek(START, 0x1_0000);

describe('a composed board', () => {
  it.each(kindNames({ outside: false, chip: 'F105' }))(
    'does on the wire what its loader does in memory: %s',
    (kind) => {
      const bench = boardWith(kind);
      const { board, dfu, loader } = bench;
      const base = START + 0x1000;
      for (const address of [base, base + 0x800]) {
        download(bench, 0, `41 ${word(address)}`);
        loader.apply({ kind: 'erase', address, length: 0x800 });
      }
      download(bench, 0, `21 ${word(base)}`);
      for (const index of [0, 1, 2]) {
        const bytes = telling(index === 2 ? 600 : BLOCK, index);
        download(bench, index + 2, bytes);
        loader.apply({ kind: 'write', base, number: index + 2, address: base + index * BLOCK, bytes });
      }
      expect(sameBytes(flashOf(board), loader.peek(START, 0x1_0000))).toBe(true);
      dfu.abort();
      for (const number of [2, 3, 4]) {
        const answer = loader.read({ base, number, address: base + (number - 2) * BLOCK, length: BLOCK });
        expect(dfu.upload(number, BLOCK)).toBe(hex(answer));
      }
    },
  );

  it.each(COMPOSED_CHIPS)('shows the map of its chip: %s', (chip) => {
    const board = composedBoard(1, { chip }).create(new VirtualClock());
    expect(board.flash.contains(START)).toBe(true);
    expect(board.device?.configurationDescriptor.length).toBeGreaterThan(0);
  });

  it('takes the time of its cells, and none where nothing is done', () => {
    const [right, empty] = ['write-short-lost', 'erase-empty'].map((kind) => {
      const bench = boardWith(kind);
      bench.dfu.download(0, `41 ${word(START)}`);
      bench.dfu.status();
      return bench.device.busyUntil;
    });
    expect([right, empty]).toEqual([20, 0]);
  });

  it('gives the device id from the memory of its chip', () => {
    const bench = boardWith('write-empty');
    download(bench, 0, `21 ${word(0x1fff_f7e8)}`);
    bench.dfu.abort();
    const uid = bench.board.chip.read(0x1fff_f7e8, 12);
    expect(bench.dfu.upload(2, 12)).toBe(hex(uid ?? new Uint8Array()));
  });
});
