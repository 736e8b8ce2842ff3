/** Option bytes that are registers: words that a reset takes over, written while their lock is open. */

import { bytesOf, type KeyLock } from './flash-port.ts';
import type { RegisterSpec } from './peripheral.ts';

/** The word of one option register as it is kept over a reset. */
export function optionWord(options: Uint8Array, index: number): number {
  return new DataView(options.buffer, options.byteOffset).getUint32(4 * index, true);
}

export function keepOptionWord(options: Uint8Array, index: number, value: number): void {
  options.set(bytesOf(value, 4), 4 * index);
}

/** A register that keeps what is written while the lock is open. */
export function lockedRegister(name: string, lock: KeyLock): RegisterSpec {
  return { name, write: (written, stored) => (lock.locked ? stored : written) };
}
