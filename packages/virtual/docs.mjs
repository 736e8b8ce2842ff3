// Writes docs/virtual-figures.md from the marks in packages/virtual/src. Run after `npx tsc -b packages/virtual`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { figuresPage } from './dist/figures-page.js';
import { romRows } from './dist/table/table.js';

const src = new URL('src/', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .sort()
  .map((path) => ({ path, text: readFileSync(new URL(path, src), 'utf8') }));
writeFileSync(new URL('../../docs/virtual-figures.md', import.meta.url), figuresPage(files, romRows));
