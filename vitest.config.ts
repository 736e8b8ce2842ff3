/** The three sets of tests: `vitest --mode quick` while one works, `npm test` by default, `--mode full` before a change lands. */
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './config/longest-first.mjs';

/** Minutes of processor time each: they try every transfer, every step or every chip. `npm run test:full` has them. */
const LONG = [
  'conformance/src/interruption.test.ts',
  'conformance/src/diagnosis.test.ts',
  'conformance/src/matrix.test.ts',
  'conformance/src/probe/{by-registers,matrix,matrix-others,option-rows}.test.ts',
  'conformance/src/core/**',
  'conformance/src/explain/**',
  'conformance/src/fix/**',
  'conformance/src/packages/**',
  'conformance/src/hostile/**',
];
/** What meets in conformance, starts programs or draws at random: `npm test` has it. */
const NOT_QUICK = [
  'conformance/**',
  'packages/cli/**',
  'packages/usbip/**',
  'packages/virtual/src/{core,composed,registers,scenarios}/**',
  'packages/programmer/src/{explain,fix}/**',
  'packages/image/src/{fuzz,hostile,round-trip,properties}*.test.ts',
];
/** Whoever names files means these files, long or not. */
const NAMED = process.argv.slice(2).some((word) => /^\.?\/?(packages|conformance)\b/.test(word));
const TESTS = ['packages/*/src/**/*.test.ts', 'conformance/src/**/*.test.ts'];
const EVERYWHERE = ['**/node_modules/**', '**/dist/**'];
/** It puts itself between two sources of the client, where no compiled package lets anybody in. */
const OF_SOURCES = ['conformance/src/explain/boards.test.ts'];

/** TypeScript as it stands: what one works with. */
const SOURCES = { conditions: ['sureflash-source'] };
/**
 * The full set takes packages as they are delivered: a test that goes through several of them then runs what Node loads by
 * itself, in less than half the time. Tests beside a package's sources see those sources, in every set.
 */
const DELIVERED = { deps: { external: [/\/packages\/[^/]+\/dist\//] } };

export default defineConfig(({ mode }) => {
  const exclude = [
    ...EVERYWHERE,
    ...(mode === 'full' || NAMED ? [] : LONG),
    ...(mode === 'quick' && !NAMED ? NOT_QUICK : []),
  ];
  const shared = {
    // Files that share their modules start in a tenth of the time; the other two sets show that none needs another.
    isolate: mode !== 'quick',
    // Limits are there for what hangs. No test may fail because the machine is busy.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  };
  const fromSources = { resolve: SOURCES, ssr: { resolve: SOURCES } };
  if (mode !== 'full') return { ...fromSources, test: { ...shared, maxWorkers: '100%', include: TESTS, exclude } };
  return {
    test: {
      maxWorkers: '100%',
      globalSetup: './config/built.mjs',
      sequence: { sequencer: LongestFirst },
      projects: [
        {
          test: {
            ...shared,
            name: 'delivered',
            include: TESTS,
            exclude: [...exclude, ...OF_SOURCES],
            server: DELIVERED,
          },
        },
        { ...fromSources, test: { ...shared, name: 'sources', include: OF_SOURCES } },
      ],
    },
  };
});
