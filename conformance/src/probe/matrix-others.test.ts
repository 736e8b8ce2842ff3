/**
 * A row of each family through a V3 or a CMSIS-DAP probe, by turns, or with ALL_ROWS=1 in the environment every row that has a
 * board through both: minutes more, for probes that differ from a V2-1 in their own commands and not in what they say to a chip.
 */
import { describe, expect, it } from 'vitest';
import { MATRIX_ROWS, runThroughProbe } from './matrix.ts';

const FIRST_OF_FAMILIES = MATRIX_ROWS.filter(
  ([, { family }], at) => MATRIX_ROWS.findIndex(([, chip]) => chip.family === family) === at,
);
const rowsOf = (turn: number): typeof MATRIX_ROWS =>
  process.env['ALL_ROWS'] === undefined ? FIRST_OF_FAMILIES.filter((_, at) => at % 2 === turn) : MATRIX_ROWS;

describe('behind an ST-LINK v3e', () => {
  it.each(rowsOf(0))('%s is programmed, changed, cut, completed and started', async (_, chip) => {
    expect(await runThroughProbe(chip, 'v3e')).toEqual([]);
  });
});

describe('behind a CMSIS-DAP mcu-link', () => {
  it.each(rowsOf(1))('%s is programmed, changed, cut, completed and started', async (_, chip) => {
    expect(await runThroughProbe(chip, 'mcu-link')).toEqual([]);
  });
});
