/** The one device on this machine's USB that the user means. */
import { systemClock, USB_FILTERS, type UsbPort, WIRES } from '@sureflash/programmer';
import { UDEV_RULE } from '@sureflash/programmer/diagnosis';
import { openWebUsb, type UsbCandidate } from '@sureflash/programmer/transports';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { foundUidText, readUids, uidWanted } from './by-uid.ts';
import { describeCandidate, findLocalDevices, idsOf, isProgrammable, type LocalDevices } from './find-local.ts';
import type { HiddenDevice } from './linux-access.ts';
import type { DeviceSource } from './source.ts';

export interface LocalChoice {
  /** Bus path, `uid:` with the unique id, serial number or vid:pid; absent: the only programmable device there is. */
  readonly which: string | undefined;
  /** Only devices that speak this protocol. */
  readonly wire?: string;
}

export async function openLocalUsb({ which, wire }: LocalChoice): Promise<DeviceSource> {
  const { usb, ...all } = await findLocalDevices();
  const filters = wire === undefined ? USB_FILTERS : WIRES.find(({ name }) => name === wire)?.filters;
  const devices = { ...all, candidates: all.candidates.filter(({ filter }) => filters?.includes(filter)) };
  const uid = uidWanted(which);
  const { device, path } =
    uid === undefined ? chooseDevice(devices, which) : await chooseByUid({ usb, ...devices }, uid);
  const port: UsbPort = await openWebUsb(device, USB_FILTERS, { clock: systemClock, usb });
  return {
    port,
    clock: systemClock,
    where: path === undefined ? 'USB' : `USB ${path}`,
    outlives: true,
    // Its place on the bus stays, whatever its descriptors say then.
    reopen: async () => await openLocalUsb({ which: path ?? which, ...(wire !== undefined && { wire }) }),
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
  const fitting = which === undefined ? programmable : programmable.filter((candidate) => isAskedFor(candidate, which));
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
    ...looked.map((each) => `${describeCandidate(each.candidate)}  ${foundUidText(each)}`),
    ...hidden.map(({ path, ids }) => `${path}  ${ids}  may not be opened by this user`),
  ];
  throw nothingFound(`uid:${uid}`, { there, hidden });
}

function isAskedFor({ device, path }: UsbCandidate, which: string): boolean {
  const wanted = which.toLowerCase();
  return path === which || device.serialNumber?.toLowerCase() === wanted || idsOf(device) === wanted;
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
    title: which === undefined ? 'No programmable device is plugged in.' : `No programmable device matches "${which}".`,
    remedy: [
      ...there.map((line) => `Plugged in: ${line}`),
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
    title: `${candidates.length} programmable devices match; nothing was touched.`,
    remedy: [...candidates.map(describeCandidate), `Choose one, such as --usb ${candidates[0]?.path ?? 'VID:PID'}`],
    facts: { devices: candidates.map(({ path, device }) => ({ path, serial: device.serialNumber })) },
  });
}
