/** The arrows of docs/architecture.md §1, checked on every import, type-only ones too. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: '^(packages|conformance)/', pathNot: allowed },
});
const PROGRAMMER = '^packages/programmer/src';
module.exports = {
  forbidden: [
    only('image-is-pure', '^packages/image/src', ['^packages/image/'], 'image imports nothing of ours'),
    only('chips-is-pure', '^packages/chips/src', ['^packages/chips/'], 'chips imports nothing of ours'),
    only(
      'virtual-is-alone',
      '^packages/virtual/',
      ['^packages/virtual/'],
      'a model that shares code with the client shares its mistakes',
    ),
    only(
      'usbip-knows-the-model-type-only',
      '^packages/usbip/src',
      ['^packages/usbip/', '^packages/virtual/'],
      'usbip may import types of virtual',
    ),
    only(
      'programmer-needs-image-and-chips',
      PROGRAMMER,
      ['^packages/(programmer|image|chips)/'],
      'programmer never sees virtual, usbip or cli',
    ),
    {
      name: 'virtual-tests-are-alone-too',
      severity: 'error',
      from: { path: '^packages/virtual/' },
      to: { path: '^(packages|conformance)/', pathNot: '^packages/virtual/' },
    },
    {
      // Types leave no trace in what is built; swc does not tell type-only imports apart in the sources.
      name: 'usbip-takes-types-only',
      severity: 'error',
      from: { path: '^packages/usbip/dist' },
      to: { path: '^packages/virtual/' },
    },
    {
      name: 'engine-knows-no-protocol',
      severity: 'error',
      from: { path: `${PROGRAMMER}/(engine|option-bytes)/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${PROGRAMMER}/(dfu|transports|connect)` },
    },
    {
      // What is special about a protocol arrives as evidence, through `Loader`.
      name: 'diagnosis-knows-no-protocol',
      severity: 'error',
      from: { path: `${PROGRAMMER}/diagnosis/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${PROGRAMMER}/(dfu|transports|engine|connect)` },
    },
    {
      // The parser of layout strings is the one thing of the protocol that text about a layout needs.
      name: 'fix-writes-text-only',
      severity: 'error',
      from: { path: `${PROGRAMMER}/fix/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${PROGRAMMER}/(dfu/(?!memory/layout)|engine|transports|diagnosis|option-bytes|ports|connect)` },
    },
    {
      name: 'explain-knows-no-protocol-and-no-engine',
      severity: 'error',
      from: { path: `${PROGRAMMER}/explain/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${PROGRAMMER}/(dfu|transports|engine|diagnosis|connect)` },
    },
    {
      name: 'protocol-knows-no-transport',
      severity: 'error',
      from: { path: `${PROGRAMMER}/dfu/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${PROGRAMMER}/(transports|engine|connect)` },
    },
    {
      name: 'transport-knows-ports-only',
      severity: 'error',
      from: { path: `${PROGRAMMER}/transports/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${PROGRAMMER}/(dfu|engine|target|connect)` },
    },
    {
      name: 'ports-and-target-stand-alone',
      severity: 'error',
      from: { path: `${PROGRAMMER}/(ports|target)/`, pathNot: '\\.test\\.ts$' },
      to: { path: `${PROGRAMMER}/(dfu|engine|transports|connect)` },
    },
    {
      name: 'core-without-node',
      severity: 'error',
      from: { path: '^packages/(image|chips|programmer|virtual)/src', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
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
    exclude: { path: '^packages/(?!usbip)[^/]+/dist/|^conformance/dist/|dist/.*[.]d[.]ts$|/fixtures/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['sureflash-source', 'import', 'node', 'default'],
    },
  },
};
