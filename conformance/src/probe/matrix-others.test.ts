/**
 * A row of each family through a V3 and through a CMSIS-DAP probe, or with ALL_ROWS=1 in the environment every row that has a board: minutes more, for
 * probes that differ from a V2-1 in their own commands and not in what they say to a chip.
 */
import { describe, expect, it } from 'vitest';
import { MATRIX_ROWS, runThroughProbe } from './matrix.ts';

const ROWS = MATRIX_ROWS.filter(
  ([, { family }], at) =>
    process.env['ALL_ROWS'] !== undefined || MATRIX_ROWS.findIndex(([, chip]) => chip.family === family) === at,
);

describe('behind an ST-LINK v3e', () => {
  it.each(ROWS)('%s is programmed, changed, cut, completed and started', async (_, chip) => {
    expect(await runThroughProbe(chip, 'v3e')).toEqual([]);
  });
});

describe('behind a CMSIS-DAP mcu-link', () => {
  it.each(ROWS)('%s is programmed, changed, cut, completed and started', async (_, chip) => {
    expect(await runThroughProbe(chip, 'mcu-link')).toEqual([]);
  });
});
