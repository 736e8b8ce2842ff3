/** The bytes of the flash loader are those of its source. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(`../../../packages/programmer/${path}`, import.meta.url));

/** Other compilers make other code of the same source. */
const BUILT_WITH = '12.2.1';

function compiler(): string | undefined {
  try {
    return execFileSync('arm-none-eabi-gcc', ['-dumpversion'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

const found = compiler();

describe('the flash loader', () => {
  it.skipIf(found !== BUILT_WITH)(`is what gcc-arm-none-eabi ${BUILT_WITH} makes of loaders/flash-loader.c`, () => {
    const built = execFileSync(at('loaders/build.sh'), { encoding: 'utf8' });
    expect(built).toBe(readFileSync(at('src/loaders/flash-loader-code.ts'), 'utf8'));
  });
});
