/** The wire: from a claimed interface of an ST-LINK to the chip behind it. */
import type { Chip } from '@sureflash/chips';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { connectThroughProbe } from '../probe/connect.ts';
import type { ProbeChoices, ProbeGreeting } from '../probe/debug-probe.ts';
import type { Target } from '../target/target.ts';
import { StlinkDebugger } from './debugger.ts';
import { assertUsable } from './firmware.ts';
import { firstAnswer, leaveMode, readFirmware, readVoltage, UPDATE_MODE } from './greeting.ts';
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

/**
 * Asks the probe who it is and what it measures. Its chip, and a session that it has open, stay as they are.
 * @throws FlashError `probe/*`, `usb/*`
 */
export async function greetStlink(port: UsbPort, clock: Clock): Promise<ProbeGreeting> {
  const commands: StlinkDebugger = new StlinkDebugger(port, clock, {
    bringBack: async () => void (await readFirmware(commands)),
    slowDown: async () => false,
  });
  const firmware = await firstAnswer(port, commands);
  assertUsable(firmware);
  await leaveMode(commands, UPDATE_MODE);
  const volts = await readVoltage(commands, firmware);
  return { title: `ST-LINK ${firmware.text}`, ...(volts !== undefined && { volts }) };
}
