/**
 * What the Device Feature of F2, F4 and F7 does (AN3156 §3.3.3): its first byte is the range of the supply voltage, and that
 * decides how many bytes the flash takes at once, and how long an erase takes (RM0090 §3.6.2, DS8626 table 40).
 */

import type { Pace } from '../flash/datasheet.ts';
import { USUAL_PACE } from '../flash/datasheet.ts';

const KB = 1024;

/** A program operation takes 16 µs whatever its width; the cells are stated for 4 bytes. */
const X8: Pace = {
  programFactor: 4,
  eraseMs: { [16 * KB]: 400, [64 * KB]: 1200, [128 * KB]: 2000 },
  massEraseMs: 16_000,
};
const X16: Pace = {
  programFactor: 2,
  eraseMs: { [16 * KB]: 300, [64 * KB]: 700, [128 * KB]: 1300 },
  massEraseMs: 11_000,
};
/** With an external VPP. */
const X64: Pace = { ...USUAL_PACE, programFactor: 0.5 };

/** 1.62–2.1 V, 2.1–2.4 V, 2.4–2.7 V, 2.7–3.6 V, and with VPP. What lies beyond is taken as the first: a guess. */
const RANGES: readonly Pace[] = [X8, X16, X16, USUAL_PACE, X64];

/** The times of the flash with this range; sectors of F7 that F4 does not have keep theirs. */
export function paceOf(range: number | undefined): Pace {
  return RANGES[range ?? 0] ?? X8;
}
