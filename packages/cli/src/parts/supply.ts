/** `--supply`: tells the ROM of F2, F4 and F7 the voltage of the board before it programs or erases. */

import type { Device } from '@sureflash/programmer';
import {
  deviceFeatureOf,
  impliedSupply,
  type SupplyRange,
  stateImpliedSupply,
  stateSupply,
  supplyRange,
} from '@sureflash/programmer/option-bytes';
import { usage } from '../base/command-error.ts';
import { type OptionsOf, parsed } from '../declare/verb.ts';
import type { Context } from '../render/context.ts';

/** Decides how many bytes the ROM of F2, F4 and F7 programs at once. */
export const SUPPLY_OPTIONS = {
  supply: parsed('<volts>', 'supply voltage of an F2, F4 or F7; "none" leaves the bootloader at 1.8 V', parseSupply),
};

export type SupplyOption = OptionsOf<typeof SUPPLY_OPTIONS>;

/** `3.3`, `3.3V`, `none`. @throws CommandError `usage` */
function parseSupply(text: string): number | 'none' {
  if (text.trim() === 'none') return 'none';
  const match = /^(\d(?:\.\d{1,3})?)\s*[vV]?$/.exec(text.trim());
  const volts = Number(match?.[1]);
  if (match && supplyRange(volts)) return volts;
  throw usage(
    `"${text}" is not a supply voltage for these chips.`,
    'Write volts from 1.62 to 3.6, such as 3.3, or none.',
  );
}

/**
 * Tells the ROM what was stated. Where nothing was, it tells what USB itself implies, or says that the supply is not
 * known. A chip without a Device Feature needs none, and that is said where a voltage was stated.
 */
export async function applySupply(context: Context, device: Device, { supply }: SupplyOption): Promise<void> {
  if (supply === 'none') return;
  const region = deviceFeatureOf(device);
  const range = supply === undefined ? undefined : supplyRange(supply);
  if (!region) {
    if (range) context.note(labelOf(context), 'this device has no Device Feature: the voltage changes nothing');
  } else if (range && supply !== undefined) {
    await stateSupply(device, region, range);
    tell(context, range, { volts: supply, told: `${supply} V` });
  } else {
    await applyImplied(context, device, region);
  }
}

async function applyImplied(
  context: Context,
  device: Device,
  region: NonNullable<ReturnType<typeof deviceFeatureOf>>,
): Promise<void> {
  const { kind, chips } = device.about;
  const implied = kind === 'st-rom' ? impliedSupply(chips) : undefined;
  if (!implied) {
    context.note(labelOf(context), 'not known, so the bootloader programs byte by byte; --supply 3.3 is quicker');
    return;
  }
  const volts = implied.leastVolts;
  if (await stateImpliedSupply(device, region, implied)) {
    tell(context, implied, { volts, told: `at least ${volts} V, as USB works`, implied: true });
  } else {
    context.note(labelOf(context), 'the bootloader did not take the voltage: it programs byte by byte');
  }
}

interface Told {
  readonly volts: number;
  readonly told: string;
  readonly implied?: boolean;
}

function tell(context: Context, { index, bytesAtOnce }: SupplyRange, { volts, told, implied = false }: Told): void {
  const atOnce = bytesAtOnce === 1 ? 'byte by byte' : `${bytesAtOnce} bytes at once`;
  context.note(labelOf(context), `${told}: the bootloader programs ${atOnce}`);
  context.emit({ type: 'supply', volts, range: index, bytesAtOnce, ...(implied && { implied }) });
}

const labelOf = ({ style }: Context): string => style.strong('Supply');
