/** What was seen of a device, a run, a file or a host: typed data, from which words are made elsewhere. */
import type { LoaderKind } from '../target/about.ts';
import type { OtherWorld } from '../target/geometry.ts';
import type { HostFacts } from './host-facts.ts';
import type { ProbeFacts } from './probe-facts.ts';

/** Addresses are absolute, times in ms, sizes in bytes. */
export interface FactsByObservation extends HostFacts, ProbeFacts {
  /** Who answers, as far as descriptors tell. */
  loader: {
    readonly loader: LoaderKind;
    readonly title: string;
    /** By its ids or strings, as a bootloader that somebody has finished. */
    readonly known?: true;
  };
  /** The loader does not offer a command that every ROM of DFU protocol V2.x offers (AN3156 §4.2). */
  'commands-missing': { readonly offered: readonly string[]; readonly missing: readonly string[] };

  /** The announced sectors are none that this chip has. */
  'map-foreign': { readonly chip: string; readonly announced: readonly number[]; readonly own: readonly number[] };
  /** The map that STM32CubeMX writes into every project. */
  'map-default': Record<never, never>;
  /** The map marks its first bytes as read-only. */
  'map-read-only-start': { readonly bytes: number };

  /** Reads are refused where they matter. `answer` is a status, or `stall`; `words` are the device's own. */
  /** Nothing tells what memory the device has. */
  'no-map': Record<never, never>;
  'reads-refused': {
    readonly address: number;
    readonly answer: string;
    readonly words?: string;
    /** Other places are given back. */
    readonly part?: true;
  };
  /** From `address` on reads are refused, and at `readable`, below, they are not. `isUnwanted`: the image ends below it. */
  'refused-beyond': {
    readonly address: number;
    readonly readable: number;
    readonly answer: string;
    readonly isUnwanted?: true;
  };
  /** Reads at `address` are refused, and at `readable`, which lies beyond, they are not. `isWanted`: the image goes there. */
  'refused-below': {
    readonly address: number;
    readonly readable: number;
    readonly answer: string;
    readonly isWanted: boolean;
  };
  /** The loader says itself that it gives nothing back (bitCanUpload, DFU 1.1 §4.1.3), and it does not. */
  'no-upload': Record<never, never>;
  /** Different addresses gave the same bytes, which are no mere fill. */
  'reads-same': { readonly addresses: readonly number[]; readonly bytes: number; readonly vectors: boolean };
  /** Different addresses gave different bytes. */
  'reads-distinct': { readonly addresses: readonly number[] };
  /** Every place that was read is filled with one value: reads tell nothing about addresses. */
  'reads-blank': { readonly addresses: readonly number[]; readonly value: number };
  /** The same place read twice, with nothing written in between; `again`: it differed once more when it was read on. */
  'reads-unstable': {
    readonly address: number;
    readonly first: number;
    readonly second: number;
    readonly again: boolean;
  };
  /** A place reads otherwise as a later block of a long read than as the first block of a read of its own. */
  'reads-depend-on-block': { readonly address: number; readonly blockSize: number };
  /** What is at `address` repeats `period` bytes later, and again, while addresses within a period differ. */
  'reads-wrap': { readonly address: number; readonly period: number };

