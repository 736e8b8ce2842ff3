/** Families of chips that are modelled down to the registers of their flash, by the names that ST gives them. */

import { f0, f1, f2, f3, f4, f7 } from './classic.ts';
import { h7, h7a3, h7rs } from './h7.ts';
import { c0, g0, g4, l0, l1, l4, u0, wb, wl } from './low-power.ts';
import type { FamilyModel } from './part.ts';
import { c5, h5, l5, u3, u5, wba } from './trust-zone.ts';

const ALL: Readonly<Record<string, FamilyModel>> = {
  F0: f0,
  F1: f1,
  F2: f2,
  F3: f3,
  F4: f4,
  F7: f7,
  L0: l0,
  L1: l1,
  L4: l4,
  'L4+': l4,
  L5: l5,
  G0: g0,
  G4: g4,
  C0: c0,
  C5: c5,
  U0: u0,
  U3: u3,
  U5: u5,
  H5: h5,
  H7: h7,
  H7A: h7a3,
  H7RS: h7rs,
  WB: wb,
  WBA: wba,
  WL: wl,
};

export const chipFamilies: ReadonlyMap<string, FamilyModel> = new Map(Object.entries(ALL));
