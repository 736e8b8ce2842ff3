/** The import rules are as strict as their table: in a tree of one file for each pair of folders, each wrong import is red. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const ALLOWED = JSON.parse(readFileSync(join(ROOT, 'config/allowed-imports.json'), 'utf8')) as Record<string, string[]>;
const FOLDERS = Object.keys(ALLOWED);

/** A folder that the table does not know. */
const NEW_FOLDER = 'packages/programmer/src/new-protocol';

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

const isAllowed = (from: string, to: string): boolean =>
  from === to || (ALLOWED[from] ?? []).some((entry) => entry === to || entry === `${to}/index.ts`);

/** Writes `index.ts` into each folder, and beside it a file that imports the index of every other folder. */
function plant(tree: string): void {
  for (const from of FOLDERS) {
    mkdirSync(join(tree, from), { recursive: true });
    writeFileSync(join(tree, from, 'index.ts'), 'export const here = 1;\n');
    const imports = FOLDERS.filter((other) => other !== from).map((to) => {
      const path = relative(from, join(to, 'index.ts')).replaceAll('\\', '/');
      return `import '${path.startsWith('.') ? path : `./${path}`}';\n`;
    });
    writeFileSync(join(tree, from, 'everything.ts'), imports.join(''));
  }
  mkdirSync(join(tree, NEW_FOLDER), { recursive: true });
  writeFileSync(join(tree, NEW_FOLDER, 'index.ts'), 'export const here = 1;\n');
  writeFileSync(join(tree, NEW_FOLDER, 'user.ts'), "import './index.ts';\n");
}

/** The violations that dependency-cruiser reports for the tree. */
function cruise(tree: string): Violation[] {
  const bin = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [bin, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', '.'];
  const run = (): string => {
    try {
      return execFileSync(process.execPath, args, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 28 });
    } catch (error) {
      // It exits with the number of violations; what it found stands on its standard output all the same.
      return (error as { stdout: string }).stdout;
    }
  };
  const { summary } = JSON.parse(run()) as { summary: { violations: Violation[] } };
  return summary.violations;
}

describe('the table of allowed imports', () => {
  const tree = mkdtempSync(join(tmpdir(), 'imports-'));
  let found: Violation[];
  let red: Set<string>;
  beforeAll(() => {
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'), 'junction');
    plant(tree);
    found = cruise(tree);
    const directions = found.filter(({ rule }) => rule.name.startsWith('imports-of:'));
    red = new Set(directions.map(({ from, to }) => `${dirname(from)} -> ${dirname(to)}`));
  });
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('names folders that exist, each once', () => {
    const listed = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' });
    const dead = FOLDERS.filter((folder) => !listed.includes(`${folder}/`));
    expect(dead).toEqual([]);
  });

  it('demands a row for a folder that is new', () => {
    const rowless = found.filter(({ rule }) => rule.name === 'a-row-for-each-folder').map(({ from }) => dirname(from));
    expect(new Set(rowless)).toEqual(new Set([NEW_FOLDER]));
  });

  it.each(FOLDERS)('turns each import red that %s may not have, and no other', (from) => {
    const others = FOLDERS.filter((to) => to !== from);
    const forbidden = others.filter((to) => !isAllowed(from, to)).map((to) => `${from} -> ${to}`);
    expect([...red].filter((each) => each.startsWith(`${from} -> `)).toSorted()).toEqual(forbidden.toSorted());
  });
});
