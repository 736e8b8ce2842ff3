import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { figuresOf, figuresPage } from './figures-page.ts';
import { romRows } from './table/table.ts';

const src = new URL('.', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .toSorted()
  .map((path) => ({ path, text: readFileSync(new URL(path, src), 'utf8') }));

it('docs/virtual-figures.md is what the marks in the sources give (else: npx tsc -b packages/virtual && node packages/virtual/docs.mjs)', () => {
  const page = readFileSync(new URL('../../../docs/virtual-figures.md', src), 'utf8');
  expect(page).toBe(figuresPage(files, romRows));
});

it('each figure has a name, a value, and a source or a reason of some length', () => {
  const figures = figuresOf(files);
  expect(figures.length).toBeGreaterThan(40);
  expect(figures.filter(({ name, value, why }) => name === '' || value === '' || why.length < 8)).toEqual([]);
});

it('a mark in a property, over several lines and with commas in its value is listed as a whole', () => {
  const text =
    "const CELLS = {\n  eraseMs: guess(\n    { [2 * KB]: 22, [4 * KB]: f(1, 2) },\n    'half, of (another)',\n  ),\n};";
  expect(figuresOf([{ path: 'cells.ts', text }])).toEqual([
    {
      kind: 'guess',
      path: 'cells.ts',
      name: 'eraseMs of CELLS',
      value: '{ [2 * KB]: 22, [4 * KB]: f(1, 2) }',
      why: 'half, of (another)',
    },
  ]);
});

it('no comment calls a figure a guess without a mark', () => {
  const said = files
    .filter(({ path }) => /^(applications|chip|flash|roms|table)\//.test(path) && path !== 'table/row.ts')
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter((line) => /\bguess/i.test(line) && !/\bguess\(|guesses|import|source:/i.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
  expect(said).toEqual([]);
});
