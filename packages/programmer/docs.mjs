// Writes docs/diagnoses from the rows. Run after `npx tsc -b packages/programmer`.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { diagnosisPages } from './dist/diagnosis/pages.js';

const folder = new URL('../../docs/diagnoses/', import.meta.url);
const pages = diagnosisPages();
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(new URL(name, folder));
for (const [name, text] of pages) writeFileSync(new URL(name, folder), text);
