/** Has publint and "Are the types wrong?" look at each tarball, as somebody who installs it gets it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './pack.mjs';
import { ROOT, readJson } from './packages.mjs';

const ATTW = join(
  ROOT,
  'node_modules/@arethetypeswrong/cli',
  readJson('node_modules/@arethetypeswrong/cli/package.json').bin.attw,
);
const folder = mkdtempSync(join(tmpdir(), 'sureflash-lint-'));
try {
  for (const { name, tarball, files } of await packAll(folder)) {
    const { buffer } = new Uint8Array(readFileSync(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    for (const message of messages) fail(`publint: ${name}: ${formatMessage(message, pkg)}`);
    // Without declarations there is nothing that it could look at; it calls that a fault.
    if (!files.some((path) => path.endsWith('.d.ts'))) continue;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [ATTW, tarball, '--profile', 'esm-only', '--format', 'table-flipped', '--no-color', '--no-emoji'],
      { encoding: 'utf8' },
    );
    if (status !== 0) fail(`attw: ${name}\n${stdout}${stderr}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} line */
function fail(line) {
  console.error(line);
  process.exitCode = 1;
}
