/** The wire: from a claimed interface of a CMSIS-DAP probe to the chip behind it. */
import type { UsbPort } from '../ports/usb.ts';
import { connectThroughProbe, type ProbeConnectOptions } from '../probe/connect.ts';
import type { ProbeChoices } from '../probe/debug-probe.ts';
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
