/** How option bytes say what is protected, family by family. */

import type { Guard } from './chip.ts';

/** 31 bits for two pages each, the last for all the rest; a protecting bit is 0 (PM0075, option bytes). */
const F1_PAGES_PER_BIT = 2;
const F1_PAGES = 128;

function f1Sectors(options: Uint8Array): number[] {
  const sectors: number[] = [];
  for (let page = 0; page < F1_PAGES; page += 1) {
    const bit = Math.min(31, Math.floor(page / F1_PAGES_PER_BIT));
    const byte = options[8 + 2 * Math.floor(bit / 8)] ?? 0xff;
    if ((byte & (1 << (bit % 8))) === 0) sectors.push(page);
  }
  return sectors;
}

/** Each byte is followed by its complement: RDP, USER, DATA0, DATA1, WRP0–WRP3 (PM0075, option bytes). */
export const F1_GUARD: Guard = {
  rdpAt: 0,
  open: 0xa5,
  writeProtected: f1Sectors,
  encode(options, level, sectors) {
    const next = options.slice();
    next[0] = level === 0 ? 0xa5 : 0x00;
    for (let byte = 8; byte < 16; byte += 2) next[byte] = 0xff;
    for (const page of sectors) {
      const bit = Math.min(31, Math.floor(page / F1_PAGES_PER_BIT));
      const byte = 8 + 2 * Math.floor(bit / 8);
      next[byte] = (next[byte] ?? 0) & ~(1 << (bit % 8));
    }
    for (let byte = 0; byte < 16; byte += 2) next[byte + 1] = ~(next[byte] ?? 0) & 0xff;
    return next;
  },
};

/** RDP in byte 1, nWRP in bytes 8 and 9, a protecting bit is 0 (RM0090, option bytes). */
export const F4_GUARD: Guard = {
  rdpAt: 1,
  open: 0xaa,
  locked: 0xcc,
  writeProtected(options) {
    const bits = (options[8] ?? 0xff) | ((options[9] ?? 0xff) << 8);
    return Array.from({ length: 12 }, (_, sector) => sector).filter((sector) => (bits & (1 << sector)) === 0);
  },
  encode(options, level, sectors) {
    const next = options.slice();
    next[1] = rdpByte(level);
    const bits = sectors.reduce((all, sector) => all & ~(1 << sector), 0xffff);
    next[8] = bits & 0xff;
    next[9] = bits >> 8;
    return next;
  },
};

/** Only the RDP byte is decoded (L4: RM0351, byte 0; H7: RM0433, byte 1 of OPTSR). */
export function rdpOnly(rdpAt: number): Guard {
  return {
    rdpAt,
    open: 0xaa,
    locked: 0xcc,
    encode(options, level) {
      const next = options.slice();
      next[rdpAt] = rdpByte(level);
      return next;
    },
  };
}

function rdpByte(level: 0 | 1 | 2): number {
  return level === 0 ? 0xaa : level === 1 ? 0x55 : 0xcc;
}
