/** What the silicon itself needs: to weigh progress, to estimate a run, and to know what is too quick to be true. */
import type { Chip, EraseTime, FlashTiming } from '@sureflash/chips';
import type { Range } from '../../target/geometry.ts';
import type { Slowness } from '../../target/target.ts';

/** Bytes a millisecond over a full-speed control pipe (USB 2.0 §5.5.4 with the overhead of table 5-9). */
const BUS_BYTES_PER_MS = 1200;
/** The quickest cells of any STM32 in the tables: F4 at x64 programs 8 bytes in 16 µs. */
const QUICKEST_US_PER_BYTE = 2;
/** Weighs progress where the chip is not known: an F4 or L4 page erase and write. */
const USUAL_ERASE_MS_PER_KB = 10;
const USUAL_US_PER_BYTE = 10;

/** A chip as far as its times matter, and what is slow on the way to it. */
export interface Timed extends Pick<Chip, 'timing'> {
  readonly slowness?: Slowness;
}

/** @returns the times of a flash that programs only so many bytes at once */
export function timingAt(timing: FlashTiming, bytesAtOnce: number): FlashTiming {
  if (bytesAtOnce >= timing.programBytes) return timing;
  const erase: Record<number, EraseTime> = { ...timing.erase };
  for (const [size, typMs] of Object.entries(timing.eraseTypMs?.[bytesAtOnce] ?? {})) {
    erase[Number(size)] = { ...erase[Number(size)], typMs };
  }
  return { ...timing, programBytes: bytesAtOnce, erase };
}

export interface Work {
  /** Sectors that are erased. */
  readonly erase: readonly Range[];
  /** Bytes that are programmed. */
  readonly writeBytes: number;
}

/** Usual milliseconds to erase a sector of `size` bytes. */
export function eraseMs(size: number, timing: FlashTiming | undefined): number {
  return timing?.erase[size]?.typMs ?? (size / 1024) * USUAL_ERASE_MS_PER_KB;
}

/** Usual milliseconds to program `bytes` bytes, with their way over the bus. */
export function writeMs(bytes: number, timing: FlashTiming | undefined): number {
  const perByte = timing ? timing.programTypUs / timing.programBytes : USUAL_US_PER_BYTE;
  return (bytes * perByte) / 1000 + bytes / BUS_BYTES_PER_MS;
}

/**
 * The least milliseconds in which this chip can have erased and programmed so much, by the minima of its datasheet:
 * whoever says it was quicker did not do it. Pages of the chip itself count, not sectors that a device announces.
 */
export function leastMs({ erase, writeBytes }: Work, chip: Chip | undefined): number {
  const timing = chip?.timing;
  if (!timing) return (writeBytes * QUICKEST_US_PER_BYTE) / 1000;
  const programMs = ((writeBytes / timing.programBytes) * timing.programMinUs) / 1000;
  const sizes = Object.keys(timing.erase).map(Number);
  const smallest = Math.min(...sizes);
  const erased = erase.reduce((sum, { start, end }) => sum + pagesMs(end - start, { timing, smallest, sizes }), 0);
  return programMs + erased;
}

function pagesMs(
  size: number,
  { timing, smallest, sizes }: { timing: FlashTiming; smallest: number; sizes: number[] },
): number {
  if (sizes.includes(size)) return timing.erase[size]?.minMs ?? 0;
  // A map with other sectors than the chip has: uniform pages add up, mixed ones at least take their quickest rate.
  const rates = sizes.map((s) => (timing.erase[s]?.minMs ?? 0) / s);
  return sizes.length === 1
    ? Math.floor(size / smallest) * (timing.erase[smallest]?.minMs ?? 0)
    : size * Math.min(...rates);
}
