/** How option bytes say what is protected, family by family. */

import type { Guard } from './chip-profile.ts';

/** RDP of levels 0, 1 and 2; level 1 is any other value (RM0090, RM0351, RM0433). */
const RDP = [0xaa, 0x55, 0xcc] as const;

/**
 * Flash that one write protection bit of F0, F1 and F3 covers; the last of 32 covers all the rest (PM0075, RM0091,
 * RM0316).
 */
const BYTES_PER_BIT = 4096;
const LAST_BIT = 31;

interface Pages {
  readonly pageBytes: number;
  readonly count: number;
  /** The RDP byte of an open chip, and of a locked one. */
  readonly open: number;
  readonly locked?: number;
}

/**
 * Each byte is followed by its complement: RDP, USER, DATA0, DATA1, WRP0–WRP3 (PM0075, RM0091, RM0316: option bytes).
 */
export function complementedBytes({ pageBytes, count, open, locked }: Pages): Guard {
  const bitOf = (page: number) => Math.min(LAST_BIT, Math.floor((page * pageBytes) / BYTES_PER_BIT));
  const byteOf = (bit: number) => 8 + 2 * Math.floor(bit / 8);
  return {
    rdpAt: 0,
    open,
    ...(locked !== undefined && { locked }),
    writeProtected: (options) =>
      upTo(count).filter((page) => {
        const bit = bitOf(page);
        return ((options[byteOf(bit)] ?? 0xff) & (1 << (bit % 8))) === 0;
      }),
    encode(options, level, sectors) {
      const next = options.slice();
      next[0] = level === 0 ? open : level === 2 && locked !== undefined ? locked : 0x00;
      for (let byte = 8; byte < 16; byte += 2) next[byte] = 0xff;
      for (const page of sectors) {
        const bit = bitOf(page);
        next[byteOf(bit)] = (next[byteOf(bit)] ?? 0) & ~(1 << (bit % 8));
      }
      for (let byte = 0; byte < 16; byte += 2) next[byte + 1] = ~(next[byte] ?? 0) & 0xff;
      return next;
    },
  };
}

/**
 * RDP in byte 1, nWRP from byte 8 on, a protecting bit is 0 (F2, F4: RM0033, RM0090; F7: RM0385, RM0410).
 * @param sectorsOfBit the sectors that each bit stands for
 */
export function sectorBits(sectorsOfBit: readonly (readonly number[])[]): Guard {
  return {
    rdpAt: 1,
    open: 0xaa,
    locked: 0xcc,
    writeProtected(options) {
      const bits = (options[8] ?? 0xff) | ((options[9] ?? 0xff) << 8);
      return sectorsOfBit.flatMap((sectors, bit) => ((bits & (1 << bit)) === 0 ? sectors : []));
    },
    encode(options, level, sectors) {
      const next = options.slice();
      next[1] = RDP[level];
      sectorsOfBit.forEach((covered, bit) => {
        const byte = 8 + Math.floor(bit / 8);
        const mask = 1 << (bit % 8);
        const clear = covered.some((sector) => sectors.includes(sector));
        next[byte] = clear ? (next[byte] ?? 0) & ~mask : (next[byte] ?? 0) | mask;
      });
      return next;
    },
  };
}

/** One nWRP bit for each of the first `count` sectors. */
export const eachSector = (count: number): Guard => sectorBits(upTo(count).map((sector) => [sector]));

/**
 * Only the byte that closes the chip is decoded.
 * @param values what it holds at levels 0, 1 and 2; without the third there is no level 2
 * @param complementAt where its complement stands, on chips that keep one
 */
export function protectionByte(
  rdpAt: number,
  values: readonly [number, number, number?] = RDP,
  complementAt?: number,
): Guard {
  const [open, closed, locked] = values;
  return {
    rdpAt,
    open,
    ...(locked !== undefined && { locked }),
    encode(options, level) {
      const next = options.slice();
      const value = level === 0 ? open : level === 2 && locked !== undefined ? locked : closed;
      next[rdpAt] = value;
      if (complementAt !== undefined) next[complementAt] = ~value & 0xff;
      return next;
    },
  };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
