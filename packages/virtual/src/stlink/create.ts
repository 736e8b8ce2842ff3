/** A whole desk: a chip on a board, an ST-LINK at its debug connector, and the probe's USB plug. */

import { type Clock, VirtualClock } from '../clock.ts';
import { random, seedOf } from '../random.ts';
import {
  type ChipFacts,
  chips,
  createMicrocontroller,
  type Microcontroller,
  type MicrocontrollerOptions,
} from '../registers/index.ts';
import { type RdpLevel, SwdTarget, type SwdTargetOptions, setProtectionLevel } from '../swd/index.ts';
import { StLinkUsb } from './device.ts';
import { type StLinkName, stLinkModels } from './models.ts';
import { StLinkProbe, type StLinkProbeOptions } from './probe.ts';

export interface VirtualStLinkOptions extends Pick<StLinkProbeOptions, 'firmware' | 'wrapsAtPage' | 'onCommand'> {
  readonly probe: StLinkName;
  /** Chip at the connector: what it is made of, or a name of `microcontrollerChips` such as 'STM32F407'. */
  readonly chip: string | ChipFacts;
  /** The host's clock; absent, a new `VirtualClock`. */
  readonly clock?: Clock;
  /** 24 hex digits; absent, made up for the probe. */
  readonly serial?: string;
  /** Supply of the target in mV; absent, 3300. 0 is no target. */
  readonly supplyMv?: number;
  /** Whether the connector's reset line reaches NRST; absent, it does. */
  readonly nrstWired?: boolean;
  /** RDP level; absent, 0. */
  readonly protection?: RdpLevel;
  /** Content of the flash by address. */
  readonly flash?: ReadonlyMap<number, Uint8Array>;
  /** See `SwdTargetOptions`. */
  readonly longestRunMs?: SwdTargetOptions['longestRunMs'];
  /** See `SwdTargetOptions`. */
  readonly onStart?: SwdTargetOptions['onStart'];
  readonly microcontroller?: MicrocontrollerOptions;
}

export interface VirtualStLink {
  readonly clock: Clock;
  /** The probe's plug, for a virtual host or a USB/IP server. */
  readonly connector: StLinkUsb;
  readonly probe: StLinkProbe;
  readonly target: SwdTarget;
  readonly microcontroller: Microcontroller;
}

/** @throws RangeError for a probe, chip, version or protection level that is not there */
export function createVirtualStLink(options: VirtualStLinkOptions): VirtualStLink {
  const { clock = new VirtualClock(), flash = new Map<number, Uint8Array>(), protection = 0 } = options;
  const model = stLinkModels.find(({ name }) => name === options.probe);
  const chip = typeof options.chip === 'string' ? chips.get(options.chip) : options.chip;
  if (!model)
    throw new RangeError(`no probe ${options.probe}; there are ${stLinkModels.map(({ name }) => name).join(', ')}`);
  if (!chip) throw new RangeError(`no chip of that name; there are ${[...chips.keys()].join(', ')}`);
  const microcontroller = createMicrocontroller(chip, { bornAt: clock.now(), ...options.microcontroller });
  for (const [address, bytes] of flash) microcontroller.load(address, bytes);
  if (protection > 0) setProtectionLevel(chip, microcontroller.options, protection);
  microcontroller.powerOn();
  const { supplyMv, nrstWired, longestRunMs, onStart, firmware, wrapsAtPage, onCommand } = options;
  const target = new SwdTarget(chip, microcontroller, {
    ...(supplyMv === undefined ? {} : { supplyMv }),
    ...(nrstWired === undefined ? {} : { nrstWired }),
    ...(longestRunMs === undefined ? {} : { longestRunMs }),
    ...(onStart && { onStart }),
  });
  const probe = new StLinkProbe({
    model,
    target,
    clock,
    ...(firmware === undefined ? {} : { firmware }),
    ...(wrapsAtPage === undefined ? {} : { wrapsAtPage }),
    ...(onCommand === undefined ? {} : { onCommand }),
  });
  const connector = new StLinkUsb(probe, options.serial ?? serialOf(options.probe));
  return { clock, connector, probe, target, microcontroller };
}

/** 24 hex digits, as ST-LINKs show them to hosts that read them right. */
function serialOf(name: string): string {
  const next = random(seedOf(name));
  return Array.from({ length: 24 }, () =>
    Math.floor(next() * 16)
      .toString(16)
      .toUpperCase(),
  ).join('');
}
