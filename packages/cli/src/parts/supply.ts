/** `--supply`: tells the ROM of F2, F4 and F7 the voltage of the board before it programs or erases. */
import type { Device } from '@sureflash/programmer';
import { deviceFeatureOf, stateSupply, supplyRange } from '@sureflash/programmer/option-bytes';
import { usage } from '../base/command-error.ts';
import { type OptionsOf, parsed } from '../declare/verb.ts';
import type { Context } from '../render/context.ts';

/** Decides how many bytes the ROM of F2, F4 and F7 programs at once. */
export const SUPPLY_OPTIONS = {
  supply: parsed('<volts>', 'supply voltage; quicker on F2, F4 and F7, whose bootloader assumes 1.8 V', parseSupply),
};

export type SupplyOption = OptionsOf<typeof SUPPLY_OPTIONS>;

/** `3.3`, `3.3V`. @throws CommandError `usage` */
function parseSupply(text: string): number {
  const match = /^(\d(?:\.\d{1,3})?)\s*[vV]?$/.exec(text.trim());
  const volts = Number(match?.[1]);
  if (match && supplyRange(volts)) return volts;
  throw usage(`"${text}" is not a supply voltage for these chips.`, 'Write volts from 1.62 to 3.6, such as 3.3.');
}

/** Nothing where no voltage was stated. A chip without a Device Feature needs none, and that is said. */
export async function applySupply(context: Context, device: Device, { supply }: SupplyOption): Promise<void> {
  const range = supply === undefined ? undefined : supplyRange(supply);
  if (!range) return;
  const region = deviceFeatureOf(device);
  const label = context.style.strong('Supply');
  if (!region) {
    context.note(label, 'this device has no Device Feature: the voltage changes nothing');
    return;
  }
  await stateSupply(device, region, range);
  const atOnce = range.bytesAtOnce === 1 ? 'byte by byte' : `${range.bytesAtOnce} bytes at once`;
  context.note(label, `${supply} V: the bootloader programs ${atOnce}`);
  context.emit({ type: 'supply', volts: supply, range: range.index, bytesAtOnce: range.bytesAtOnce });
}
