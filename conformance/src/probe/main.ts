/** `npm run campaign:probe`: every fault of the wire at every class of command, on three chips: prints what came of each kind. */
import { commandsToStrike, type FaultVerdict, faultTrial, WIRE_FAULTS } from './faults.ts';

const tally = new Map<FaultVerdict, number>();
let failures = 0;
for (const chip of ['STM32F103', 'STM32L476', 'STM32G071']) {
  const places = await commandsToStrike(chip);
  for (const fault of Object.keys(WIRE_FAULTS)) {
    for (const at of places) {
      const verdict = await faultTrial({ chip, fault, at });
      tally.set(verdict, (tally.get(verdict) ?? 0) + 1);
      if (verdict === 'survived' || verdict === 'failed and completed') continue;
      failures += 1;
      process.stdout.write(`${chip} ${fault} at command ${at}: ${verdict}\n`);
    }
  }
}
for (const [verdict, count] of tally) process.stdout.write(`${verdict}: ${count}\n`);
process.exitCode = failures > 0 ? 1 : 0;
