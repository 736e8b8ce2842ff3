/** How a run is shown while it goes on: a live bar and map, plain lines, or one JSON object a line. */
import type { Sector } from '@sureflash/programmer';
import { hex } from '@sureflash/programmer';
import type { OnProgress, Phase, Progress } from '@sureflash/programmer/engine';
import type { Stream } from '../io.ts';
import { SectorMap } from './sector-map.ts';
import type { Style } from './style.ts';
import { duration, size } from './words.ts';

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
const NARROW = 50;

/** Redraws a few lines in place; nothing but cursor movements that every terminal has. */
export function liveProgress({ stream, style, now }: ViewOptions, sectors: readonly Sector[]): ProgressView {
  const map = new SectorMap(sectors);
  let state: PhaseState | undefined;
  let current: Sector | undefined;
  let drawn = 0;
  let drawnAt = 0;
  const draw = (force: boolean): void => {
    const time = performance.now();
    if (!state || (!force && time - drawnAt < REDRAW_MS)) return;
    drawnAt = time;
    const lines = frame(state, { width: stream.columns() - 1, sector: current, map, style, now: now() });
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    const blank = drawn > lines.length ? '\u001b[0J' : '';
    stream.write(`${up}\r${blank}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    drawn = lines.length;
  };
  return {
    onProgress: (event) => {
      if (event.type === 'phase') {
        state = new PhaseState(event.phase, event.bytes, now());
        current = undefined;
      }
      if (event.type === 'step') state?.take(event);
      if (event.type === 'sector') {
        map.note(event.sector, event.state);
        current = event.sector;
      }
      draw(event.type === 'phase' || event.type === 'phase-end');
    },
    note: (text) => {
      stream.write(drawn > 0 ? `\u001b[${drawn}A\r\u001b[0J${text}\n` : `${text}\n`);
      drawn = 0;
    },
    end: () => draw(true),
  };
}

interface Frame {
  readonly width: number;
  readonly sector: Sector | undefined;
  readonly map: SectorMap;
  readonly style: Style;
  readonly now: number;
}

function frame(state: PhaseState, { width, sector, map, style, now }: Frame): string[] {
  const figures = state.figures(now);
  const label = DOING[state.phase].padEnd(12);
  if (width < NARROW) return [clip(`${label}${figures[0]?.trim() ?? ''}  ${figures.slice(2).join(' ')}`, width)];
  const place = sector ? `sector ${sector.index} ${hex(sector.start)}` : '';
  const tail = [...figures, place].filter((part) => part !== '').join('  ');
  const room = Math.max(8, Math.min(30, width - label.length - tail.length - 4));
  const full = Math.round(state.fraction * room);
  const bar = `${'━'.repeat(full)}${style.dim('─'.repeat(room - full))}`;
  const plainLength = label.length + room + 2 + tail.length;
  const line = plainLength > width ? clip(`${label}${tail}`, width) : `${label}${bar}  ${tail}`;
  return [line, ...map.lines(width, MAP_ROWS, style), SectorMap.legend(style)];
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, Math.max(0, width));
}

/** For pipes and logs: a line when a phase begins and one when it ends, and quarters of long ones in between. */
export function plainProgress({ stream, now }: ViewOptions): ProgressView {
  let state: PhaseState | undefined;
  let told = 0;
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
          stream.write(`${DOING[state.phase]}  ${state.figures(now()).join('  ').trim()}\n`);
        }
      } else if (event.type === 'phase-end' && state) {
        const ms = now() - state.startedAt;
        stream.write(`${DOING[state.phase]}  ${size(state.done)} in ${duration(ms)}\n`);
        state = undefined;
      }
    },
    note: (text) => stream.write(`${text}\n`),
    end: () => undefined,
  };
}

/** No more JSON lines than this a second: a reader wants to follow, not to drown. */
const JSON_STEP_MS = 100;

export function jsonProgress({ stream }: ViewOptions): ProgressView {
  let toldAt = 0;
  return {
    onProgress: (event) => {
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
      stream.write(`${JSON.stringify({ type: 'progress', event: type, ...flat })}\n`);
    },
    note: () => undefined,
    end: () => undefined,
  };
}

export const silentProgress: ProgressView = {
  onProgress: () => undefined,
  note: () => undefined,
  end: () => undefined,
};
