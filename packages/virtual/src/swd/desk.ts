/** A chip on a board with its debug connector, ready for a probe. It knows no probe. */

import type { Clock } from '../clock.ts';
import { type ChipFacts, chips, createMicrocontroller, type MicrocontrollerOptions } from '../registers/index.ts';
import { type RdpLevel, setProtectionLevel } from './protection.ts';
import { SwdTarget } from './target.ts';
import type { SwdTargetOptions } from './target-options.ts';

export interface SwdDeskOptions extends SwdTargetOptions {
  /** Chip at the connector: what it is made of, or a name of `microcontrollerChips` such as 'STM32F407'. */
  readonly chip: string | ChipFacts;
  /** RDP level; absent, 0. */
  readonly protection?: RdpLevel;
  /** Content of the flash by address. */
  readonly flash?: ReadonlyMap<number, Uint8Array>;
  /** Changes the option bytes as a programmer has left them, before the chip starts. */
  readonly setOptions?: (options: Uint8Array) => void;
  readonly microcontroller?: MicrocontrollerOptions;
}

/** @throws RangeError for a chip or protection level that is not there */
export function createSwdTarget(options: SwdDeskOptions, clock: Pick<Clock, 'now'>): SwdTarget {
  const { flash = new Map<number, Uint8Array>(), protection = 0, supplyMv, nrstWired, longestRunMs, onStart } = options;
  const chip = typeof options.chip === 'string' ? chips.get(options.chip) : options.chip;
  if (!chip) throw new RangeError(`no chip of that name; there are ${[...chips.keys()].join(', ')}`);
  const microcontroller = createMicrocontroller(chip, { bornAt: clock.now(), ...options.microcontroller });
  for (const [address, bytes] of flash) microcontroller.load(address, bytes);
  if (protection > 0) setProtectionLevel(chip, microcontroller.options, protection);
  options.setOptions?.(microcontroller.options);
  microcontroller.powerOn();
  return new SwdTarget(chip, microcontroller, {
    ...(supplyMv === undefined ? {} : { supplyMv }),
    ...(nrstWired === undefined ? {} : { nrstWired }),
    ...(options.nrstShorted && { nrstShorted: true }),
    ...(options.runsOn && { runsOn: true }),
    ...(longestRunMs === undefined ? {} : { longestRunMs }),
    ...(options.cleanKhz === undefined ? {} : { cleanKhz: options.cleanKhz }),
    ...(options.disturber && { disturber: options.disturber }),
    ...(onStart && { onStart }),
  });
}
