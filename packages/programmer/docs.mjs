// Writes docs/diagnoses from the rows, and from the deviations that are simulated. Run after `npx tsc -b packages/programmer`.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { diagnosisPages } from './dist/diagnosis/pages.js';
import { LOADER_PAGE, loaderPage } from './dist/explain/pages.js';

const folder = new URL('../../docs/diagnoses/', import.meta.url);
const pages = new Map([...diagnosisPages(), [LOADER_PAGE, loaderPage()]]);
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(new URL(name, folder));
for (const [name, text] of pages) writeFileSync(new URL(name, folder), text);
