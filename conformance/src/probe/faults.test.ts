/** A sample of the faults of the wire; `npm run campaign:probe` tries all of them. */
import { describe, expect, it } from 'vitest';
import { commandsToStrike, faultTrial, isPromiseKept, STRUCK_PROBES, WIRE_FAULTS } from './faults.ts';

const CHIP = 'STM32F103';
const rows = await Promise.all(
  STRUCK_PROBES.map(async (probe) => ({ probe, places: await commandsToStrike(probe, CHIP) })),
);

describe.each(rows)('a job through a $probe', ({ probe, places }) => {
  it.each(Object.keys(WIRE_FAULTS))(
    'with %s never claims success falsely, ends, and is completed by the next one',
    async (fault) => {
      const bad: string[] = [];
      for (const at of places.filter((_, index) => index % 7 === 3)) {
        const verdict = await faultTrial({ probe, chip: CHIP, fault, at });
        if (!isPromiseKept(verdict)) bad.push(`${verdict} at command ${at}`);
      }
      expect(bad).toEqual([]);
    },
  );
});
