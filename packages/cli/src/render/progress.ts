/** How a run is shown while it goes on: a live bar and map, plain lines, or one JSON object a line. */
import type { Clock, OnProgress, Phase, Progress, Sector } from '@sureflash/programmer';
import { hex } from '@sureflash/programmer/basics';
import type { Stream } from '../base/io.ts';
import type { Context } from './context.ts';
import { jsonLine } from './json-line.ts';
import { SectorMap } from './sector-map.ts';
import type { Style } from './style.ts';
import { duration, size } from './words.ts';
import { LABEL_WIDTH, visibleLength } from './wrap.ts';

const DOING: Readonly<Record<Phase, string>> = {
  survey: 'Comparing',
  program: 'Programming',
  erase: 'Erasing',
  verify: 'Verifying',
  read: 'Reading',
};

export interface ProgressView {
  readonly onProgress: OnProgress;
  /** A line that stays, above whatever moves. */
  note(text: string): void;
  /** Leaves the terminal clean, whether the run went well or not. */
  end(): void;
}

export interface ViewOptions {
  readonly stream: Stream;
  readonly style: Style;
  /** The clock of the run in ms: the wall's, or the modelled one. */
  readonly now: () => number;
}

/** The view that fits the streams and the options of this run. */
export function progressView(
  { io, json, quiet, style }: Context,
  clock: Pick<Clock, 'now'>,
  sectors: readonly Sector[] = [],
): ProgressView {
  const options = { stream: json ? io.out : io.err, style, now: () => clock.now() };
  if (quiet) return silentProgress;
  if (json) return jsonProgress(options);
  return io.err.redraws ? liveProgress(options, sectors) : plainProgress(options);
}

/** What is known of the phase that is under way. */
class PhaseState {
  readonly phase: Phase;
  readonly bytes: number;
  readonly startedAt: number;
  done = 0;
  fraction = 0;
  address: number | undefined;

  constructor(phase: Phase, bytes: number, startedAt: number) {
    this.phase = phase;
    this.bytes = bytes;
    this.startedAt = startedAt;
  }

  take(event: Extract<Progress, { type: 'step' }>): void {
    this.done = event.done;
    this.fraction = event.fraction;
    this.address = event.address;
  }

  /** `45 %  54.1 KB  34 KB/s  1.9 s left` */
  figures(now: number): string[] {
    const ms = now - this.startedAt;
    const parts = [`${Math.floor(this.fraction * 100)} %`.padStart(5), size(this.done)];
    if (ms > 0 && this.done > 0) parts.push(`${size(Math.round((this.done / ms) * 1000))}/s`);
    if (this.fraction > 0 && this.fraction < 1)
      parts.push(`${duration((ms * (1 - this.fraction)) / this.fraction)} left`);
    return parts;
  }
}

const REDRAW_MS = 60;
const MAP_ROWS = 3;
/** Below this there is one line, without a map. */
const NARROW = 56;

