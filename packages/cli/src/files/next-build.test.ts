import { VirtualClock } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { nextBuild } from './next-build.ts';

/** A file whose stamp changes at these times in ms; `undefined` means that there is none. */
function fileOver(times: readonly (readonly [at: number, stamp: string | undefined])[]) {
  const clock = new VirtualClock();
  const abort = new AbortController();
  let absent = 0;
  return {
    clock,
    abort,
    absences: () => absent,
    next: async (before?: string) =>
      await nextBuild(
        {
          signal: abort.signal,
          fileStamp: async () => times.findLast(([at]) => at <= clock.now())?.[1],
        },
        'app.elf',
        { clock, onAbsent: () => absent++, ...(before !== undefined && { before }) },
      ),
  };
}

describe('the next build', () => {
  it('is the file that is there, once it has stayed the same for a moment', async () => {
    const file = fileOver([[0, 'a']]);
    expect(await file.next()).toBe('a');
    expect(file.clock.now()).toBeGreaterThanOrEqual(400);
  });

  it('is not taken while the file still grows', async () => {
    const file = fileOver([
      [0, 'old'],
      [1000, 'half'],
      [1300, 'more'],
      [1600, 'whole'],
    ]);
    expect(await file.next('old')).toBe('whole');
    expect(file.clock.now()).toBeGreaterThanOrEqual(2000);
  });

  it('may be removed and made again, without a word about it', async () => {
    const file = fileOver([
      [0, 'old'],
      [500, undefined],
      [5000, 'new'],
    ]);
    expect(await file.next('old')).toBe('new');
    expect(file.absences()).toBe(0);
  });

  it('is told to be missing, once, where there was none yet', async () => {
    const file = fileOver([
      [0, undefined],
      [5000, 'new'],
    ]);
    expect(await file.next()).toBe('new');
    expect(file.absences()).toBe(1);
  });

  it('ends with the wish to stop', async () => {
    const file = fileOver([[0, 'old']]);
    file.abort.abort(new Error('stop'));
    await expect(file.next('old')).rejects.toThrow('stop');
  });
});
