/** What core debug stands on: the memory of a running or halted chip, and its reset line. It knows no probe. */
import { hasCode } from '../errors.ts';

/** Bytes that one access of the bus takes or gives. */
export type AccessWidth = 1 | 2 | 4;

export interface AccessOptions {
  /** All accesses have this width, and address and length are multiples of it; absent, the widest that do not touch more. */
  readonly width?: AccessWidth | undefined;
  /** Looked at between commands; its reason is thrown unchanged. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Memory through the debug port of a chip (ADIv5 MEM-AP). Calls are made one after the other. A failure is a `FlashError`
 * `probe/*` or `usb/*`; an access that the bus refuses is `probe/refused` with its address.
 */
export interface DebugAccess {
  readMemory(address: number, length: number, options?: AccessOptions): Promise<Uint8Array>;
  writeMemory(address: number, bytes: Uint8Array, options?: AccessOptions): Promise<void>;
  /** Pulls NRST low, or lets go of it. A line that is not wired is no error: nothing happens. */
  driveReset(asserted: boolean): Promise<void>;
}

const ACCESS_WORD_BYTES = 4;

/** @returns the 32-bit word at an aligned address, unsigned */
export async function readWord(access: DebugAccess, address: number): Promise<number> {
  const [word = 0] = await readWords(access, address, 1);
  return word;
}

/** @returns `count` words from an aligned address on, unsigned */
export async function readWords(access: DebugAccess, address: number, count: number): Promise<number[]> {
  const bytes = await access.readMemory(address, count * ACCESS_WORD_BYTES, { width: ACCESS_WORD_BYTES });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => view.getUint32(index * ACCESS_WORD_BYTES, true));
}

export async function writeWord(access: DebugAccess, address: number, value: number): Promise<void> {
  await writeMemoryWords(access, address, [value]);
}

/** The bus of the chip refuses an access. It does not where the chip does not end one, the line is bad, or the probe is taken. */
export function isRefusedByBus(error: unknown): boolean {
  if (!hasCode(error, 'probe/refused')) return false;
  const { reason } = error.facts;
  return reason === undefined || reason === 'fault';
}

/** Writes words in ascending order of addresses. */
export async function writeMemoryWords(access: DebugAccess, address: number, values: readonly number[]): Promise<void> {
  await access.writeMemory(address, wordBytes(values), { width: ACCESS_WORD_BYTES });
}

/** @returns the words as the chip stores them */
export function wordBytes(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * ACCESS_WORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * ACCESS_WORD_BYTES, value >>> 0, true);
  return bytes;
}