/** Redraws a few lines in place; nothing but cursor movements that every terminal has. */
export function liveProgress({ stream, style, now }: ViewOptions, sectors: readonly Sector[]): ProgressView {
  const map = new SectorMap(sectors);
  let state: PhaseState | undefined;
  let current: Sector | undefined;
  let drawn: string[] = [];
  let drawnAt = 0;
  // A window that has become narrower since has wrapped what was drawn.
  const height = (): number =>
    drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(visibleLength(line) / stream.columns())), 0);
  const draw = (force: boolean): void => {
    const time = performance.now();
    if (!state || (!force && time - drawnAt < REDRAW_MS)) return;
    drawnAt = time;
    const lines = frame(state, { width: stream.columns() - 1, sector: current, map, style, now: now() });
    const rows = height();
    const up = rows > 0 ? `\u001b[${rows}A\r` : '';
    const blank = rows > lines.length ? '\u001b[0J' : '';
    stream.write(`${up}${blank}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    drawn = lines;
  };
  return {
    onProgress: (event) => {
      if (event.type === 'phase') {
        state = new PhaseState(event.phase, event.bytes, now());
        current = undefined;
      }
      if (event.type === 'step') state?.take(event);
      if (event.type === 'phase-end') current = undefined;
      if (event.type === 'sector') {
        map.note(event.sector, event.state);
        current = event.sector;
      }
      draw(event.type === 'phase' || event.type === 'phase-end');
    },
    note: (text) => {
      const rows = height();
      stream.write(rows > 0 ? `\u001b[${rows}A\r\u001b[0J${text}\n` : `${text}\n`);
      drawn = [];
    },
    end: () => {
      draw(true);
      // What is written from now on stands below: another end has nothing to draw over.
      state = undefined;
      drawn = [];
    },
  };
}

interface Frame {
  readonly width: number;
  readonly sector: Sector | undefined;
  readonly map: SectorMap;
  readonly style: Style;
  readonly now: number;
}

/** The longest figures: `100 %  117.12 KB  35.65 KB/s  99.99 s left`. The bar keeps its length while they change. */
const FIGURES_WIDTH = 44;
const LONGEST_BAR = 30;

function frame(state: PhaseState, { width, sector, map, style, now }: Frame): string[] {
  const figures = state.figures(now);
  const label = DOING[state.phase].padEnd(LABEL_WIDTH);
  if (width < NARROW) {
    const [percent = '', done = '', ...rates] = figures;
    return [fitting(label.trimEnd(), [percent.trim(), ...rates.toReversed(), done], width)];
  }
  const room = Math.min(LONGEST_BAR, width - LABEL_WIDTH - FIGURES_WIDTH);
  const full = Math.round(state.fraction * Math.max(0, room));
  const bar = room < 4 ? '' : `${'━'.repeat(full)}${style.dim('─'.repeat(room - full))}`;
  const [sign = '', ...signs] = map.legend(style);
  const place = sector ? [`sector ${sector.index} ${hex(sector.start)}`] : [];
  return [
    fitting(label + bar, figures, width),
    ...map.lines(width, MAP_ROWS, style),
    ...(map.isEmpty ? [] : [fitting(sign, [...signs, ...place, ...map.legendOfUntouched], width)]),
  ];
}

/** As many of `parts`, in this order, as the width has room for. */
function fitting(start: string, parts: readonly string[], width: number): string {
  let line = start;
  for (const part of parts) {
    const gap = line.endsWith(' ') ? '' : '  ';
    if (visibleLength(line + gap + part) > width) break;
    line += gap + part;
  }
  return line;
}

/** For pipes and logs: a line when a phase begins and one when it ends, and quarters of long ones in between. */
export function plainProgress({ stream, now }: ViewOptions): ProgressView {
  let state: PhaseState | undefined;
  let told = 0;
  const line = (phase: Phase, text: string): string => `${DOING[phase].padEnd(LABEL_WIDTH)}${text}\n`;
  return {
    onProgress: (event) => {
      if (event.type === 'phase') {
        state = new PhaseState(event.phase, event.bytes, now());
        told = 0;
      } else if (event.type === 'step' && state) {
        state.take(event);
        const quarter = Math.floor(event.fraction * 4);
        if (quarter > told && quarter < 4) {
          told = quarter;
          stream.write(line(state.phase, state.figures(now()).join('  ').trim()));
        }
      } else if (event.type === 'phase-end' && state) {
        const ms = now() - state.startedAt;
        // A comparison ends early where a first difference decides: its bytes would claim too much.
        const what = state.phase === 'survey' ? 'done' : size(state.done);
        stream.write(line(state.phase, `${what} in ${duration(ms)}`));
        state = undefined;
      }
    },
    note: (text) => stream.write(`${text}\n`),
    end: () => undefined,
  };
}

/** No more JSON lines than this a second: a reader wants to follow, not to drown. */
const JSON_STEP_MS = 100;

function jsonProgress({ stream }: ViewOptions): ProgressView {
  let toldAt = 0;
  return {
    onProgress: (event) => {
      // It has a line of its own.
      if (event.type === 'supply') return;
      if (event.type === 'step') {
        const time = performance.now();
        if (time - toldAt < JSON_STEP_MS && event.fraction < 1) return;
        toldAt = time;
      }
      const { type, ...rest } = event;
      const flat =
        'sector' in rest
          ? { ...rest, sector: { index: rest.sector.index, start: rest.sector.start, end: rest.sector.end } }
          : rest;
      stream.write(jsonLine({ type: 'progress', event: type, ...flat }));
    },
    note: () => undefined,
    end: () => undefined,
  };
}

const silentProgress: ProgressView = {
  onProgress: () => undefined,
  note: () => undefined,
  end: () => undefined,
};
