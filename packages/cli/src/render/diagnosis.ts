/** A diagnosis on one screen: the cause, the strongest evidence, what to do now. */
import type { Diagnosis } from '@sureflash/programmer/diagnosis';
import type { Stream } from '../base/io.ts';
import { simulationLines } from './loader-model.ts';
import { trialText } from './loader-trial.ts';
import { remedyText } from './remedy.ts';
import type { Style } from './style.ts';
import { bullet, labelled } from './wrap.ts';

/** All of it, and what was seen besides, is in `--json` and in the report. */
const MOST_EVIDENCE = 6;
const MOST_RUNNERS_UP_SHOWN = 2;

export function diagnosisLines(
  diagnosis: Diagnosis,
  style: Style,
  stream: Stream,
  wording: (text: string) => string,
): string[] {
  const { title, evidence, remedies, tellApart, verdict, cause, speaking, model, trial, isGuess, brokeOff } = diagnosis;
  const undecided = verdict === 'undecided';
  return [
    labelled(style.strong(CERTAINTY[verdict]), title, stream),
    ...othersOf(diagnosis).map(([label, text]) => labelled(style.strong(label), text, stream)),
    ...(model ? simulationLines({ model, title, style, stream }) : []),
    ...(trial ? [labelled(style.strong('Tried'), trialText(trial), stream)] : []),
    ...(isGuess ? [labelled(style.strong('A guess'), GUESS, stream)] : []),
    ...(brokeOff === undefined ? [] : [labelled(style.strong('Not tried'), brokeOffText(brokeOff), stream)]),
    ...evidence.slice(0, Math.min(MOST_EVIDENCE, speaking)).map((line) => bullet(line, stream)),
    ...(undecided && tellApart.length > 0
      ? [style.strong('To know which'), ...tellApart.map((each) => bullet(wording(remedyText(each)), stream))]
      : []),
    style.strong('What to do'),
    ...remedies.map((each) => bullet(wording(remedyText(each)), stream)),
    labelled(style.strong('More'), `sureflash explain ${cause}`, stream),
  ];
}

const CERTAINTY = { certain: 'Why', likely: 'Most likely', undecided: 'Either' } as const;

const GUESS =
  'No loader that was simulated gives all that was read: only the signs below speak for this, and the cause may be another one.';

/** What is missing where this program has failed while it looked for the loader. */
export const brokeOffText = (brokeOff: string): string =>
  `No loader was simulated: this is a defect of sureflash (${brokeOff}). The failure above is told from other signs.`;

/** Other causes: as good as the first, or less likely. */
function othersOf({ verdict, rivals, runnersUp }: Diagnosis): [label: string, text: string][] {
  if (verdict === 'undecided') return rivals.map(({ title }) => ['Or', title]);
  const less = runnersUp.slice(0, MOST_RUNNERS_UP_SHOWN);
  return less.map(({ title }) => ['Less likely', title]);
}
