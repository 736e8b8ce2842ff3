/** Boards told apart by the unique id of their chip, which, unlike the serial number of DFU, no other chip has. */
import {
  type About,
  connect,
  type ErrorCode,
  hasCode,
  isFlashError,
  systemClock,
  USB_FILTERS,
} from '@sureflash/programmer';
import type { ProbeChoices } from '@sureflash/programmer/probe';
import { openWebUsb, type UsbCandidate, type WebUsb } from '@sureflash/programmer/transports';
import { defined } from '../base/defined.ts';

/** `uid:` and 24 hex digits, with or without separators. @returns the digits, or `undefined` for anything else */
export function uidWanted(which: string | undefined): string | undefined {
  const digits = /^uid:([0-9a-f -]+)$/i.exec(which ?? '')?.[1]?.replaceAll(/[ -]/g, '');
  return digits?.length === 24 ? digits.toUpperCase() : undefined;
}

/** A device that was looked at, and what came of it. */
export interface Looked {
  readonly candidate: UsbCandidate;
  /** Absent where the device does not tell it. */
  readonly uid?: string;
  /** The chip and its loader, in a line. */
  readonly title?: string;
  /** The debug probe before the chip. */
  readonly probe?: About['probe'];
  /** Why it could not be looked at: another program holds it, it is no DfuSe device. */
  readonly failed?: ErrorCode;
}

/** A list resets nobody's chip. */
export const LOOKING: ProbeChoices = { connect: 'hot-plug' };

/** Opens each of them to read its unique id, and closes it again. One that cannot be read does not keep the others from it. */
export async function readUids(candidates: readonly UsbCandidate[], usb: WebUsb): Promise<Looked[]> {
  const all: Looked[] = [];
  for (const candidate of candidates) all.push({ candidate, ...(await readUid(candidate, usb)) });
  return all;
}

async function readUid(candidate: UsbCandidate, usb: WebUsb): Promise<Omit<Looked, 'candidate'>> {
  try {
    const port = await openWebUsb(candidate.device, USB_FILTERS, { clock: systemClock, usb });
    const device = await connect(port, { probe: LOOKING });
    await device.close();
    const { uid, title, probe } = device.about;
    return { title, ...defined({ uid, probe }) };
  } catch (error) {
    if (!isFlashError(error)) throw error;
    const { code: failed } = error;
    if (!hasCode(error, 'probe/no-target') || error.facts.probe === undefined) return { failed };
    const { probe: title, volts } = error.facts;
    return { failed, probe: { title, ...defined({ volts }) } };
  }
}

/** For a list: `uid:066D…  STM32F407 in its ROM bootloader`. */
export function foundUidText({ uid, title, failed, probe }: Looked): string {
  if (failed !== undefined) return [`unique id not read (${failed})`, ...(probe ? [probeText(probe)] : [])].join('  ');
  const known = [uid === undefined ? 'unique id not given' : `uid:${uid}`, ...(title === undefined ? [] : [title])];
  return [...known, ...(probe ? [supplyText(probe)] : [])].join('  ');
}

/** `ST-LINK V2J37M27, 3.30 V at the chip`. */
export function probeText(probe: NonNullable<About['probe']>): string {
  return `${probe.title}, ${supplyText(probe)}`;
}

export function supplyText({ volts }: NonNullable<About['probe']>): string {
  return volts === undefined ? 'supply of the chip not measured' : `${volts.toFixed(2)} V at the chip`;
}