  mismatch: {
    readonly address: number;
    readonly expected: number;
    readonly found: number;
    readonly differing: number;
    readonly compared: number;
  };
  'sectors-differ': {
    readonly count: number;
    readonly touched: number;
    readonly first: number;
    readonly last: number;
    readonly start: number;
    readonly end: number;
  };
  /** What differs holds after erase and write what it held before. */
  unchanged: { readonly samples: number; readonly blank: boolean };
  /** Places that had to change read otherwise than before, if not all as they should: something is erased or written. */
  changed: { readonly samples: number; readonly changed: number };
  /** Sectors that had to be erased keep what they held, while those that were blank took the image. */
  'blank-sectors-hold': { readonly held: number; readonly failed: number };
  /** What differs is what was there before with bits cleared by the image: programmed without an erase. */
  'bits-only-cleared': { readonly samples: number };
  /** All that differs reads as erased. */
  'left-erased': { readonly bytes: number; readonly all: boolean };
  /** In every block the same stretch is missing, the rest is right. */
  'part-of-blocks': { readonly blockSize: number; readonly from: number; readonly to: number };
  /** The first block arrived, nothing behind it did. */
  'first-block-only': { readonly address: number; readonly blockSize: number };
  /** What was read at an address belongs `offset` bytes further on in the image. */
  'content-moved': { readonly address: number; readonly offset: number };
  /** A later part of the image took the place of an earlier one, and stands at its own place as well. */
  'content-wraps': { readonly address: number; readonly period: number };
  'bytes-swapped': { readonly width: 2 | 4; readonly address: number };
  /** Sectors that were not to be touched, beside one that was erased, are blank now. */
  'neighbours-lost': { readonly sectors: readonly number[] };
  /** All that differs lies in one sector or one block, while `right` others that were written are as they should be. */
  'one-operation': {
    readonly start: number;
    readonly end: number;
    readonly sectors: number;
    readonly right: number;
  };
  /** Behind an erase that was acknowledged the memory still holds something. */
  'not-erased': { readonly address: number; readonly found: number };
  /** The erase of an announced sector blanked its beginning only, up to `erasedEnd`. */
  'partly-erased': { readonly start: number; readonly end: number; readonly erasedEnd: number };
  /** The erase of an announced sector blanked more than that. */
  'erased-beyond': {
    readonly start: number;
    readonly end: number;
    readonly erasedStart: number;
    readonly erasedEnd: number;
  };
  /** The erase of an announced sector blanked another place, and nothing of it. */
  'erased-instead': {
    readonly start: number;
    readonly end: number;
    readonly erasedStart: number;
    readonly erasedEnd: number;
  };
  /** Outside the sectors of the job, `bytes` bytes are erased that held something before it; `isBeside`: next to them, and nowhere else. */
  'lost-elsewhere': { readonly address: number; readonly bytes: number; readonly isBeside: boolean };
  /** Outside the sectors of the job, `bytes` bytes hold something else than before; `source`: the bytes that the job wrote there stand there too. */
  'written-elsewhere': { readonly address: number; readonly bytes: number; readonly source?: number };
  /** Read again after the device had left its bootloader and come back; `extent`: bits of single cells, some bytes, or more. */
  'changed-after-leave': {
    readonly address: number;
    readonly expected: number;
    readonly found: number;
    readonly differing: number;
    readonly compared: number;
    readonly extent: 'cells' | 'bytes' | 'blocks';
  };
  /** Few bits are wrong, all of them stay at one value. */
  'bits-stuck': { readonly value: 0 | 1; readonly bytes: number; readonly address: number };
  /** Everything reads as the last block that was sent. */
  'reads-last-block': { readonly address: number; readonly blockSize: number };

  /** Less time than the flash of this chip needs at least. */
  'too-quick': {
    readonly sectorsErased: number;
    readonly bytesWritten: number;
    readonly tookMs: number;
    readonly leastMs: number;
    readonly chip?: string;
  };
  /** The loader told the host to wait no time at all for any of its erases or writes (bwPollTimeout, DFU 1.1 §6.1.2). */
  'no-wait-asked': { readonly erases: number; readonly writes: number };
  /** The run took as long as flash does. */
  'time-plausible': { readonly tookMs: number; readonly leastMs: number };
  /** The device holds the whole file. */
  'holds-file': { readonly bytes: number };
  /** A test pattern was erased, written and read back right in the sector that the user gave for it. */
  'scratch-holds': { readonly start: number; readonly end: number; readonly tookMs: number };

  /** The simplest loader that gives all that was read does this; `bytes` is how many bytes a right one gives otherwise. */
  'loader-simulated': { readonly sentence: string; readonly bytes: number; readonly isCertain: boolean };

  /** `debugger`: a debug probe was refused, not a host that asked a loader. */
  'read-protected': { readonly operation: string; readonly debugger?: true };
  'option-rdp': { readonly byte: number; readonly level: 0 | 1 | 2 };
  'option-wrp': { readonly sectors: readonly number[] };
  /** Sectors that belong to proprietary code or to another core; `by` names the option. */
  'option-closed': { readonly sectors: readonly number[]; readonly by: string };
  /** The option bytes were read, and protect none of the sectors in question against writing. */
  'option-wrp-none': Record<never, never>;
  /** The map forbids what the job needs. */
  'marked-read-only': { readonly start: number; readonly end: number };

