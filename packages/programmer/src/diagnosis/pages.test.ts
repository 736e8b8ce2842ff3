import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CAUSES } from './causes/index.ts';
import { diagnosisPages } from './pages.ts';

const FOLDER = new URL('../../../../docs/diagnoses/', import.meta.url);
const pages = diagnosisPages();

it('docs/diagnoses is what the rows give (else: npx tsc -b packages/programmer && node packages/programmer/docs.mjs)', () => {
  // Made from the deviations in src/explain, and held against them there.
  const names = readdirSync(FOLDER).filter((name) => name !== 'simulated-loaders.md');
  const written = names.map((name): [string, string] => [name, readFileSync(new URL(name, FOLDER), 'utf8')]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(pages));
});

it('has a page for each cause, and each is listed', () => {
  const overview = pages.get('README.md') ?? '';
  expect(pages.size).toBe(CAUSES.length + 1);
  for (const { id } of CAUSES) expect(overview).toContain(`(${id}.md)`);
});

it('shows the way into the bootloader of a chip where that is the remedy', () => {
  expect(pages.get('stub-media.md')).toContain('0x1FFFB000');
  expect(pages.get('not-in-bootloader.md')).toContain('PA9 (VBUS)');
});

it('leaves no table broken: no sign or remedy has a bar or a line break in it', () => {
  for (const text of pages.values()) {
    for (const row of text.split('\n').filter((line) => line.startsWith('| '))) expect(row.split('|')).toHaveLength(4);
  }
});
