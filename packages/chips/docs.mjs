// Writes docs/chips.md from the chip table and docs/matrix.json. Run after `npx tsc -b packages/chips`.
import { readFileSync, writeFileSync } from 'node:fs';
import { chipsPage } from './dist/chips-page.js';

const docs = new URL('../../docs/', import.meta.url);
const tried = Object.values(JSON.parse(readFileSync(new URL('matrix.json', docs), 'utf8')));
writeFileSync(new URL('chips.md', docs), chipsPage(tried));
