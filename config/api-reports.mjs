/**
 * Writes the public surface of each package as a report that is committed: `packages/NAME/api/ENTRY.api.md`.
 * `node config/api-reports.mjs` compares and fails on a difference; with `--write` it accepts it. Needs the built packages.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { documentEntry, entriesOf, PACKAGES, ROOT } from './entries.mjs';

const WRITE = process.argv.includes('--write');

/** @returns whether the report of an entry differs from what is committed */
function differs(folder, entry) {
  const reports = join(folder, 'api');
  const temporary = join(ROOT, 'node_modules/.cache/api', folder.replaceAll(/[^\w]+/g, '-'));
  mkdirSync(reports, { recursive: true });
  mkdirSync(temporary, { recursive: true });
  const apiReport = {
    enabled: true,
    reportFolder: reports,
    reportTempFolder: temporary,
    reportFileName: `${entry.name}.api.md`,
  };
  const { apiReportChanged } = documentEntry(folder, entry, { apiReport }, { accept: WRITE });
  return apiReportChanged && !WRITE;
}

const changed = [];
for (const each of PACKAGES) {
  const folder = join(ROOT, 'packages', each);
  const entries = entriesOf(folder);
  for (const name of readdirSync(join(folder, 'api'))) {
    if (entries.some((entry) => name === `${entry.name}.api.md`)) continue;
    if (WRITE) rmSync(join(folder, 'api', name));
    else changed.push(`packages/${each}/api/${name}`);
  }
  for (const entry of entries) {
    if (!existsSync(entry.declarations)) throw new Error(`${entry.declarations} is missing: run npm run build first`);
    if (differs(folder, entry)) changed.push(`packages/${each}/api/${entry.name}.api.md`);
  }
}
if (changed.length > 0) {
  console.error(
    `The public surface differs from its report. Look at the difference, then run: npm run api\n${changed.map((path) => `  ${path}`).join('\n')}`,
  );
  process.exitCode = 1;
}
