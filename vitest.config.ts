/** The three sets of tests: `vitest --mode quick` while one works, `npm test` by default, `--mode full` before a change lands. */
import { defineConfig } from 'vitest/config';

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
const EVERYWHERE = ['**/node_modules/**', '**/dist/**'];

export default defineConfig(({ mode }) => ({
  resolve: { conditions: ['sureflash-source'] },
  ssr: { resolve: { conditions: ['sureflash-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'conformance/src/**/*.test.ts'],
    exclude: [
      ...EVERYWHERE,
      ...(mode === 'full' || NAMED ? [] : LONG),
      ...(mode === 'quick' && !NAMED ? NOT_QUICK : []),
    ],
    // Files that share their modules start in a tenth of the time; the other two sets show that none needs another.
    isolate: mode !== 'quick',
    maxWorkers: '100%',
    // Limits are there for what hangs. No test may fail because the machine is busy.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
}));
