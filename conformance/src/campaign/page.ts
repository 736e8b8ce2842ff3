/** The figures of a campaign as Markdown: `docs/reliability.md`. */
import { type FaultArea, faultKinds } from '@sureflash/virtual';
import { type FaultFigures, probeSection } from '../probe/figures.ts';
import { MATRIX_ROWS } from '../probe/matrix.ts';
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
  readonly probes: readonly FaultFigures[];
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

export function pageOf({ results, strangers, dfuUtil, probes }: Campaign): string {
  const all = sumOf(results);
  return `# Reliability

Every kind of fault was tried at every transfer where it can strike, on ${CASES.length} virtual boards: ${all.runs} runs, each followed by
a second run without the fault. This page is written by \`npm run campaign -- --write\`, which repeats the campaign; CI runs a sample.

- **${all.falseSuccesses}** false successes: runs that claim success although the flash does not hold the image, or lost bytes that had to be kept beside it.
- **${all.hangs + all.defects}** hangs, or errors that are not sureflash's own typed errors.
- **${all.notCompleted}** devices that the next run does not finish programming.
- **${all.lostRest}** failed runs that lost bytes beside the image: these bytes are in the flash, or were handed out.
- **${all.destructiveAdvice}** runs that propose to erase everything although they had read the chip, which is open then.
- **${percent(shareNamed(all))}** of the failed runs whose evidence allows a cause have that cause named; a wrong cause is named in ${percent(shareWrong(all))} of all
  failed runs.
- **${strangers.filter(({ ending }) => ending.kind !== 'error').length}** of ${strangers.length} runs on devices that answer at random end in anything but a typed error.

The devices are models, not silicon. The tables say nothing about kinds of faults that nobody thought of.

## What was done

The boards are those of \`packages/virtual\`, on a virtual clock. A fault is a row of \`packages/virtual/src/faults\`, and its random choices come from a seed made of
board, fault and transfer. Transfers count from the first DFU request. The same host makes the second run, and nothing resets the device in between: the second run
finds the device as the first run left it.

- **Success** is judged by the cells, not by the wire: they are compared with the image and, in the sectors of the image, with the bytes that had to be kept.
- **Hang**: a run takes longer than ten times the undisturbed run plus two minutes, on the device's clock, or its thread computes for a minute without an end.
- **The next run** must end as it does on an undisturbed board, with the image in the flash. A plug that was pulled is put back first. A device
  that is stuck gets one power cycle, and so does one whose fault lasts until it loses its power; these runs are counted separately.
- A run may fail although the flash already holds the image (${all.unproven} runs): the image was not proven, and the next run finds it there.
- Bytes beside the image are missing when a run breaks off between erasing and rewriting their sector. In ${all.handedOut} runs sureflash handed them
  out, byte for byte, as a file to be written back. In ${all.lostRest} runs it could not.
- Damage elsewhere (${all.damageElsewhere} of the runs that claim success, ${all.lostElsewhere} of those that fail): the device misread a command and changed another
  sector. A host sees that where it looks: [what no host sees](unseen.md).
- No host sees flash that changes after it was verified.
- USB protects data with CRC16 and repeats packets that arrive broken. Wrong bits and lost or doubled requests therefore stand for a bad device, not for a bad cable.

## By fault

${kindTable(results, outcomes)}

## By board

${boardTable(results)}

An empty media interface (\`cubemx-stub\`) cannot be programmed: its runs must fail, and the second run must fail in the same way. So must the runs on other makers' loaders
that sureflash cannot serve: ${NOT_SERVED}. All other loaders work, and a run without a fault must succeed on them. A loader that cannot be
read is programmed without proof, as the run asks for, and the run claims no proof.

## Causes

\`conformance/src/campaign/judge.ts\` says which causes the evidence allows, for each kind of fault and for the error with which a run ended. A time-out allows a bad link; a device that left
the bus allows a reset; a reply that violates DFU allows a device that talks nonsense; stuck bits allow worn cells. An error that the device itself reports
is believed. After one lost bit, one misplaced block or one sector that was not erased, no read can prove which of them happened, so no cause is
required; the cause "one operation was lost" is accepted. On an empty media interface, that cause is right whatever else goes wrong.

${kindTable(results, causes)}

${probeSection(probes, MATRIX_ROWS.length)}## Devices that follow no model

These devices have the descriptors of real boards and give well-formed answers that have nothing to do with the request. Limit: ${STRANGER_LIMIT_MS / 60_000} minutes of the device's clock.

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

On a real kernel (\`npm run test:kernel -- --only faults\`), on the STM32F105's ROM bootloader, mostly with faults that the device itself does not report. dfu-util reports
success over wrong flash in ${fooled('dfu-util')} runs: it does not read back what it has written, so its success is only the device's word. sureflash does so, under some of the
same faults, in ${fooled('sureflash')}.

${dfuUtilTable(results)}
`;
}
