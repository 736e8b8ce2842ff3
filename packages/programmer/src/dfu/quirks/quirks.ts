/** The known deviations of real devices as rows: the device, the deviation, the remedy and its source. */
import { OTHER_MAKERS_QUIRKS } from './other-makers.ts';
import type { DeviceTraits, Quirk, QuirkEffects } from './quirk.ts';
import { ST_ROM_QUIRKS } from './st-rom.ts';

export const QUIRKS: readonly Quirk[] = [...ST_ROM_QUIRKS, ...OTHER_MAKERS_QUIRKS];

/** @returns the effects of all rows that match this device, put together */
export function quirksOf(device: DeviceTraits, rows: readonly Quirk[] = QUIRKS): QuirkEffects {
  let all: QuirkEffects = {};
  for (const { matches, effects } of rows) if (matches(device)) all = { ...all, ...effects };
  return all;
}
