/** Every row of the chip table that has a board, through a V2-1. */
import { CHIPS } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { whyNoBoard } from './chip-board.ts';
import { MATRIX_ROWS, runThroughProbe } from './matrix.ts';

describe('behind an ST-LINK v2-1', () => {
  it.each(MATRIX_ROWS)('%s is programmed, changed, cut, completed and started', async (_, chip) => {
    expect(await runThroughProbe(chip, 'v2-1')).toEqual([]);
  });
});

describe('the rows without a board', () => {
  it('are those whose flash sizes nobody states', () => {
    const left = CHIPS.flatMap((chip) => {
      const why = whyNoBoard(chip);
      return why === undefined ? [] : [[chip.id, why]];
    });
    const why = 'no public source states its flash sizes';
    expect(left).toEqual([
      ['stm32h5e5', why],
      ['stm32wba25', why],
    ]);
  });
});
