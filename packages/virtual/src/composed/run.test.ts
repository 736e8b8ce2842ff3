import { describe, expect, it } from 'vitest';
import { kindNames } from './compose.ts';
import { OLD_CONTENTS } from './content.ts';
import { answersOf, heldOut, judgeHeldOut } from './held-out.ts';
import { program } from './host.ts';
import type { Run } from './run.ts';
import { carryOut, givesTheSame, leftTrace, makeRun, sameBytes, tracedRun } from './run.ts';

/** In so many runs of a kind at most, so many must show it. */
const ATTEMPTS = 16;
const SHOWN = 2;

function sameSteps(a: Run['steps'], b: Run['steps']): boolean {
  const bytesOf = ({ operation, bytes }: Run['steps'][number]) =>
    bytes ?? (operation.kind === 'write' ? operation.bytes : new Uint8Array());
  return (
    a.length === b.length &&
    a.every((step, i) => {
      const other = b[i];
      return other?.operation.kind === step.operation.kind && sameBytes(bytesOf(step), bytesOf(other));
    })
  );
}

function programRight({ loader, image }: Run): Run['loader'] {
  const right = loader.without(0);
  program((operation) => carryOut(right, operation), right.geometry, image);
  return right;
}

describe('a run', () => {
  it('puts the image into flash where the loader is right', () => {
    for (let seed = 0; seed < 10; seed++) {
      const run = makeRun(seed);
      const right = programRight(run);
      for (const { address, bytes } of run.image)
        expect(sameBytes(right.peek(address, bytes.length), bytes)).toBe(true);
    }
  });

  it('is the same for the same seed, and its record can be played again', () => {
    for (let seed = 0; seed < 10; seed++) {
      const run = makeRun(seed, { deviations: 2, system: true });
      const again = makeRun(seed, { deviations: 2, system: true });
      expect(sameSteps(again.steps, run.steps)).toBe(true);
      expect(givesTheSame(run.loader.restart(), run.steps)).toBe(true);
    }
  });

  it('has every kind of old content, and fails in most cases', () => {
    const runs = Array.from({ length: 40 }, (_, seed) => makeRun(seed));
    expect(new Set(runs.map(({ old }) => old))).toEqual(new Set(OLD_CONTENTS));
    expect(runs.filter(({ proven }) => !proven).length).toBeGreaterThan(20);
  });

  it.each(kindNames())('often shows the deviation: %s', (kind) => {
    const chip = kind === 'write-half-units-twice' ? ({ chip: 'L476' } as const) : {};
    let shown = 0;
    for (let seed = 1; seed <= ATTEMPTS && shown < SHOWN; seed++)
      if (leftTrace(makeRun(seed, { kind, ...chip }))[0]) shown += 1;
    expect(shown).toBe(SHOWN);
  });

  it('of those that left a trace has no deviation without one', () => {
    for (let seed = 0; seed < 6; seed++) {
      const run = tracedRun(seed, { deviations: 2 });
      expect(leftTrace(run)).toEqual([true, true]);
      expect(sameSteps(makeRun(run.seed, { deviations: 2 }).steps, run.steps)).toBe(true);
    }
  });

  it('tells a masked deviation from one that shows', () => {
    const { loader, ...run } = tracedRun(1, { kind: 'write-empty', chip: 'F105', old: 'noise' });
    expect([loader.kinds, leftTrace({ loader, ...run })]).toEqual([['write-empty'], [true]]);
    expect(leftTrace({ ...run, loader, steps: [] })).toEqual([false]);
  });
});

describe('jobs held out', () => {
  it('are foretold by the loader itself and by no right one', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { loader } = tracedRun(seed);
      const jobs = heldOut(seed, loader.geometry);
      expect(judgeHeldOut(loader, jobs, (job) => answersOf(loader, job))).toEqual(jobs.map(() => true));
      const right = judgeHeldOut(loader, jobs, (job) => answersOf(loader.without(0), job));
      expect([loader.kinds, right]).not.toEqual([loader.kinds, jobs.map(() => true)]);
    }
  });

  it('are the same for the same seed and lie inside the flash', () => {
    for (const chip of ['F105', 'F407', 'L476'] as const) {
      const { geometry } = makeRun(1, { chip }).loader;
      const jobs = heldOut(7, geometry);
      const again = heldOut(7, geometry);
      expect(again.map(({ content }, i) => sameBytes(content, jobs[i]?.content ?? content.subarray(1)))).not.toContain(
        false,
      );
      for (const operation of jobs.flatMap(({ operations }) => operations)) {
        if (operation.kind === 'eraseAll') continue;
        const length = operation.kind === 'write' ? operation.bytes.length : operation.length;
        expect(operation.address).toBeGreaterThanOrEqual(geometry.start);
        expect(operation.address + length).toBeLessThanOrEqual(geometry.start + geometry.bytes);
      }
    }
  });

  it('count as wrong what gives too few answers', () => {
    const { loader } = makeRun(1);
    const jobs = heldOut(1, loader.geometry);
    expect(judgeHeldOut(loader, jobs, () => [])).toEqual(jobs.map(() => false));
  });
});
