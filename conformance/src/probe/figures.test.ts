import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WIRE_FAULTS } from './faults.ts';
import { probeSection, readProbeFigures } from './figures.ts';
import { MATRIX_ROWS } from './matrix.ts';

it('the page of reliability has what the campaign over debug probes found, of every fault', () => {
  const rows = readProbeFigures();
  const page = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
  expect(page).toContain(probeSection(rows, MATRIX_ROWS.length));
  expect(rows.map(({ fault }) => fault)).toEqual(Object.keys(WIRE_FAULTS));
});
