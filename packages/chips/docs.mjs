// Writes docs/chips.md from the chip table. Run after `npx tsc -b packages/chips`.
import { writeFileSync } from 'node:fs';
import { chipsPage } from './dist/chips-page.js';

writeFileSync(new URL('../../docs/chips.md', import.meta.url), chipsPage());
