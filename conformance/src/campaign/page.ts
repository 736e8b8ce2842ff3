/** The figures of a campaign as Markdown: `docs/reliability.md`. */
import { type FaultArea, faultKinds } from '@sureflash/virtual';
import { CASES } from './cases.ts';
import type { DfuUtilResult } from './dfu-util.ts';
import { STRANGER_LIMIT_MS, type StrangerResult } from './strangers.ts';
import { boardTable, causes, dfuUtilTable, kindTable, outcomes, strangerTable } from './tables.ts';
import { shareNamed, shareWrong, sumOf } from './tally.ts';
import type { TrialResult } from './trial.ts';

export interface Campaign {
  readonly results: readonly TrialResult[];
  readonly strangers: readonly StrangerResult[];
  readonly dfuUtil: readonly DfuUtilResult[];
}

const NOT_SERVED = CASES.filter(({ ends, scenario }) => typeof ends === 'object' && !scenario.includes('stub'))
  .map(({ scenario }) => `\`${scenario}\``)
  .join(', ');

const AREAS: Readonly<Record<FaultArea, string>> = {
  link: 'cable, hub, host',
  loader: 'a bad device: its program',
  flash: 'a bad device: its cells',
  power: 'plug, supply, reset',
};

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

function kindList(): string {
  return (Object.keys(AREAS) as FaultArea[])
    .map((area) => {
      const kinds = faultKinds.filter((kind) => kind.area === area);
      return `**${AREAS[area]}**\n\n${kinds.map(({ name, title }) => `- \`${name}\`: ${title}`).join('\n')}`;
    })
    .join('\n\n');
}

export function pageOf({ results, strangers, dfuUtil }: Campaign): string {
  const all = sumOf(results);
  return `# Reliability

Every kind of fault, at every transfer of a run at which it can strike, on ${CASES.length} virtual boards: ${all.runs} runs, each followed by
another one without the fault. Written by \`npm run campaign -- --write\`, which repeats it; a sample runs in CI.

- **${all.falseSuccesses}** false successes: a run that claims success while flash does not hold the image, or not what had to be kept beside it.
- **${all.hangs + all.defects}** hangs and errors that are none of ours.
- **${all.notCompleted}** devices that the next run does not complete.
- **${all.destructiveAdvice}** runs that propose to erase everything although they had read the chip, which is open then.
- **${percent(shareNamed(all))}** of the causes are named where the evidence allows one; a wrong one is named in ${percent(shareWrong(all))} of all
  runs that fail.
- **${strangers.filter(({ ending }) => ending.kind !== 'error').length}** of ${strangers.length} runs on devices that answer by chance end otherwise than in a typed error.

These are models, not silicon: what a fault of a kind that nobody thought of does, no table tells.

## What was done

The boards are those of \`packages/virtual\`, on a virtual clock; a fault is a row of \`packages/virtual/src/faults\`, its chance comes from a seed made of
board, fault and transfer. Transfers count from the first DFU request. The host stays the same for the run and for the one after it, so that the device
is found in the state in which the first run left it; nothing resets it in between.

- **Success** is judged past the wire: the cells are held against the image and, in the sectors of the image, against what had to be kept.
- **Bounded time**: ten times the undisturbed run and two minutes, on the device's clock; a thread that computes for a minute without an end is a hang, too.
- **The next run** has to end as on a board that nothing has happened to, and flash holds the image then. A plug that was pulled is put back first. A device
  that is stuck, or that was told to be so until it loses its power, gets one power cycle: that is counted apart.
- A run may fail although flash holds the image by then (${all.unproven} runs): it is not proven, and the next run finds it there.
- Bytes beside the image, in a sector that was erased and not yet written again, are missing after a run that breaks off there. In ${all.handedOut} runs they were handed
  out, byte for byte, as a file to be written back; in ${all.lostRest} runs not: there a command went to a sector that it was not for, and nobody had read that one.
- Damage elsewhere (${all.damageElsewhere} of the runs that claim success): the image is right and another sector was changed, by a command that the device took for another. No host
  sees that without reading the whole flash.
- Flash that changes after it was verified is out of every host's sight.
- USB guards data with CRC16 and repeats what arrives broken. Wrong bits, lost or doubled requests stand for a bad device, not for a bad cable.

## By fault

${kindTable(results, outcomes)}

## By board

${boardTable(results)}

An empty media interface (\`cubemx-stub\`) cannot be programmed: its runs must fail, and the next one must fail in the same way. So must those on the loaders of other people
that cannot be served: ${NOT_SERVED}. All others are honest, and a run without a fault has to succeed on them; one that gives nothing
back is programmed without a proof, as it is asked for there, and claims none.

## Causes

For each kind of fault, and for the error with which a run ended, \`conformance/src/campaign/judge.ts\` says which causes the evidence allows. A time-out allows a bad link, a device that left
the bus allows a reset, a reply that DFU does not allow allows a device that talks nonsense, bits that stay allow worn cells. A device that names an error itself
is taken at its word. One bit that was lost on its way, a block at a wrong place, a sector that was not erased: nothing that can be read afterwards proves which, so that no cause is
asked for; that one operation was lost may be said. On an empty media interface that cause is right whatever else goes wrong.

${kindTable(results, causes)}

## Devices that follow no model

The descriptors of real boards, and well-formed answers that have nothing to do with the question. Limit: ${STRANGER_LIMIT_MS / 60_000} minutes of the device's clock.

${strangerTable(strangers)}
${dfuUtilSection(dfuUtil)}
## The kinds of faults

${kindList()}
`;
}

function dfuUtilSection(results: readonly DfuUtilResult[]): string {
  if (results.length === 0) return '';
  const fooled = (program: string): string => {
    const group = results.filter((each) => each.program === program);
    return `${group.filter(({ success, holds }) => success && !holds).length} of ${group.length}`;
  };
  return `
## dfu-util under the same faults

On a real kernel (\`npm run test:kernel -- --only faults\`), on the STM32F105's ROM bootloader, mostly with faults that the device itself does not tell of. dfu-util reports
success over wrong flash in ${fooled('dfu-util')} runs: it does not read back what it has written, so that its success means that the device said so. sureflash, under some of the
same faults: in ${fooled('sureflash')}.

${dfuUtilTable(results)}
`;
}
