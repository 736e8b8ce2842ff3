/** Media interfaces with one defect each, over real flash: what the author of a bootloader gets wrong behind ST's class. */

import type { MediaInterface } from '../../applications/media.ts';
import type { Chip } from '../../chip/chip.ts';

/** What a defect may use. */
export interface DefectBench {
  readonly chip: Chip;
  /** First address behind the bootloader. */
  readonly base: number;
  /** Resets the chip at once. */
  readonly reset: () => void;
}

/** A correct media interface to begin with, and the functions that a defect puts in its place. */
export type Defect = (correct: MediaInterface, bench: DefectBench) => Partial<MediaInterface>;

/** Erases, programs and reads, and says OK whatever becomes of it: the defects lie in what is done, not in what is told. */
export function plainMedia({ flash }: Chip, layout: string): MediaInterface {
  return {
    layout,
    erase: (address, now) => ({ ok: true, endsAt: flash.contains(address) ? flash.erase(address, now) : now }),
    write: (address, bytes, now) => ({
      ok: true,
      endsAt: flash.contains(address, bytes.length) ? flash.program(address, bytes, now) : now,
    }),
    read: (address, length) =>
      flash.contains(address, length) ? flash.peek(address, length) : new Uint8Array(length).fill(0xff),
    pollMs: () => 0,
  };
}

export const readAddressIgnored: Defect = (correct, { base }) => ({ read: (_, length) => correct.read(base, length) });

export const writeAddressIgnored: Defect = (correct, { base }) => ({
  write: (_, bytes, now) => correct.write(base, bytes, now),
});

export const addressIgnored: Defect = (correct, bench) => ({
  ...readAddressIgnored(correct, bench),
  ...writeAddressIgnored(correct, bench),
});

export const eraseIgnored: Defect = () => ({ erase: (_, now) => ({ ok: true, endsAt: now }) });

export const writesIgnored: Defect = () => ({ write: (_address, _bytes, now) => ({ ok: true, endsAt: now }) });

export const changesIgnored: Defect = (correct, bench) => ({
  ...eraseIgnored(correct, bench),
  ...writesIgnored(correct, bench),
});

/** The loop counts half-words where it should count bytes. */
export const halfOfBlock: Defect = (correct) => ({
  write: (address, bytes, now) => correct.write(address, bytes.subarray(0, bytes.length / 2), now),
});

/** The offset of the bootloader is added to an address that is absolute already. */
export const offsetBase: Defect = (correct) => ({
  write: (address, bytes, now) => correct.write(address + OFFSET, bytes, now),
});
const OFFSET = 0x1000;

/** The place of the vector table of another project is left free. */
export const offsetOfVectors: Defect = (correct) => ({
  write: (address, bytes, now) => correct.write(address + VECTORS_ROOM, bytes, now),
});
const VECTORS_ROOM = 0x100;

/** High address bits are not looked at. */
export const wrappingFlash: Defect = (correct, { base }) => {
  const wrapped = (address: number): number => base + ((address - base) % WRAP_BYTES);
  return {
    erase: (address, now) => correct.erase(wrapped(address), now),
    write: (address, bytes, now) => correct.write(wrapped(address), bytes, now),
    read: (address, length) => correct.read(wrapped(address), length),
  };
};
const WRAP_BYTES = 64 * 1024;

/** Some cells are worn: one bit of each stays 0. */
export const stuckBits: Defect = (correct, { base }) => ({
  read: (address, length) => {
    const bytes = correct.read(address, length)?.slice();
    bytes?.forEach((byte, i) => {
      if (WORN.includes(address + i - base)) bytes[i] = byte & ~0x10;
    });
    return bytes;
  },
});
const WORN: readonly number[] = [0x2135, 0x2136, 0x29a1, 0x2f00, 0x2f77];

/** Everything that was written is kept in RAM and given back from there. */
export const echo: Defect = (correct) => {
  const cache = new Map<number, number>();
  return {
    erase: (_, now) => ({ ok: true, endsAt: now }),
    write: (address, bytes, now) => {
      bytes.forEach((byte, i) => {
        cache.set(address + i, byte);
      });
      return { ok: true, endsAt: now };
    },
    read: (address, length) => correct.read(address, length)?.map((byte, i) => cache.get(address + i) ?? byte),
  };
};

/** The buffer of the last block answers every read. */
export const lastBlockRead: Defect = (correct) => {
  let last = new Uint8Array();
  return {
    write: (address, bytes, now) => {
      last = bytes.slice();
      return correct.write(address, bytes, now);
    },
    read: (_, length) => Uint8Array.from({ length }, (_byte, i) => last[i % Math.max(1, last.length)] ?? 0xff),
  };
};

/** Half-words are put together most significant byte first. */
export const bytesSwapped: Defect = (correct) => ({
  write: (address, bytes, now) =>
    correct.write(
      address,
      bytes.map((_, i) => bytes[i ^ 1] ?? 0xff),
      now,
    ),
});

/** Cells lose their charge: some bytes read otherwise from one time to the next. */
export const changingContent: Defect = (correct, { base }) => {
  let reads = 0;
  return {
    read: (address, length) => {
      reads += 1;
      return correct
        .read(address, length)
        ?.map((byte, i) => ((address + i - base) % LEAKY === 77 ? byte ^ (reads & 0xff) : byte));
    },
  };
};
const LEAKY = 3001;

/** A watchdog that nobody feeds, or a supply that breaks down. */
export const resetInMidRun: Defect = (correct, { reset }) => {
  let blocks = 0;
  return {
    write: (address, bytes, now) => {
      blocks += 1;
      if (blocks === 12) reset();
      return correct.write(address, bytes, now);
    },
  };
};

/** The callback fails for one page, and this version of the class cannot say so. */
export const stuckBusy: Defect = (correct, { base }) => ({
  erase: (address, now) => (address === base + 0x1000 ? { ok: false, endsAt: now } : correct.erase(address, now)),
});
