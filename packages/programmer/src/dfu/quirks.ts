/** Deviations of real devices as rows: which device, what it does otherwise, what we do about it, who says so. */
import { OTHER_MAKERS_QUIRKS } from './quirks/other-makers.ts';
import type { DeviceTraits, Quirk, QuirkEffects } from './quirks/quirk.ts';
import { ST_ROM_QUIRKS } from './quirks/st-rom.ts';

export type { QuirkFlags } from './quirk-flags.ts';
export type { DeviceTraits, Quirk, QuirkEffects } from './quirks/quirk.ts';

export const QUIRKS: readonly Quirk[] = [...ST_ROM_QUIRKS, ...OTHER_MAKERS_QUIRKS];

/** What holds for this device: the effects of all rows that match. */
export function quirksOf(device: DeviceTraits, rows: readonly Quirk[] = QUIRKS): QuirkEffects {
  let all: QuirkEffects = {};
  for (const { matches, effects } of rows) if (matches(device)) all = { ...all, ...effects };
  return all;
}
