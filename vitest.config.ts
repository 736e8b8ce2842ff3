import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['sureflash-source'] },
  ssr: { resolve: { conditions: ['sureflash-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'conformance/src/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
