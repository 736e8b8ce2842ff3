/** Keeps what happens in a run, for the report: phases with their times, the state of each sector. */
import type { Clock, Excerpt, OnProgress, Phase, Sector } from '@sureflash/programmer';
import { type MapState, stateAfter } from '../render/sector-map.ts';

/** Times in ms since the run began. */
export interface PhaseRecord {
  readonly phase: Phase;
  readonly from: number;
  to: number;
  /** Bytes read or written. */
  bytes: number;
}

export interface RecordedSector {
  readonly sector: Sector;
  readonly state: MapState;
}

export class Recorder {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #startedAt: number;
  readonly #phases: PhaseRecord[] = [];
  readonly #sectors = new Map<number, RecordedSector>();
  excerpt: Excerpt | undefined;
  /** What the flash needs for the work at least, in ms, where its chip is known. */
  leastMs: number | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  get phases(): readonly PhaseRecord[] {
    return this.#phases;
  }

  /** In ascending order. */
  get sectors(): readonly RecordedSector[] {
    return [...this.#sectors.values()].toSorted((a, b) => a.sector.start - b.sector.start);
  }

  /** `onProgress`, and a note of what goes by. */
  watch(onProgress: OnProgress): OnProgress {
    return (event) => {
      onProgress(event);
      const now = this.#clock.now() - this.#startedAt;
      if (event.type === 'phase') this.#phases.push({ phase: event.phase, from: now, to: now, bytes: 0 });
      const phase = this.#phases.at(-1);
      if (phase) phase.to = now;
      if (phase && event.type === 'step') phase.bytes = event.done;
      if (event.type !== 'sector') return;
      const { sector, state } = event;
      const before = this.#sectors.get(sector.start)?.state ?? 'unknown';
      this.#sectors.set(sector.start, { sector, state: stateAfter(before, state) });
    };
  }
}
