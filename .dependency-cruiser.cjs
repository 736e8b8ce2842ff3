/** The import rules, made from `config/allowed-imports.json`: for each folder, the folders that its files may import. */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Each folder with the folders it may import, beside itself. A folder's row does not hold for the folders in it. */
const ALLOWED = JSON.parse(readFileSync(join(__dirname, 'config/allowed-imports.json'), 'utf8'));
const FOLDERS = Object.keys(ALLOWED);
const OURS = '^(packages|conformance|testbed|bench|examples)/';

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** Matches the files of `folder`, without those of folders in it: they have a row of their own. */
const filesOf = (folder) => `^${escaped(folder)}/[^/]+$`;
/** Matches what an entry of a row names: `folder` its files, `folder/index.ts` that file alone. */
const target = (entry) => (entry.endsWith('.ts') ? `^${escaped(entry)}$` : filesOf(entry));

const directions = FOLDERS.map((folder) => ({
  name: `imports-of:${folder}`,
  comment: `${folder} may import: ${ALLOWED[folder].join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: filesOf(folder), pathNot: '\\.test\\.ts$' },
  to: { path: OURS, pathNot: [filesOf(folder), ...ALLOWED[folder].map(target)] },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'a-row-for-each-folder',
      comment: 'a folder without a row in config/allowed-imports.json',
      severity: 'error',
      from: {
        path: '^(packages/[^/]+|conformance|testbed|bench)/src/',
        pathNot: [...FOLDERS.map(filesOf), '\\.test\\.ts$'],
      },
      to: {},
    },
    {
      name: 'virtual-tests-are-alone-too',
      comment: 'a model that shares code with the client shares its mistakes',
      severity: 'error',
      from: { path: '^packages/virtual/' },
      to: { path: OURS, pathNot: '^packages/virtual/' },
    },
    {
      // Types leave no trace in what is built; swc does not tell type-only imports apart in the sources.
      name: 'usbip-takes-types-only',
      severity: 'error',
      from: { path: '^packages/usbip/dist' },
      to: { path: '^packages/virtual/' },
    },
    {
      name: 'core-without-node',
      severity: 'error',
      from: { path: '^packages/(image|chips|programmer|virtual)/src', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-reaching-into-packages',
      severity: 'error',
      from: { path: '^(packages/[^/]+|conformance)/' },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: ['^$1/', '^packages/cli/', '/src/index[.]ts$', '/src/[^/]+/index[.]ts$'],
      },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/(?!usbip)[^/]+/dist/|^(conformance|testbed)/dist/|dist/.*[.]d[.]ts$|/fixtures/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['sureflash-source', 'import', 'node', 'default'],
    },
  },
};
