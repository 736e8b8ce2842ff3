/** What a cause is: a row with the signs that speak for and against it, what to do, and who says so. */
import type { Chip } from '@sureflash/chips';
import type { LoaderKind } from '../target/about.ts';
import {
  type FactsByObservation,
  isImpossiblyQuick,
  isSeen,
  type Observation,
  type ObservationKind,
} from './observation.ts';
import type { Remedy } from './remedy.ts';

export type Area = 'media interface' | 'protection' | 'geometry' | 'cells' | 'link' | 'file' | 'host' | 'debug probe';

/** A public document: ST's application notes and manuals, specifications, threads with the same case. */
export interface Source {
  readonly title: string;
  readonly url: string;
}

/** One observation that speaks for or against a cause. */
export interface Sign {
  readonly kind: ObservationKind;
  /** 1 is a hint, 3 strong, 5 nearly a proof. */
  readonly weight: number;
  /** What narrows the sign down, in words; empty where every observation of the kind counts. */
  readonly note: string;
  /** The observation that gives the sign. */
  readonly find: (evidence: readonly Observation[]) => Observation | undefined;
}

interface Narrowed<K extends ObservationKind> {
  readonly note: string;
  readonly when: (facts: FactsByObservation[K]) => boolean;
}

export function sign<K extends ObservationKind>(kind: K, weight: number, narrowed?: Narrowed<K>): Sign {
  const { note = '', when = () => true } = narrowed ?? {};
  return { kind, weight, note, find: (evidence) => evidence.find((each) => isSeen(each, kind) && when(each.facts)) };
}

const LOADER_NAMES: Readonly<Record<LoaderKind, string>> = {
  'st-rom': "ST's ROM bootloader",
  'other-rom': "the ROM of another maker's chip",
  'cubemx-application': "an application with STM32CubeMX's DFU class",
  'debug-port': 'the debug port of the chip',
  custom: 'another loader',
};

/** The loader is one of these. */
export function loaderIs(weight: number, ...kinds: readonly LoaderKind[]): Sign {
  const note = kinds.map((kind) => LOADER_NAMES[kind]).join(', or ');
  return sign('loader', weight, { note, when: ({ loader }) => kinds.includes(loader) });
}

/** Nobody's own code stands between host and flash: the loader is a ROM's, or there is none. */
export function noLoaderOfApplication(weight: number): Sign {
  return loaderIs(weight, 'st-rom', 'other-rom', 'debug-port');
}

/** The run took less than half of the least time that its flash needs. */
export function impossiblyQuick(weight: number): Sign {
  return sign('too-quick', weight, { note: 'less than half of the least time', when: isImpossiblyQuick });
}

export interface Cause<Id extends string = string> {
  /** Stable; also the name of its page in docs/diagnoses. */
  readonly id: Id;
  readonly area: Area;
  /** One sentence: what is wrong. */
  readonly title: string;
  /** How it comes about, for its page. */
  readonly explanation: string;
  readonly for: readonly Sign[];
  readonly against: readonly Sign[];
  /** What to do now, best first, for this chip where it is known, and after what was seen. */
  readonly remedies: (chip: Chip | undefined, evidence?: readonly Observation[]) => readonly (Remedy | string)[];
  /** How to know which it is when another cause, by id, fits as well. */
  readonly tellApart?: Readonly<Record<string, Remedy | string>>;
  readonly sources: readonly Source[];
}
