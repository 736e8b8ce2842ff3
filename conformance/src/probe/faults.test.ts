/** A sample of the faults of the wire; `npm run campaign:probe` tries all of them. */
import { describe, expect, it } from 'vitest';
import { commandsToStrike, faultTrial, isPromiseKept, WIRE_FAULTS } from './faults.ts';

const places = await commandsToStrike('STM32F103');

describe.each(Object.keys(WIRE_FAULTS))('a job through an ST-LINK with %s', (fault) => {
  it('never claims success falsely, ends, and is completed by the next one', async () => {
    const bad: string[] = [];
    for (const at of places.filter((_, index) => index % 7 === 3)) {
      const verdict = await faultTrial({ chip: 'STM32F103', fault, at });
      if (!isPromiseKept(verdict)) bad.push(`${verdict} at command ${at}`);
    }
    expect(bad).toEqual([]);
  });
});
