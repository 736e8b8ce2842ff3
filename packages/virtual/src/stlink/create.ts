/** A whole desk: a chip on a board, an ST-LINK at its debug connector, and the probe's USB plug. */

import { type Clock, VirtualClock } from '../clock.ts';
import { random, seedOf } from '../random.ts';
import type { Microcontroller } from '../registers/index.ts';
import { createSwdTarget, type SwdDeskOptions, type SwdTarget } from '../swd/index.ts';
import { StLinkUsb } from './device.ts';
import { type StLinkName, stLinkModels } from './models.ts';
import { StLinkProbe, type StLinkProbeOptions } from './probe.ts';

export interface VirtualStLinkOptions
  extends SwdDeskOptions,
    Pick<StLinkProbeOptions, 'firmware' | 'wrapsAtPage' | 'onCommand'> {
  readonly probe: StLinkName;
  /** The host's clock; absent, a new `VirtualClock`. */
  readonly clock?: Clock;
  /** 24 hex digits; absent, made up for the probe. */
  readonly serial?: string;
  /** How long from now on it is busy with its disk; see `StLinkProbeOptions`. */
  readonly diskBusyMs?: number;
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
  const { clock = new VirtualClock(), firmware, wrapsAtPage, onCommand } = options;
  const model = stLinkModels.find(({ name }) => name === options.probe);
  if (!model)
    throw new RangeError(`no probe ${options.probe}; there are ${stLinkModels.map(({ name }) => name).join(', ')}`);
  const target = createSwdTarget(options, clock);
  const probe = new StLinkProbe({
    model,
    target,
    clock,
    ...(firmware === undefined ? {} : { firmware }),
    ...(wrapsAtPage === undefined ? {} : { wrapsAtPage }),
    ...(onCommand === undefined ? {} : { onCommand }),
    ...(options.diskBusyMs === undefined ? {} : { diskBusyUntil: clock.now() + options.diskBusyMs }),
  });
  const connector = new StLinkUsb(probe, options.serial ?? serialOf(options.probe));
  return { clock, connector, probe, target, microcontroller: target.microcontroller };
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
