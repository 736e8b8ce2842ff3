/** A loader of right functions with one or two deviations in front of them. It knows neither kinds nor hosts. */

import type { CellWork } from './cells.ts';
import { ERASED, SparseCells } from './cells.ts';
import type { Bench, Deviation, Notes } from './deviation.ts';
import { LAYERS, noNotes } from './deviation.ts';
import type { Geometry } from './geometry.ts';
import { sectorAt } from './geometry.ts';
import type { Media, Operation, ReadOperation } from './operation.ts';

export interface ComposedLoader {
  /** Each deviation in a sentence, in the order in which they act. */
  describe(): string;
  readonly kinds: readonly string[];
  readonly deviations: readonly Deviation[];
  readonly geometry: Geometry;
  /** A read counts too: some loaders change with it. */
  apply(operation: Operation): void;
  read(operation: Omit<ReadOperation, 'kind'>): Uint8Array;
  /** With all that happened so far; neither changes with the other. */
  clone(): ComposedLoader;
  /** The same program, started anew on a chip that holds `content`; without it, on what this one began with. */
  restart(content?: Uint8Array): ComposedLoader;
  /** The same program, started anew on the same chip: cells stay as they are, with the marks of ECC units of ones. */
  reset(): ComposedLoader;
  /** As `restart`, with one deviation put right. */
  without(index: number): ComposedLoader;
  /** What the cells hold; no host can ask for it. */
  peek(address: number, length: number): Uint8Array;
  /** What cells went through since this was last asked. */
  takeWork(): CellWork;
}

/** What stands outside the flash: exactly `length` bytes, or `undefined` where nothing does. */
export type Elsewhere = (address: number, length: number) => Uint8Array | undefined;

interface Memories {
  /** All of the flash at first; it must not change any more. */
  readonly content: Uint8Array;
  /** Default the system bytes of the geometry. */
  readonly elsewhere?: Elsewhere | undefined;
}

export function loaderOf(geometry: Geometry, deviations: readonly Deviation[], memories: Memories): ComposedLoader {
  const ordered = LAYERS.flatMap((layer) => deviations.filter((deviation) => deviation.layer === layer));
  const state = { cells: SparseCells.holding(geometry, memories.content), notes: ordered.map(noNotes) };
  return running({ geometry, deviations: ordered, memories }, state);
}

interface LoaderParts {
  readonly geometry: Geometry;
  readonly deviations: readonly Deviation[];
  readonly memories: Memories;
}

interface State {
  readonly cells: SparseCells;
  readonly notes: readonly Notes[];
}

function running(parts: LoaderParts, { cells, notes }: State): ComposedLoader {
  const { geometry, deviations, memories } = parts;
  let media = rightMedia(geometry, cells, memories.elsewhere ?? systemBytes(geometry));
  for (let i = deviations.length - 1; i >= 0; i--) {
    const deviation = deviations[i];
    const own = notes[i];
    if (deviation && own) media = inFront(deviation, { below: media, notes: own, cells, geometry });
  }
  const top = media;
  return {
    describe: () => deviations.map(({ words }) => words).join('; then ') || 'does as it is asked',
    kinds: deviations.map(({ kind }) => kind),
    deviations,
    geometry,
    apply: (operation) => apply(top, operation),
    read: (ask) => top.read(ask),
    clone: () => running(parts, { cells: cells.clone(), notes: notes.map((each) => ({ ...each })) }),
    restart: (content = memories.content) => loaderOf(geometry, deviations, { ...memories, content }),
    reset: () => running(parts, { cells: cells.clone(), notes: deviations.map(noNotes) }),
    without: (index) =>
      loaderOf(
        geometry,
        deviations.filter((_, i) => i !== index),
        memories,
      ),
    peek: (address, length) => cells.read(address, length),
    takeWork: () => cells.takeWork(),
  };
}

function apply(media: Media, operation: Operation): void {
  switch (operation.kind) {
    case 'erase':
      media.erase(operation);
      return;
    case 'eraseAll':
      media.eraseAll();
      return;
    case 'write':
      media.write(operation);
      return;
    case 'read':
      media.read(operation);
  }
}

function rightMedia(geometry: Geometry, cells: SparseCells, elsewhere: Elsewhere): Media {
  const { start, bytes: size } = geometry;
  return {
    erase: ({ address }) => {
      const sector = sectorAt(geometry, address);
      if (sector) cells.clear(sector.start, sector.end - sector.start);
    },
    eraseAll: () => cells.clear(start, size),
    write: ({ address, bytes }) => cells.program(address, bytes),
    read: ({ address, length }) => {
      const inFlash = address < start + size && address + length > start;
      return (inFlash ? undefined : elsewhere(address, length)) ?? cells.read(address, length);
    },
  };
}

/** Byte by byte: beside what stands there a read gives erased bytes. */
function systemBytes({ system }: Geometry): Elsewhere {
  return (address, length) => {
    const from = address - system.address;
    if (from + length <= 0 || from >= system.bytes.length) return undefined;
    return Uint8Array.from({ length }, (_, i) => system.bytes[from + i] ?? ERASED);
  };
}

function inFront({ hooks }: Deviation, bench: Bench): Media {
  const { below } = bench;
  const { erase, eraseAll, write, read } = hooks;
  return {
    erase: (sector) => (erase ? erase(bench, sector) : below.erase(sector)),
    eraseAll: () => (eraseAll ? eraseAll(bench) : below.eraseAll()),
    write: (block) => (write ? write(bench, block) : below.write(block)),
    read: (ask) => (read ? read(bench, ask) : below.read(ask)),
  };
}
