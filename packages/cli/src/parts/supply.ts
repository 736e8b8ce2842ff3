/** `--supply`: the voltage that the ROM of F2, F4 and F7 is told before it programs or erases, and the words for it. */

import { type OnProgress, type SupplyChoice, type SupplyPlan, supplyRange } from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { type OptionsOf, parsed } from '../declare/verb.ts';
import type { Context } from '../render/context.ts';
import type { ProgressView } from '../render/progress.ts';
import { labelled } from '../render/wrap.ts';

/** Decides how many bytes the ROM of F2, F4 and F7 programs at once. */
export const SUPPLY_OPTIONS = {
  supply: parsed('<volts>', 'supply voltage of an F2, F4 or F7; "none" leaves the bootloader at 1.8 V', parseSupply),
};

export type SupplyOption = OptionsOf<typeof SUPPLY_OPTIONS>;

/** `3.3`, `3.3V`, `none`. @throws CommandError `usage` */
function parseSupply(text: string): SupplyChoice {
  if (text.trim() === 'none') return 'none';
  const match = /^(\d(?:\.\d{1,3})?)\s*[vV]?$/.exec(text.trim());
  const volts = Number(match?.[1]);
  if (match && supplyRange(volts)) return volts;
  throw usage(
    `"${text}" is not a supply voltage for these chips.`,
    'Write volts from 1.62 to 3.6, such as 3.3, or none.',
  );
}

/** Emits what the ROM is told. @returns the same for people; `undefined` where there is nothing to say */
export function announceSupply(
  context: Context,
  plan: SupplyPlan,
  wanted: SupplyChoice | undefined,
): string | undefined {
  const { basis, told } = plan;
  if (told) {
    const { volts, range, bytesAtOnce } = told;
    const implied = basis === 'usb';
    context.emit({ type: 'supply', volts, range, bytesAtOnce, ...(implied && { implied }) });
    const known = implied ? `at least ${volts} V, as USB works` : `${volts} V`;
    return `${known}: the bootloader programs ${bytesAtOnce === 1 ? 'byte by byte' : `${bytesAtOnce} bytes at once`}`;
  }
  if (basis === 'unknown') return 'not known, so the bootloader programs byte by byte; --supply 3.3 is quicker';
  if (basis !== 'no-feature' || typeof wanted !== 'number') return undefined;
  return 'this device has no Device Feature: the voltage changes nothing';
}

/** @returns the view's `onProgress`, which also says when the ROM does not take what it was told */
export function watchedSupply(context: Context, view: ProgressView): OnProgress {
  return (event) => {
    view.onProgress(event);
    if (event.type !== 'supply' || event.taken) return;
    const { volts, range, bytesAtOnce } = event.told;
    context.emit({ type: 'supply', volts, range, bytesAtOnce, taken: false });
    const text = 'the bootloader did not take the voltage: it programs byte by byte';
    view.note(labelled(context.style.strong('Supply'), text, context.io.err));
  };
}
