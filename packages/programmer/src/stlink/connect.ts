/** The wire: from a claimed interface of an ST-LINK to the chip behind it. */
import type { Chip } from '@sureflash/chips';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { connectThroughProbe } from '../probe/connect.ts';
import type { ProbeChoices } from '../probe/debug-probe.ts';
import type { Target } from '../target/target.ts';
import { Stlink } from './stlink.ts';

export interface StlinkConnectOptions {
  readonly clock: Clock;
  readonly chip?: Chip | undefined;
  readonly probe?: ProbeChoices | undefined;
}

/** @throws FlashError `probe/*`, `core/*`, `device/other-chip`, `usb/*` */
export async function connectStlink(
  port: UsbPort,
  { clock, chip, probe: choices = {} }: StlinkConnectOptions,
): Promise<Target> {
  const probe = await Stlink.open(port, { clock, kHz: choices.kHz });
  return await connectThroughProbe(probe, { clock, chip, choices });
}
