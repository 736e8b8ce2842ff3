/**
 * What the Device Feature of F2, F4 and F7 does (AN3156 §3.3.3): its first byte is the range of the supply voltage, and
 * that decides how many bytes the flash takes at once, and how long an erase takes (RM0090 §3.6.2, DS8626 table 40).
 */

import type { FlashCells, Pace } from '../flash/datasheet.ts';
import { USUAL_PACE } from '../flash/datasheet.ts';
import { guess } from '../provenance.ts';

/** Which range a byte stands for that AN3156 does not define. */
const UNDEFINED_RANGE = guess(0, 'AN3156 §3.3.3 does not define it; the first range is the slowest');

/** @param range 0: 1.62–2.1 V, 1: 2.1–2.4 V, 2: 2.4–2.7 V, 3: 2.7–3.6 V, 4: the same with an external VPP */
export function paceOf({ paces = [] }: FlashCells, range: number | undefined): Pace {
  return paces[range ?? 0] ?? paces[UNDEFINED_RANGE] ?? USUAL_PACE;
}
