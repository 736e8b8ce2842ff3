/** Boards told apart by the unique id of their chip, which, unlike the serial number of DFU, no other chip has. */
import { connect, type ErrorCode, isFlashError, systemClock, USB_FILTERS } from '@sureflash/programmer';
import { openWebUsb, type UsbCandidate, type WebUsb } from '@sureflash/programmer/transports';

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
  /** Why it could not be looked at: another program holds it, it is no DfuSe device. */
  readonly failed?: ErrorCode;
}

/** Opens each of them to read its unique id, and closes it again. One that cannot be read does not keep the others from it. */
export async function readUids(candidates: readonly UsbCandidate[], usb: WebUsb): Promise<Looked[]> {
  const all: Looked[] = [];
  for (const candidate of candidates) all.push({ candidate, ...(await readUid(candidate, usb)) });
  return all;
}

async function readUid(candidate: UsbCandidate, usb: WebUsb): Promise<Omit<Looked, 'candidate'>> {
  try {
    const device = await connect(await openWebUsb(candidate.device, USB_FILTERS, { clock: systemClock, usb }));
    await device.close();
    const { uid, title } = device.about;
    return { title, ...(uid !== undefined && { uid }) };
  } catch (error) {
    if (isFlashError(error)) return { failed: error.code };
    throw error;
  }
}

/** For a list: `uid:066D…  STM32F407 in its ROM bootloader`. */
export function foundUidText({ uid, title, failed }: Looked): string {
  if (failed !== undefined) return `unique id not read (${failed})`;
  return [uid === undefined ? 'unique id not given' : `uid:${uid}`, ...(title === undefined ? [] : [title])].join('  ');
}
