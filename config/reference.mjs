/** Writes a reference of every public name from its docstring: docs/reference, which is not kept. Needs the built packages. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { documentEntry, entriesOf, PACKAGES, ROOT } from './entries.mjs';

const REFERENCE = join(ROOT, 'docs/reference');
const MODELS = join(ROOT, 'node_modules/.cache/reference');
const DOCUMENTER = join(ROOT, 'node_modules/@microsoft/api-documenter/bin/api-documenter');

rmSync(REFERENCE, { recursive: true, force: true });
rmSync(MODELS, { recursive: true, force: true });
for (const each of PACKAGES) {
  const folder = join(ROOT, 'packages', each);
  for (const entry of entriesOf(folder)) {
    // Entries of one package share its name, and a model may hold a package once: each entry gets a folder.
    const models = join(MODELS, each, entry.name);
    const pages = join(REFERENCE, each, entry.name);
    mkdirSync(models, { recursive: true });
    mkdirSync(pages, { recursive: true });
    documentEntry(folder, entry, {
      apiReport: { enabled: false },
      docModel: { enabled: true, apiJsonFilePath: join(models, `${each}.api.json`) },
    });
    execFileSync(process.execPath, [DOCUMENTER, 'markdown', '-i', models, '-o', pages], { stdio: 'ignore' });
  }
}
console.log('docs/reference');
