/** The phases of a run on one scale of time, and what the silicon needs for the same work at least. */

import type { Phase } from '@sureflash/programmer';
import { factsOf, type Observation } from '@sureflash/programmer/diagnosis';
import { duration, size } from '../render/words.ts';
import { type Html, html } from './html.ts';
import type { PhaseRecord, Recorder } from './recorder.ts';

const PHASE_NAME: Readonly<Record<Phase, string>> = {
  survey: 'Compare',
  program: 'Erase and write',
  erase: 'Erase',
  verify: 'Read back',
  read: 'Read',
};

export function timeline({ phases, leastMs: known }: Recorder, evidence: readonly Observation[]): Html {
  if (phases.length === 0) return html``;
  const told = factsOf(evidence, 'too-quick') ?? factsOf(evidence, 'time-plausible');
  const leastMs = told?.leastMs ?? known ?? 0;
  const writing = phases.find(({ phase }) => phase === 'program');
  const end = Math.max(1, ...phases.map(({ to }) => to), leastMs + (writing?.from ?? 0));
  const limit = leastMs > 0 && writing ? [limitRow(writing, { leastMs, end })] : [];
  return html`<section><h2>Time</h2><div>
${[...phases.map((phase) => row(phase, end)), ...limit]}
</div></section>`;
}

function row({ phase, from, to, bytes }: PhaseRecord, end: number): Html {
  const text = `${duration(to - from)}${bytes > 0 ? `, ${size(bytes)}` : ''}`;
  return bar(PHASE_NAME[phase], { text, style: barPlace(from, to, end), kind: 'done' });
}

function limitRow({ from }: PhaseRecord, { leastMs, end }: { readonly leastMs: number; readonly end: number }): Html {
  const text = `${duration(leastMs)} at least`;
  return bar('The flash needs', { text, style: barPlace(from, from + leastMs, end), kind: 'limit' });
}

function bar(name: string, { text, style, kind }: { text: string; style: string; kind: 'done' | 'limit' }): Html {
  const track = html`<div class="track"><div class="bar ${kind}" style="${style}"></div></div>`;
  return html`<div class="row"><div class="name">${name}</div>${track}<div class="figure">${text}</div></div>`;
}

function barPlace(from: number, to: number, end: number): string {
  const share = (ms: number): string => `${((ms / end) * 100).toFixed(2)}%`;
  return `left: ${share(from)}; width: ${share(to - from)}`;
}
