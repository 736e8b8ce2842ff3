/** The ROM table that a debugger walks to find the debug units of a core (ADIv5.2, D; Cortex-M TRM, "ROM table"). */

import type { Region } from '../core/index.ts';

const ENTRY_PRESENT = 3;
/** SCS, DWT and FPB, which are modelled; ITM, TPIU and ETM are entries without their presence bit. */
const UNITS = [
  [0xe000_e000, true],
  [0xe000_1000, true],
  [0xe000_2000, true],
  [0xe000_0000, false],
  [0xe004_0000, false],
  [0xe004_1000, false],
] as const;
/** ST's JEP106 code, 0x20 in bank 0. */
const ST = 0x20;

/** @param deviceId DEV_ID, which ST puts into the part number of its tables */
export function romTableRegion(start: number, deviceId: number): Region {
  const bytes = new Uint8Array(0x1000);
  const view = new DataView(bytes.buffer);
  UNITS.forEach(([address, present], index) => {
    view.setUint32(4 * index, (((address - start) & ~0xfff) | (present ? ENTRY_PRESENT : 2)) >>> 0, true);
  });
  const identity = [
    deviceId & 0xff,
    ((ST & 15) << 4) | ((deviceId >>> 8) & 15),
    8 | (ST >>> 4),
    0,
    0x0d,
    0x10,
    0x05,
    0xb1,
  ];
  identity.forEach((byte, index) => {
    view.setUint32(0xfe0 + 4 * index, byte, true);
  });
  // MEMTYPE: the system's memory can be reached.
  view.setUint32(0xfcc, 1, true);
  return { name: 'ROM table', start, length: bytes.length, bytes, neverExecuted: true };
}
