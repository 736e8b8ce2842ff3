/** The report of one run: a page that needs nothing else, made to be attached to a ticket. */
import type { Region } from '@sureflash/programmer';
import type { Diagnosis, LoaderModel } from '@sureflash/programmer/diagnosis';
import { brokeOffText } from '../render/diagnosis.ts';
import { simulationText } from '../render/loader-model.ts';
import { trialText } from '../render/loader-trial.ts';
import { remedyText } from '../render/remedy.ts';
import { exampleView, hexView } from './hex-view.ts';
import { Html, html } from './html.ts';
import { memoryMaps } from './memory-maps.ts';
import type { Recorder } from './recorder.ts';
import { STYLE } from './style.ts';
import { timeline } from './timeline.ts';

export interface ReportData {
  /** What was asked for: `program dashboard-v2.elf`. */
  readonly command: string;
  /** When it was made, for people. */
  readonly made: string;
  readonly version: string;
  readonly ok: boolean;
  /** One sentence: how it ended. */
  readonly outcome: string;
  readonly code?: string;
  /** File, device and the like, by name. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly diagnosis?: Diagnosis;
  /** What to do where there is no diagnosis. */
  readonly remedy: readonly string[];
  /** What was seen where there is no diagnosis. */
  readonly observations: readonly string[];
  /** The memories of the device. */
  readonly regions: readonly Region[];
  readonly recorder: Recorder;
}

export function reportPage(data: ReportData): string {
  const { command, made, version, ok, outcome, code, facts, diagnosis, regions, recorder } = data;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sureflash ${command}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<h1>${outcome}</h1>
<p><span class="verdict ${ok ? 'ok' : 'bad'}">${ok ? 'success' : (code ?? 'failure')}</span>
<span class="faint">sureflash ${version}, ${made}</span></p>
</header>
<dl><dt>Command</dt><dd><code>sureflash ${command}</code></dd>
${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${diagnosis ? causeOf(diagnosis) : plainly(data)}
${memoryMaps(recorder.sectors, regions)}
${timeline(recorder, diagnosis?.observations ?? [])}
${hexView(recorder.excerpt)}
${diagnosis ? sourcesOf(diagnosis) : ''}
</body>
</html>
`;
  return page.text;
}

const VERDICT = { certain: 'certain', likely: 'most likely', undecided: 'cannot be told apart from others' } as const;

function causeOf(diagnosis: Diagnosis): Html {
  const {
    title,
    verdict,
    rivals,
    runnersUp,
    evidence,
    speaking,
    remedies,
    tellApart,
    model,
    trial,
    isGuess,
    brokeOff,
  } = diagnosis;
  return html`<section class="cause"><p>${title} <span class="verdict warn">${isGuess ? 'a guess' : VERDICT[verdict]}</span></p>
${rivals.map((rival) => html`<p>Or: ${rival.title}</p>`)}
${runnersUp.map((other) => html`<p class="faint">Less likely: ${other.title}</p>`)}</section>
${model ? simulationOf(model, title) : ''}
${trial ? html`<section><h2>Tried on the device</h2><p>${trialText(trial)}</p></section>` : ''}
${brokeOff === undefined ? '' : html`<section><h2>Not tried</h2><p>${brokeOffText(brokeOff)}</p></section>`}
<section><h2>What to do</h2>${listOf('ol', remedies.map(remedyText))}</section>
${tellApart.length > 0 ? html`<section><h2>To know which</h2>${listOf('ul', tellApart.map(remedyText))}</section>` : ''}
${seenSection('Evidence', evidence.slice(0, speaking))}
${seenSection('Also seen', evidence.slice(speaking))}`;
}

function seenSection(heading: string, lines: readonly string[]): Html | string {
  return lines.length > 0 ? html`<section><h2>${heading}</h2>${listOf('ul', lines)}</section>` : '';
}

/** What the loader does, by simulation, and where that shows first. */
function simulationOf(model: LoaderModel, title: string): Html {
  const { example, rivals, tellApart, code } = model;
  const isSaid = title.includes(model.sentence);
  return html`<section><h2>What the loader does</h2><p>${simulationText(model)}</p>
${isSaid ? '' : rivals.map((rival) => html`<p>Or: ${rival}.</p>`)}
${isSaid || tellApart === undefined ? '' : html`<p class="faint">${tellApart}</p>`}
${example ? exampleView(example) : ''}
<p>In the code, for ST's class by the names of its functions:</p>
${listOf('ul', code)}</section>`;
}

function plainly({ remedy, observations }: ReportData): Html {
  return html`${remedy.length > 0 ? html`<section><h2>What to do</h2>${listOf('ol', remedy)}</section>` : ''}
${seenSection('What was seen', observations)}`;
}

function sourcesOf({ cause, sources }: Diagnosis): Html {
  return html`<section><h2>Read on</h2><ul>
${sources.map(({ title, url }) => html`<li><a href="${url}">${title}</a></li>`)}
<li class="faint">More about this cause: <code>sureflash explain ${cause}</code></li></ul></section>`;
}

function listOf(kind: 'ol' | 'ul', lines: readonly string[]): Html {
  const items = lines.map((line) => html`<li>${line}</li>`);
  return kind === 'ol' ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
}
