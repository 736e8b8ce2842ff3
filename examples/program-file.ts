/** The whole job in one function: it finds the board, programs the file and proves it. It knows neither a terminal nor a page. */
import { parseFirmware } from '@sureflash/image';
import {
  type Clock,
  connect,
  type OnProgress,
  program,
  type Report,
  systemClock,
  USB_FILTERS,
} from '@sureflash/programmer';
import { listWebUsb, openWebUsb, type WebUsb } from '@sureflash/programmer/transports';

export interface ProgramFileOptions {
  readonly onProgress?: OnProgress;
  /** Another clock than that of the system, for boards that live on one of their own. */
  readonly clock?: Clock;
}

/**
 * @param usb `navigator.usb`, `new WebUSB()` of npm `usb`, or a virtual host
 * @param file the bytes of an ELF, Intel HEX, S-record, DfuSe or UF2 file
 * @returns a report once the flash holds the file, byte for byte
 * @throws `FlashError` where it does not, with a diagnosis where the evidence allows one
 */
export async function programFile(usb: WebUsb, file: Uint8Array, options: ProgramFileOptions = {}): Promise<Report> {
  const { clock = systemClock, onProgress } = options;
  const [candidate] = await listWebUsb(usb, USB_FILTERS);
  if (!candidate) throw new Error('no device to program: connect a board and start its bootloader');
  const device = await connect(await openWebUsb(candidate.device, USB_FILTERS, { usb, clock }), { clock });
  try {
    return await program(device, { ...parseFirmware(file), file }, { onProgress });
  } finally {
    await device.close();
  }
}
