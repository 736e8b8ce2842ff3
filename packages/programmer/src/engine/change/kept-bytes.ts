/** What is to survive a run that breaks off: bytes beside the image, in a store that outlives it. It knows no file. */
import { MemoryImage, type Segment } from '@sureflash/image';
import { type Range, regionHolding } from '../../target/geometry.ts';
import type { OperationOptions, Target } from '../../target/target.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';
import type { SectorPlan } from '../survey/plan.ts';
import type { NeighbourGuard } from './first-erase.ts';

/**
 * Keeps bytes of one device while its flash does not hold them: a file, the storage of a page. A run that is killed leaves
 * them there, and the next one on the same device puts them back.
 */
export interface KeptBytes {
  /** @returns what earlier runs on this device have left, disjoint segments; empty where there is nothing */
  held(): Promise<readonly Segment[]>;
  /**
   * Keeps exactly these from now on, in place of all that were held: whole or not at all. It resolves when they would
   * survive the end of the process and of the power. Empty: nothing needs to be kept any more.
   */
  hold(segments: readonly Segment[]): Promise<void>;
}

/** What becomes of the bytes that earlier runs have left. */
export interface EarlierBytes {
  /** The flash has lost them; the job writes them back and proves them. */
  readonly restored: readonly Segment[];
  /** The flash holds something else at their place: they stay in the store. */
  readonly left: readonly Segment[];
}

/**
 * Reads the places of bytes that were held and tells apart whether the flash has lost them, or was given other content
 * since. An erase and a write that broke off leave each bit as it was, or erased.
 * @param image what the job writes: its own places need nothing of what was held
 */
export async function judgeEarlier(
  target: Target,
  held: readonly Segment[],
  { image, signal }: OperationOptions & { readonly image: MemoryImage },
): Promise<EarlierBytes> {
  const restored: Segment[] = [];
  const left: Segment[] = [];
  for (const segment of uncovered(held, image)) {
    const end = segment.address + segment.bytes.length;
    const range = { start: segment.address, end };
    const region = regionHolding(target.geometry, range);
    const isLost = region && isBetween(await readMemoryBytes(target, range, { signal }), segment, region.erasedValue);
    (isLost ? restored : left).push(segment);
  }
  return { restored, left };
}

/** @returns an image with these segments too */
export function withSegments(image: MemoryImage, segments: readonly Segment[] = []): MemoryImage {
  return segments.length === 0 ? image : new MemoryImage([...image.segments, ...segments]);
}

/** Whether each bit is that of the segment or an erased one. */
function isBetween(found: Uint8Array, { bytes }: Segment, erasedValue: number): boolean {
  return bytes.every((byte, i) => {
    const differing = byte ^ (found[i] ?? 0);
    return (((found[i] ?? 0) ^ erasedValue) & differing) === 0;
  });
}

/** The parts of segments that the image does not cover. */
function uncovered(segments: readonly Segment[], image: MemoryImage): Segment[] {
  return segments.flatMap((segment) => {
    const end = segment.address + segment.bytes.length;
    const parts: Segment[] = [];
    let at = segment.address;
    const push = ({ start, end: to }: Range): void => {
      if (to > start)
        parts.push({ address: start, bytes: segment.bytes.subarray(start - segment.address, to - segment.address) });
    };
    for (const { address, bytes } of image.within({ start: segment.address, end })) {
      push({ start: at, end: address });
      at = address + bytes.length;
    }
    push({ start: at, end });
    return parts;
  });
}

/** What one run needs of a store, from before its first erase to its proof. Without a store nothing is kept. */
export class Safekeeping {
  readonly #store: KeptBytes | undefined;
  readonly #left: readonly Segment[];
  #held: readonly Segment[] = [];
  #beside: readonly Segment[] = [];
  #neighbours: readonly Segment[] = [];
  #isChanged = false;

  /** @param left of what was held, the part that stays when the run is proven */
  constructor(store?: KeptBytes, left: readonly Segment[] = []) {
    this.#store = store;
    this.#left = left;
  }

  /** What it holds outlives the process. */
  get isStored(): boolean {
    return this.#store !== undefined;
  }

  /** Before anything is changed. @throws what the store throws: nothing is lost then */
  async begin(sectors: readonly SectorPlan[]): Promise<void> {
    if (!this.#isChanged) this.#held = (await this.#store?.held()) ?? [];
    await this.#hold(sectors);
  }

  /** After a run that has failed. @param sectors those that it has begun and not proven */
  async narrow(sectors: readonly SectorPlan[]): Promise<void> {
    // What is held already is more than enough, and the error of the run outweighs one of the store.
    await this.#hold(sectors).catch(() => undefined);
  }

  /** Before sectors of a run that has failed are erased again: what stood beside the image there stays held. @throws what the store throws */
  async alsoHold(sectors: readonly SectorPlan[]): Promise<void> {
    const beside = sectors.flatMap((sector) => sector.beside);
    await this.#holdAll([...this.#beside, ...uncovered(beside, new MemoryImage(this.#beside))]);
  }

  /** Everything is proven to be in flash. A store that cannot let go of bytes is no failure of the run. */
  async end(): Promise<void> {
    if (this.#isChanged || this.#held.length > 0) await this.#store?.hold(this.#left).catch(() => undefined);
  }

  /** What the first erase of a loader that nobody knows may take, beside all that is held. */
  guard(): NeighbourGuard {
    return {
      hold: async (segments) => {
        if (!this.#isChanged) this.#held = (await this.#store?.held()) ?? [];
        this.#neighbours = segments;
        await this.#holdAll(this.#beside);
      },
      release: () => {
        this.#neighbours = [];
      },
    };
  }

  async #hold(sectors: readonly SectorPlan[]): Promise<void> {
    await this.#holdAll(sectors.flatMap((sector) => sector.beside));
  }

  async #holdAll(beside: readonly Segment[]): Promise<void> {
    const neighbours = uncovered(this.#neighbours, new MemoryImage(beside));
    const read = [...beside, ...neighbours];
    if (!this.#store || (read.length === 0 && !this.#isChanged)) return;
    // Of two for one place the newer one counts: it was read from the flash.
    await this.#store.hold([...uncovered(this.#held, new MemoryImage(read)), ...read]);
    this.#beside = beside;
    this.#isChanged = true;
  }
}
