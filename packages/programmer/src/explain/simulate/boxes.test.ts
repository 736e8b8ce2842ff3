import { expect, test } from 'vitest';
import { writtenPages } from '../../../testing/written-pages.ts';
import { halvesExchanged, line, linesExchanged } from '../primitives/lines.ts';
import { bounded, headOnly, tailLost } from '../primitives/part.ts';
import { ERASES, shift, WRITES } from '../primitives/place.ts';
import { runRanges } from '../primitives/runs.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { stepsTouching } from './boxes.ts';
import { machineOf, modelRunsOf } from './machine.ts';

const SIZE = 0x10000;
const { shape, blockSize, operations } = writtenPages(SIZE);
const steps = stepsOf(operations, shape, blockSize);
const ground = groundOf(shape, blockSize, operations);

test.each([
  line(WRITES, 9, 2),
  line(WRITES, 3, 0),
  line(ERASES, 12, 1),
  linesExchanged(WRITES, 8, 11),
  linesExchanged(ERASES, 10, 13),
  halvesExchanged(ERASES, SIZE),
  shift(WRITES, -0x180),
  shift(ERASES, 0x700),
  headOnly(ERASES, 0x200),
  tailLost(WRITES, 16),
  bounded(WRITES, 0x4100, 1),
])('no step that goes to a place is passed over there: $kind $parameters', (primitive) => {
  const [kind = 'write'] = primitive.on;
  const machine = machineOf([primitive], ground);
  for (let low = 0; low < SIZE; low += 0x340) {
    const high = low + 64;
    const reaching = steps.filter(
      (step) =>
        step.kind === kind &&
        runRanges(modelRunsOf([primitive], step, ground) ?? []).some(([start, end]) => start < high && end > low),
    );
    const touching = stepsTouching(machine, steps, kind, { low, high, first: 0, last: steps.length });
    expect(touching).toEqual(expect.arrayContaining(reaching));
  }
});
