import { expect, test } from 'vitest';
import type { Operation } from './record.ts';
import { stepsOf } from './steps.ts';

const write = (address: number): Operation => ({
  kind: 'write',
  base: address,
  number: 0,
  address,
  bytes: new Uint8Array(8),
});

test('a restart sets every count of a loader to zero, and places among all steps go on', () => {
  const steps = stepsOf([write(0), write(64), { kind: 'restart' }, write(128)], { start: 0, end: 1024 }, 8);
  expect(
    steps.map(({ at, index, done, run, firstBase, session }) => [at, index, done, run, firstBase, session]),
  ).toEqual([
    [0, 0, 0, 0, 0, 0],
    [1, 1, 8, 1, 0, 0],
    [2, 0, 0, 0, 128, 1],
  ]);
});
