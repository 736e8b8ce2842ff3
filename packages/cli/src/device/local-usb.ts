/** DFU devices on this machine's USB, through npm `usb`. */
import { systemClock, type UsbPort } from '@sureflash/programmer';
import { DFU_FILTERS, DFU_RUNTIME_FILTERS } from '@sureflash/programmer/dfu';
import { UDEV_RULE } from '@sureflash/programmer/diagnosis';
import { listWebUsb, openWebUsb, type UsbCandidate, type WebUsb } from '@sureflash/programmer/transports';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readUids, uidText, uidWanted } from './by-uid.ts';
import { findHiddenDevices, type HiddenDevice } from './linux-access.ts';
import type { Source } from './source.ts';

/** Our own limits are shorter; 0 would mean npm `usb`'s default of 1 s. */
const PLATFORM_LIMIT_MS = 600_000;

export interface LocalDevices {
  readonly candidates: readonly UsbCandidate[];
  /** There, but not to be opened by this user. */
  readonly hidden: readonly HiddenDevice[];
  readonly usb: WebUsb;
}

export async function findLocalDevices(): Promise<LocalDevices> {
  const usb = await platformUsb();
  const candidates = await listWebUsb(usb, [...DFU_FILTERS, ...DFU_RUNTIME_FILTERS]);
  return { candidates, hidden: await findHiddenDevices(candidates), usb };
}

let shared: WebUsb | undefined;

/** One for the whole process: each listens for arrivals. */
async function platformUsb(): Promise<WebUsb> {
  if (shared) return shared;
  const { WebUSB, usb: libusb } = await import('usb');
  shared = new WebUSB({ allowAllDevices: true, deviceTimeout: PLATFORM_LIMIT_MS });
  // Listening must not keep the process alive.
  libusb.unrefHotplugEvents();
  return shared;
}

/** @param which bus path, `uid:` with the unique id, serial number or vid:pid; absent: the only programmable device there is */
export async function openLocalUsb(which: string | undefined): Promise<Source> {
  const { usb, ...devices } = await findLocalDevices();
  const uid = uidWanted(which);
  const { device, path } =
    uid === undefined ? chooseDevice(devices, which) : await chooseByUid({ usb, ...devices }, uid);
  const port: UsbPort = await openWebUsb(device, DFU_FILTERS, { clock: systemClock, usb });
  return {
    port,
    clock: systemClock,
    where: path === undefined ? 'USB' : `USB ${path}`,
    // Its place on the bus stays, whatever its descriptors say then.
    reopen: async () => await openLocalUsb(path ?? which),
    [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
  };
}

/**
 * The one device that fits.
 * @throws CommandError `cli/no-device`, `cli/several-devices`, `usb/access`
 */
export function chooseDevice(
  { candidates, hidden }: Omit<LocalDevices, 'usb'>,
  which: string | undefined,
): UsbCandidate {
  const programmable = candidates.filter(isProgrammable);
  const fitting = which === undefined ? programmable : programmable.filter((candidate) => fits(candidate, which));
  const [first, second] = fitting;
  if (!first) throw nothingFound(which, { there: programmable.map(describeCandidate), hidden });
  if (second) throw severalFound(fitting);
  return first;
}

/**
 * The one device with this unique id; those that cannot be opened or understood are none.
 * @throws CommandError `cli/no-device`, `cli/several-devices`, `usb/access`
 */
export async function chooseByUid({ candidates, hidden, usb }: LocalDevices, uid: string): Promise<UsbCandidate> {
  const looked = await readUids(candidates.filter(isProgrammable), usb);
  const found = looked.filter((each) => each.uid === uid).map(({ candidate }) => candidate);
  const [first, second] = found;
  if (second) throw severalFound(found);
  if (first) return first;
  const there = [
    ...looked.map((each) => `${describeCandidate(each.candidate)}  ${uidText(each)}`),
    ...hidden.map(({ path, ids }) => `${path}  ${ids}  may not be opened by this user`),
  ];
  throw nothingFound(`uid:${uid}`, { there, hidden });
}

/** Whether it is in DFU mode, rather than an application that could be asked to go there. */
export function isProgrammable({ filter }: UsbCandidate): boolean {
  return DFU_FILTERS.includes(filter);
}

function fits({ device, path }: UsbCandidate, which: string): boolean {
  const wanted = which.toLowerCase();
  return path === which || device.serialNumber?.toLowerCase() === wanted || idsOf(device) === wanted;
}

export function idsOf({ vendorId, productId }: { vendorId: number; productId: number }): string {
  return [vendorId, productId].map((id) => id.toString(16).padStart(4, '0')).join(':');
}

/** One line for a list. */
export function describeCandidate({ device, path }: UsbCandidate): string {
  const serial = device.serialNumber ? `serial ${device.serialNumber}` : 'no serial';
  return `${path ?? '?'}  ${idsOf(device)}  ${device.productName ?? 'unnamed'}  ${serial}`;
}

function nothingFound(
  which: string | undefined,
  { there, hidden }: { there: readonly string[]; hidden: readonly HiddenDevice[] },
): CommandError {
  const denied = hidden.find(({ path, ids }) => which === undefined || path === which || ids === which.toLowerCase());
  if (denied) {
    return new CommandError({
      code: 'usb/access',
      exitCode: EXIT.access,
      title: `A DFU device is plugged in (${denied.path}, ${denied.ids}), but this user may not open it.`,
      remedy: [
        `Put this line into /etc/udev/rules.d/70-sureflash.rules: ${UDEV_RULE}`,
        'Then run "sudo udevadm control --reload" and plug the device in again.',
      ],
      facts: { path: denied.path, ids: denied.ids },
    });
  }
  return new CommandError({
    code: 'cli/no-device',
    exitCode: EXIT.device,
    title: which === undefined ? 'No programmable device is plugged in.' : `No programmable device fits "${which}".`,
    remedy: [
      ...there.map((line) => `There is: ${line}`),
      'Start the chip in its bootloader: for most STM32, hold BOOT0 high while it is reset.',
      'Try without hardware: add --virtual stm32f105-rom',
      'Find out why: sureflash doctor',
    ],
  });
}

function severalFound(candidates: readonly UsbCandidate[]): CommandError {
  return new CommandError({
    code: 'cli/several-devices',
    exitCode: EXIT.device,
    title: `${candidates.length} programmable devices fit; nothing was touched.`,
    remedy: [...candidates.map(describeCandidate), `Choose one, such as --usb ${candidates[0]?.path ?? 'VID:PID'}`],
    facts: { devices: candidates.map(({ path, device }) => ({ path, serial: device.serialNumber })) },
  });
}