  'left-bus': { readonly operation: string };
  'stuck-busy': { readonly operation: string; readonly afterMs: number; readonly address?: number };
  'no-answer': { readonly operation: string; readonly afterMs: number };
  'transfer-failed': { readonly detail: string };
  /** The device itself named an error (DFU 1.1 §6.1.2). */
  refused: {
    readonly operation: string;
    readonly status: string;
    readonly address?: number;
    /** The device's own. */
    readonly words?: string;
  };
  'request-refused': { readonly operation: string };
  'wrong-answer': { readonly operation: string; readonly expected: string; readonly found: string };
  'short-read': { readonly address: number; readonly expected: number; readonly found: number };

  /** The file itself speaks against its use here; `text` is the sentence of the check. */
  'file-concern': { readonly concern: string; readonly text: string };
  'file-outside': { readonly start: number; readonly end: number; readonly available: readonly string[] };
  /** The job has flash of the other world of TrustZone, by a name that it does not have there. */
  'file-other-world': { readonly start: number; readonly end: number; readonly world: OtherWorld };
}

export type ObservationKind = keyof FactsByObservation;

export interface Observation<K extends ObservationKind = ObservationKind> {
  readonly kind: K;
  readonly facts: FactsByObservation[K];
}

export function seen<K extends ObservationKind>(kind: K, facts: FactsByObservation[K]): Observation<K> {
  return { kind, facts };
}

export function isSeen<K extends ObservationKind>(observation: Observation, kind: K): observation is Observation<K> {
  return observation.kind === kind;
}

/** The facts of the first observation of this kind. */
export function factsOf<K extends ObservationKind>(
  evidence: readonly Observation[],
  kind: K,
): FactsByObservation[K] | undefined {
  for (const observation of evidence) if (isSeen(observation, kind)) return observation.facts;
  return undefined;
}

/** What no reading can be trusted with: with one of these, programming through the device cannot be proven. */
const FATAL: readonly ObservationKind[] = ['no-upload', 'reads-refused', 'reads-same', 'reads-depend-on-block'];
const DOUBTFUL: readonly ObservationKind[] = [...FATAL, 'reads-unstable', 'reads-wrap', 'map-default', 'map-foreign'];

/** @returns whether nothing that is programmed through such a device can be proven */
export const isFatal = ({ kind }: Observation): boolean => FATAL.includes(kind);

/**
 * @returns whether read protection is proven: what takes it away erases everything, and is proposed on nothing less. Reads
 * that were answered, and option bytes of level 0, say that the chip is open.
 */
export function isClosed(evidence: readonly Observation[]): boolean {
  const level = factsOf(evidence, 'option-rdp')?.level;
  const isRead = evidence.some(
    ({ kind }) => kind === 'reads-distinct' || kind === 'reads-blank' || kind === 'mismatch',
  );
  const isRefused = evidence.some(({ kind }) => kind === 'read-protected');
  return level === undefined ? isRefused && !isRead : level > 0;
}

/** @returns whether the device says itself that it gives nothing back */
export const givesNothing = ({ kind }: Observation): boolean => kind === 'no-upload';

/** @returns whether some of the flash can be read, and reads are refused where the image goes */
export const isPartlyRead = (each: Observation): boolean => isSeen(each, 'reads-refused') && each.facts.part === true;

/** @returns whether it is refused reads that speak against a proof, and no reads that cannot be believed */
export const isUnreadable = ({ kind }: Observation): boolean => kind === 'no-upload' || kind === 'reads-refused';

/** @returns whether this speaks against the device at all */
export const isDoubt = ({ kind }: Observation): boolean => DOUBTFUL.includes(kind);

/** A run this much quicker than the least time of its flash did not program it, whatever is read back. */
const IMPOSSIBLE_SHARE = 0.5;

export function isImpossiblyQuick({ tookMs, leastMs }: { readonly tookMs: number; readonly leastMs: number }): boolean {
  return tookMs < leastMs * IMPOSSIBLE_SHARE;
}

/** @returns both, where later observations of what reads give take the place of earlier ones */
export function updated(earlier: readonly Observation[], later: readonly Observation[]): Observation[] {
  const isAboutReads = ({ kind }: Observation): boolean => /^reads-(same|distinct|blank)$/.test(kind);
  const anew = later.some(isAboutReads);
  return [...earlier.filter((each) => !anew || !isAboutReads(each)), ...later];
}
