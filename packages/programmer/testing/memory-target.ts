/** A `Target` over bytes with the semantics of flash: programming a unit twice, or past an edge, is an error. */
import { FlashError } from '../src/errors.ts';
import type { About } from '../src/target/about.ts';
import { type Device, deviceOf } from '../src/target/device.ts';
import {
  type CellKind,
  describeRegions,
  type Range,
  type Region,
  type RegionKind,
  type Sector,
} from '../src/target/geometry.ts';
import type { Chunk, MemoryWriteOptions, OperationOptions, SectorEraseOptions, Target } from '../src/target/target.ts';
import { QuickClock } from './clocks.ts';

export interface RegionShape {
  readonly start: number;
  readonly sizes: readonly number[];
  readonly writeSize?: number;
  readonly cells?: CellKind;
  readonly kind?: RegionKind;
  /** Indices of sectors that may not be written. */
  readonly readOnly?: readonly number[];
}

export function regionOf({
  start,
  sizes,
  writeSize = 2,
  cells = 'plain',
  kind = 'flash',
  readOnly = [],
}: RegionShape): Region {
  let end = start;
  const sectors: Sector[] = sizes.map((size, index) => {
    const from = end;
    end += size;
    const open = !readOnly.includes(index);
    return { index, start: from, end, readable: true, erasable: open, writable: open };
  });
  return { name: 'Flash', kind, start, end, sectors, writeSize, erasedValue: 0xff, cells };
}

/** A loader that nobody knows; `more` says otherwise. */
export function aboutTest(more: Partial<About> = {}): About {
  return {
    kind: 'custom',
    title: 'DFU device "test"',
    because: 'a test says so',
    chips: [],
    certain: false,
    differences: [],
    ...more,
  };
}

/** @returns the target as a device on a clock on which waiting costs no time */
export const deviceWith = (target: Target): Device => deviceOf(target, new QuickClock());

export class MemoryTarget implements Target {
  about = aboutTest();
  readonly geometry: readonly Region[];
  readonly log: string[] = [];
  readonly #memory = new Map<number, number>();
  readonly #programmed = new Set<number>();
  /** Called before each transfer with its running number. */
  beforeTransfer: (index: number) => void = () => undefined;
  /** Erases and writes are accepted and do nothing. */
  deaf = false;
  bytesRead = 0;
  settled = 0;
  #transfers = 0;
  readonly #chunk: number;

  constructor(geometry: readonly Region[], chunk = 64) {
    this.geometry = geometry;
    this.#chunk = chunk;
  }

  get transfers(): number {
    return this.#transfers;
  }

  peek({ start, end }: Range): Uint8Array {
    return Uint8Array.from({ length: end - start }, (_, i) => this.#memory.get(start + i) ?? 0xff);
  }

  /** Past all rules: as if it had been programmed before. */
  poke(address: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      this.#memory.set(address + i, byte);
    });
    for (let i = 0; i < bytes.length; i++) this.#programmed.add(this.#unit(address + i));
  }

  async write(address: number, bytes: Uint8Array, { signal, onBytes }: MemoryWriteOptions = {}): Promise<void> {
    const { writeSize, cells } = this.#region({ start: address, end: address + bytes.length });
    if (address % writeSize || bytes.length % writeSize)
      throw new Error(`write of ${bytes.length} at ${address} is not whole`);
    for (let at = 0; at < bytes.length; at += this.#chunk) {
      this.#transfer(signal);
      const block = bytes.subarray(at, at + this.#chunk);
      this.log.push(`write ${(address + at).toString(16)} ${block.length}`);
      for (let i = 0; i < block.length && !this.deaf; i++) this.#program(address + at + i, block[i] ?? 0, cells);
      if (!this.deaf) for (let i = 0; i < block.length; i++) this.#programmed.add(this.#unit(address + at + i));
      onBytes?.(at + block.length);
    }
  }

  async erase(sectors: readonly Sector[], { signal, onErased }: SectorEraseOptions = {}): Promise<void> {
    for (const sector of sectors) {
      this.#region(sector);
      this.#transfer(signal);
      this.log.push(`erase ${sector.start.toString(16)}`);
      for (let at = sector.start; at < sector.end && !this.deaf; at++) {
        this.#memory.delete(at);
        this.#programmed.delete(this.#unit(at));
      }
      onErased?.(sector);
    }
  }

  async *read(range: Range, { signal }: OperationOptions = {}): AsyncGenerator<Chunk> {
    this.#region(range);
    for (let address = range.start; address < range.end; address += this.#chunk) {
      this.#transfer(signal);
      const bytes = this.peek({ start: address, end: Math.min(address + this.#chunk, range.end) });
      this.bytesRead += bytes.length;
      yield { address, bytes };
    }
  }

  async eraseAll({ signal }: OperationOptions = {}): Promise<void> {
    for (const { kind, sectors } of this.geometry)
      if (kind === 'flash') await this.erase(sectors, signal ? { signal } : {});
  }

  async unprotect(): Promise<void> {}
  async leave(): Promise<void> {}

  async settle(): Promise<void> {
    this.settled++;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #transfer(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    this.beforeTransfer(this.#transfers++);
    signal?.throwIfAborted();
  }

  #program(address: number, value: number, cells: CellKind): void {
    if (cells === 'ecc' && this.#programmed.has(this.#unit(address))) throw new Error(`${address} is programmed twice`);
    this.#memory.set(address, value & (this.#memory.get(address) ?? 0xff));
  }

  #unit(address: number): number {
    const { writeSize } = this.#region({ start: address, end: address + 1 });
    return address - (address % writeSize);
  }

  #region({ start, end }: Range): Region {
    const region = this.geometry.find((r) => start >= r.start && end <= r.end);
    if (!region) throw new FlashError('plan/outside', { start, end, available: describeRegions(this.geometry) });
    return region;
  }
}
