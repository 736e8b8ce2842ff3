/** The wire: from a claimed interface of a CMSIS-DAP probe to the chip behind it. */

import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { connectThroughProbe, type ProbeConnectOptions } from '../probe/connect.ts';
import type { ProbeChoices, ProbeGreeting } from '../probe/debug-probe.ts';
import type { Target } from '../target/target.ts';
import { CmsisDap } from './cmsis-dap.ts';

export interface CmsisDapConnectOptions extends Pick<ProbeConnectOptions, 'clock' | 'chip'> {
  readonly probe?: ProbeChoices | undefined;
}

/** @throws FlashError `probe/*`, `core/*`, `device/other-chip`, `usb/*` */
export async function connectCmsisDap(
  port: UsbPort,
  { clock, chip, probe: choices = {} }: CmsisDapConnectOptions,
): Promise<Target> {
  const probe = await CmsisDap.open(port, { clock, kHz: choices.kHz });
  return await connectThroughProbe(probe, { clock, chip, choices });
}

/**
 * Asks the probe who it is. Its chip is not touched; the protocol has no way to measure a supply.
 * @throws FlashError `probe/*`, `usb/*`
 */
export async function greetCmsisDap(port: UsbPort, clock: Clock): Promise<ProbeGreeting> {
  const { title } = await CmsisDap.open(port, { clock });
  return { title };
}
