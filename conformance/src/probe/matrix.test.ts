/** Every row of the chip table that has a board, through a V2-1 and a V3. */
import { CHIPS, chipName } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { whyNoBoard } from './chip-board.ts';
import { runThroughProbe } from './matrix.ts';

const ROWS = CHIPS.filter((chip) => whyNoBoard(chip) === undefined);

describe.each(['v2-1', 'v3e'] as const)('behind an ST-LINK %s', (probe) => {
  it.each(ROWS.map((chip) => [chipName(chip), chip] as const))(
    '%s is programmed, changed, cut, completed and started',
    async (_, chip) => {
      expect(await runThroughProbe(chip, probe)).toEqual([]);
    },
  );
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
