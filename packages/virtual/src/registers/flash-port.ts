/** What every flash controller has around it: the cells, time, the option bytes, and how the bus waits for it. */

import { busFault, type Device, type Width } from '../core/index.ts';
import type { Sector } from '../flash/datasheet.ts';
import type { Flash } from '../flash/flash.ts';

/** What a controller is given by the chip it is in. */
export interface FlashPort {
  readonly flash: Flash;
  /** Ms of the model's clock. */
  now(): number;
  /** Cells from `address` on are being changed until `until`: whoever reads that bank waits. */
  busy(address: number, until: number): void;
  /** Cells changed: what was decoded of them is stale. */
  changed(address: number, length: number): void;
  /** Whether nobody may read or change the cells, as with read protection and a debugger at the chip. */
  isClosed(): boolean;
  /** The option bytes as they are kept, in the order of the chip's option memory. */
  readonly options: Uint8Array;
  /** Whether this face of the controller may not change a sector: write protection, or the other world. */
  isForbidden(index: number): boolean;
  /** Whether the chip takes these option bytes over. */
  accepts(options: Uint8Array): boolean;
  /** Option bytes are taken over by a reset of the chip (OBL_LAUNCH, or the end of an option write). */
  reloadOptions(): void;
}

/** A controller: its registers, and what stores into the flash do. */
export interface FlashController {
  /** Its registers, at the controller's base address. */
  readonly registers: Device;
  readonly start: number;
  readonly name: string;
  /** A store into the flash, at an absolute address. */
  write(address: number, width: Width, value: number): void;
  /** A store into the option bytes, by offset; absent where options are registers. */
  writeOption?(offset: number, width: Width, value: number): void;
  reset(): void;
  /** Whether an operation runs. */
  readonly isBusy: boolean;
}

/** Whether a sector can be neither erased nor programmed: closed flash answers as a write-protected one, which is a guess. */
export function isShut(port: FlashPort, sector: number): boolean {
  return port.isClosed() || port.isForbidden(sector);
}

/** Erases one sector. @returns when it is done; undefined, and nothing is erased, where it is write-protected */
export function eraseOne(port: FlashPort, { index, start, end }: Sector): number | undefined {
  const { flash } = port;
  if (isShut(port, index)) return undefined;
  const done = flash.erase(start, port.now());
  port.changed(start, end - start);
  return done;
}

/** A mass erase of these sectors, in address order. @returns as for one */
export function eraseTogether(port: FlashPort, sectors: readonly Sector[]): number | undefined {
  return port.isClosed() ? undefined : eraseTogetherThoughClosed(port, sectors);
}

/** The same for chips whose mass erase read protection does not close. */
export function eraseTogetherThoughClosed(port: FlashPort, sectors: readonly Sector[]): number | undefined {
  const { flash } = port;
  if (sectors.some(({ index }) => port.isForbidden(index))) return undefined;
  const done = flash.eraseTogether(sectors, port.now());
  for (const { start, end } of sectors) port.changed(start, end - start);
  return done;
}

/** A lock that two keys open. A wrong key locks until the next reset, and is a bus error where the manual says so. */
export interface KeyLock {
  readonly locked: boolean;
  key(value: number): void;
  lock(): void;
  reset(): void;
}

export function createKeyLock(
  first: number,
  second: number,
  wrongKeyFaults: { readonly at: number } | undefined,
): KeyLock {
  let state: 'locked' | 'half' | 'open' | 'dead' = 'locked';
  return {
    get locked() {
      return state !== 'open';
    },
    key(value) {
      if (state === 'locked' && value >>> 0 === first) state = 'half';
      else if (state === 'half' && value >>> 0 === second) state = 'open';
      else {
        state = 'dead';
        if (wrongKeyFaults) throw busFault(wrongKeyFaults.at);
      }
    },
    lock() {
      if (state !== 'dead') state = 'locked';
    },
    reset() {
      state = 'locked';
    },
  };
}

export const FLASH_KEYS = [0x4567_0123, 0xcdef_89ab] as const;
export const F2_OPTION_KEYS = [0x0819_2a3b, 0x4c5d_6e7f] as const;

/** The bytes of a store, lowest address first. */
export function bytesOf(value: number, width: Width): Uint8Array {
  return Uint8Array.from({ length: width }, (_, index) => (value >>> (8 * index)) & 0xff);
}

/** The bytes of words, one after the other. */
export function bytesOfAll(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [...bytesOf(word, 4)]));
}

/** A write to a key register, which reads as 0. */
export function keyed(lock: KeyLock | undefined, value: number): number {
  lock?.key(value);
  return 0;
}
