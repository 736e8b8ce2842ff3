/** `npm run hostile [-- WORD]`: meets every hostile end whose name has the word, and prints what each run used. */
import { HOSTILE_CASES, meet, momentFor } from './meet.ts';
import type { CliRun } from './run-cli.ts';

const [word = ''] = process.argv.slice(2);
const usageText = ({ exit, used, wallMs }: CliRun): string =>
  `${exit}, ${used ? `${(used.cpuMs / 1000).toFixed(2)} s and ${Math.round(used.peakKb / 1024)} MB` : 'ended by the signal'}, ${(wallMs / 1000).toFixed(1)} s by the wall`;

for (const each of HOSTILE_CASES.filter(({ name }) => name.includes(word))) {
  for (const words of each.verbs) {
    const { alone, interrupted, interruptedAtMs } = await meet(each, words, momentFor(each.name + words));
    process.stdout.write(`${each.name} · ${words}\n`);
    if (alone)
      process.stdout.write(
        `  alone: ${usageText(alone)} · ${alone.output.split('\n').findLast((line) => line.startsWith('Error')) ?? ''}\n`,
      );
    process.stdout.write(`  Ctrl-C after ${interruptedAtMs} ms: ${usageText(interrupted)}\n`);
  }
}
