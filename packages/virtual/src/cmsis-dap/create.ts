/** A whole desk: a chip on a board, a CMSIS-DAP probe at its debug connector, and the probe's USB plug. */

import { type Clock, VirtualClock } from '../clock.ts';
import { createSwdTarget, type SwdDeskOptions, type SwdTarget } from '../swd/index.ts';
import { CmsisDapUsb } from './device.ts';
import { type CmsisDapName, cmsisDapModels } from './models.ts';
import { CmsisDapProbe, type CmsisDapProbeOptions } from './probe.ts';

export interface VirtualCmsisDapOptions extends SwdDeskOptions, Pick<CmsisDapProbeOptions, 'onRequest'> {
  readonly probe: CmsisDapName;
  /** The host's clock; absent, a new `VirtualClock`. */
  readonly clock?: Clock;
  /** Absent, one of 16 hex digits. */
  readonly serial?: string;
}

export interface VirtualCmsisDap {
  readonly clock: Clock;
  /** The probe's plug, for a virtual host or a USB/IP server. */
  readonly connector: CmsisDapUsb;
  readonly probe: CmsisDapProbe;
  readonly target: SwdTarget;
  readonly microcontroller: SwdTarget['microcontroller'];
}

const USUAL_SERIAL = 'E6614103E7452D2F';

/** @throws RangeError for a probe, chip or protection level that is not there */
export function createVirtualCmsisDap(options: VirtualCmsisDapOptions): VirtualCmsisDap {
  const { clock = new VirtualClock(), serial = USUAL_SERIAL, onRequest } = options;
  const model = cmsisDapModels.find(({ name }) => name === options.probe);
  if (!model)
    throw new RangeError(`no probe ${options.probe}; there are ${cmsisDapModels.map(({ name }) => name).join(', ')}`);
  const target = createSwdTarget(options, clock);
  const probe = new CmsisDapProbe({ model, target, clock, serial, ...(onRequest && { onRequest }) });
  const connector = new CmsisDapUsb(probe, clock, serial);
  return { clock, connector, probe, target, microcontroller: target.microcontroller };
}
