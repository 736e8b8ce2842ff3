/** Every row of the chip table that has a board, through a V3. In a file of its own, so that it runs beside that of the V2-1. */
import { describe, expect, it } from 'vitest';
import { MATRIX_ROWS, runThroughProbe } from './matrix.ts';

describe('behind an ST-LINK v3e', () => {
  it.each(MATRIX_ROWS)('%s is programmed, changed, cut, completed and started', async (_, chip) => {
    expect(await runThroughProbe(chip, 'v3e')).toEqual([]);
  });
});
