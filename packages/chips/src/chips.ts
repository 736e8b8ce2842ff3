/** The chip table: every STM32 whose bootloader AN2606 describes, and the others apart. */
import type { Chip, OtherChip } from './chip.ts';
import { C0 } from './data/c0.ts';
import { C5 } from './data/c5.ts';
import { F0 } from './data/f0.ts';
import { F1 } from './data/f1.ts';
import { F2 } from './data/f2.ts';
import { F3 } from './data/f3.ts';
import { F4 } from './data/f4.ts';
import { F7 } from './data/f7.ts';
import { G0 } from './data/g0.ts';
import { G4 } from './data/g4.ts';
import { H5 } from './data/h5.ts';
import { H7 } from './data/h7.ts';
import { L0 } from './data/l0.ts';
import { L1 } from './data/l1.ts';
import { L4 } from './data/l4.ts';
import { L4_PLUS } from './data/l4-plus.ts';
import { L5 } from './data/l5.ts';
import { OTHERS } from './data/others.ts';
import { U0 } from './data/u0.ts';
import { U3 } from './data/u3.ts';
import { U5 } from './data/u5.ts';
import { WB } from './data/wb.ts';
import { WBA } from './data/wba.ts';
import { WL } from './data/wl.ts';

// biome-ignore format: a table
export const CHIPS: readonly Chip[] = [
  C0, C5, F0, F1, F2, F3, F4, F7, G0, G4, H5, H7, L0, L1, L4, L4_PLUS, L5, U0, U3, U5, WB, WBA, WL,
].flat();

/** Known by name, so that a person is told why they cannot be programmed here. */
export const OTHER_CHIPS: readonly OtherChip[] = OTHERS;
