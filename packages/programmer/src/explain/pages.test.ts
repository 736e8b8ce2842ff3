import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulatedExamples, WITHOUT_EXAMPLE } from './examples.ts';
import { LOADER_PAGE, loaderPage } from './pages.ts';
import { DATA_WORDS } from './words/data.ts';
import { ERASE_WORDS, SOURCE_WORDS } from './words/erases-reads.ts';
import { PLACE_WORDS } from './words/places.ts';

const KINDS = Object.keys({ ...PLACE_WORDS, ...DATA_WORDS, ...ERASE_WORDS, ...SOURCE_WORDS });

describe('the page about simulated loaders', () => {
  it('is what the deviations give (else: npx tsc -b packages/programmer && node packages/programmer/docs.mjs)', () => {
    const written = readFileSync(new URL(`../../../../docs/diagnoses/${LOADER_PAGE}`, import.meta.url), 'utf8');
    expect(written).toBe(loaderPage());
  });

  it('has an example of every kind of deviation that there are words for', () => {
    const shown = simulatedExamples().map(({ kind }) => kind);
    expect([...shown, ...WITHOUT_EXAMPLE].toSorted()).toEqual(KINDS.toSorted());
  });

  it('shows no example in which the loader gives what a right one gives', () => {
    for (const { kind, read, expected } of simulatedExamples())
      expect([kind, ...read]).not.toEqual([kind, ...expected]);
  });

  it('shows a shift by as many bytes as its sentence says', () => {
    const { read, expected } = simulatedExamples().find(({ kind }) => kind === 'shift') ?? {};
    expect(read?.subarray(0, 15)).toEqual(expected?.subarray(1));
  });
});
