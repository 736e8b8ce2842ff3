/** Boards told apart by the unique id of their chip, which, unlike the serial number of DFU, no other chip has. */
import { systemClock, type UsbPort } from '@sureflash/programmer';
import { examineDfu } from '@sureflash/programmer/dfu';
import { type DfuCandidate, openWebUsb, type WebUsb } from '@sureflash/programmer/transports';

/** `uid:` and 24 hex digits, with or without separators. @returns the digits, or `undefined` for anything else */
export function uidWanted(which: string | undefined): string | undefined {
  const digits = /^uid:([0-9a-f -]+)$/i.exec(which ?? '')?.[1]?.replaceAll(/[ -]/g, '');
  return digits?.length === 24 ? digits.toUpperCase() : undefined;
}

/** The unique id, where the device tells it; the device is closed again. */
export async function readUid(candidate: DfuCandidate, usb: WebUsb): Promise<string | undefined> {
  const port = await openWebUsb(candidate.device, { clock: systemClock, usb });
  try {
    return await uidOf(port);
  } finally {
    await port[Symbol.asyncDispose]();
  }
}

async function uidOf(port: UsbPort): Promise<string | undefined> {
  const { examination } = await examineDfu(port, { clock: systemClock });
  return examination?.uid;
}
