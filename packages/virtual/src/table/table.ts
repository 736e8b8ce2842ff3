/**
 * The table of virtual ROMs: every STM32 whose ROM bootloader speaks DfuSe over USB (AN2606), and notable divisions of
 * their flash.
 */

import { C0 } from './c0.ts';
import { C5 } from './c5.ts';
import { F0 } from './f0.ts';
import { F1 } from './f1.ts';
import { F2 } from './f2.ts';
import { F3 } from './f3.ts';
import { F4 } from './f4.ts';
import { F7 } from './f7.ts';
import { G0 } from './g0.ts';
import { G4 } from './g4.ts';
import { H5 } from './h5.ts';
import { H7 } from './h7.ts';
import { L0 } from './l0.ts';
import { L1 } from './l1.ts';
import { L4 } from './l4.ts';
import { L4_PLUS } from './l4-plus.ts';
import { L5 } from './l5.ts';
import type { RomRow } from './row.ts';
import { U0 } from './u0.ts';
import { U3 } from './u3.ts';
import { U5 } from './u5.ts';
import { WB } from './wb.ts';
import { WBA } from './wba.ts';

// biome-ignore format: a table
export const romRows: readonly RomRow[] = [
  C0, C5, F0, F1, F2, F3, F4, F7, G0, G4, H5, H7, L0, L1, L4, L4_PLUS, L5, U0, U3, U5, WB, WBA,
].flat();

/** `stm32f072-rom`, `stm32f767-rom-dual-bank`. */
export function scenarioNameOf({ name, variant }: RomRow): string {
  const suffix = variant === undefined ? '' : `-${variant.toLowerCase().replaceAll(' ', '-')}`;
  return `${name.toLowerCase()}-rom${suffix}`;
}

/** @throws RangeError when the table has no such row */
export function romRowOf(name: string): RomRow {
  const found = romRows.find((row) => row.name === name && row.variant === undefined);
  if (!found) throw new RangeError(`no row ${name}`);
  return found;
}
