/** The sectors of a run as a row of characters: what is kept, erased, written, verified, or failed the proof. */
import type { Sector, SectorState } from '@sureflash/programmer';
import type { Style } from './style.ts';

export type MapState = 'unknown' | 'kept' | 'pending' | 'erased' | 'written' | 'verified' | 'failed';

const SIGN: Readonly<Record<MapState, string>> = {
  unknown: '·',
  kept: '=',
  pending: '-',
  erased: '░',
  written: '▓',
  verified: '█',
  failed: '×',
};

const NEXT: Readonly<Record<SectorState, MapState | undefined>> = {
  same: 'kept',
  different: 'pending',
  erasing: undefined,
  erased: 'erased',
  writing: undefined,
  written: 'written',
  verified: 'verified',
  failed: 'failed',
};

/** A kept sector that was read back once more stays kept: nothing was done to it. */
export function stateAfter(before: MapState, event: SectorState): MapState {
  const next = NEXT[event] ?? before;
  return next === 'verified' && before === 'kept' ? before : next;
}

/** Keeps the state of each sector, and remembers which were never touched. */
export class SectorMap {
  readonly #states = new Map<number, MapState>();

  constructor(sectors: readonly Sector[]) {
    for (const sector of sectors) this.#states.set(sector.start, 'unknown');
  }

  note(sector: Sector, state: SectorState): void {
    const now = this.#states.get(sector.start);
    if (now !== undefined) this.#states.set(sector.start, stateAfter(now, state));
  }

  get isEmpty(): boolean {
    return this.#states.size === 0;
  }

  /** At most `rows` lines of at most `width` characters; neighbours share one where there are too many sectors. */
  lines(width: number, rows: number, style: Style): string[] {
    const states = [...this.#states.values()];
    const each = Math.max(1, Math.ceil(states.length / (width * rows)));
    const cells: string[] = [];
    for (let i = 0; i < states.length; i += each) cells.push(cell(states.slice(i, i + each), style));
    const lines: string[] = [];
    for (let i = 0; i < cells.length; i += width) lines.push(cells.slice(i, i + width).join(''));
    return lines;
  }

  /** What the signs mean; `failed` only where something has. */
  legend(style: Style): string[] {
    const item = (state: MapState): string => `${cell([state], style)} ${state}`;
    const failed = [...this.#states.values()].includes('failed') ? [item('failed')] : [];
    const others = (['kept', 'erased', 'written', 'verified'] as const).map(item);
    return [...failed, `${SIGN.pending} to change`, ...others];
  }

  /** The sign of sectors that nothing has happened to, where there are some. */
  get legendOfUntouched(): string[] {
    return [...this.#states.values()].includes('unknown') ? [`${SIGN.unknown} not touched yet`] : [];
  }
}

/** The least advanced state of a group tells. */
function cell(states: readonly MapState[], style: Style): string {
  const order: readonly MapState[] = ['failed', 'unknown', 'pending', 'erased', 'written', 'verified', 'kept'];
  const state = order.find((each) => states.includes(each)) ?? 'unknown';
  const sign = SIGN[state];
  if (state === 'failed') return style.bad(sign);
  if (state === 'verified') return style.ok(sign);
  if (state === 'erased' || state === 'written') return style.warn(sign);
  return style.dim(sign);
}
