/** The one device on this machine's USB that the user means. */
import { FlashError, hasCode, systemClock, USB_FILTERS, type UsbPort, WIRES } from '@sureflash/programmer';
import { openWebUsb, type UsbCandidate } from '@sureflash/programmer/transports';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { mountsOf, programsHolding } from '../host/holders.ts';
import { SHOW_TO_CONTAINER, type Surrounding, showToWsl, surroundingOf } from '../host/surroundings.ts';
import { readUsbDevices, USB_PLACES } from '../host/sysfs.ts';
import { foundUidText, readUids, uidWanted } from './by-uid.ts';
import {
  describeCandidate,
  findLocalDevices,
  idsOf,
  isProgrammable,
  type LocalDevices,
  silentText,
  unusableText,
} from './find-local.ts';
import { hiddenError } from './hidden-error.ts';
import { HIDDEN_BECAUSE } from './linux-access.ts';
import { PROBE_OPTIONS, type ProbeWire } from './options.ts';
import type { DeviceSource } from './source.ts';

export interface LocalChoice {
  /** Bus path, `uid:` with the unique id, serial number or vid:pid; absent: the only programmable device there is. */
  readonly which: string | undefined;
  /** Only devices that speak this protocol. */
  readonly wire?: string;
}

export async function openLocalUsb(choice: LocalChoice): Promise<DeviceSource> {
  const { usb, device, path } = await chosenWhenReady(choice);
  const opening = openWebUsb(device, USB_FILTERS, { clock: systemClock, usb });
  const port: UsbPort = await opening.catch(async (error: unknown) => {
    throw await withHolders(error, path);
  });
  return {
    ...(path !== undefined && { mounts: async () => await mountsOf(path) }),
    port,
    clock: systemClock,
    where: path === undefined ? 'USB' : `USB ${path}`,
    outlives: true,
    // Its place on the bus stays, whatever its descriptors say then.
    reopen: async () => await openLocalUsb({ ...choice, which: path ?? choice.which }),
    [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
  };
}

/** Who else has opened the device, where it is held and the system tells. */
async function withHolders(error: unknown, path: string | undefined): Promise<unknown> {
  if (!hasCode(error, 'usb/busy')) return error;
  const device = (await readUsbDevices(USB_PLACES))?.find((each) => each.path === path);
  const holders = device ? await programsHolding(device.node) : [];
  if (holders.length === 0) return error;
  return new FlashError('usb/busy', { detail: `it is open in ${holders.join(' and ')}` }, error);
}

/** A device that has just appeared has its node, and its rights, from udev some tenths of a second later. */
const SETTLES_MS = 3_000;
const LOOK_AGAIN_MS = 200;

async function chosenWhenReady({ which, wire }: LocalChoice): Promise<UsbCandidate & Pick<LocalDevices, 'usb'>> {
  const surrounding = await surroundingOf();
  const filters = wire === undefined ? USB_FILTERS : WIRES.find(({ name }) => name === wire)?.filters;
  for (;;) {
    const { usb, ...all } = await findLocalDevices();
    const devices = { ...all, candidates: all.candidates.filter(({ filter }) => filters?.includes(filter)) };
    try {
      const uid = uidWanted(which);
      const chosen =
        uid === undefined
          ? chooseDevice(devices, which, surrounding)
          : await chooseByUid({ usb, ...devices }, uid, surrounding);
      return { ...chosen, usb };
    } catch (error) {
      const isNew = devices.hidden.some(({ connectedMs }) => connectedMs !== undefined && connectedMs < SETTLES_MS);
      if (!(error instanceof CommandError)) throw error;
      const isHidden = error.code === 'usb/access' || error.code === 'usb/hidden';
      if (!isHidden || !isNew) throw await inPlace(wire === undefined ? error : ofProbe(error, wire), surrounding);
    }
    await systemClock.sleep(LOOK_AGAIN_MS);
  }
}

const PROBES_OF: Readonly<Record<string, { readonly name: string; readonly board: string }>> = {
  'ST-LINK': { name: 'ST-LINK', board: 'nucleo-f103rb' },
  'CMSIS-DAP': { name: 'CMSIS-DAP probe', board: 'debugprobe-f407' },
};

/** Where a probe was asked for, nobody is told to start a bootloader. */
function ofProbe(error: CommandError, wire: string): CommandError {
  const probe = PROBES_OF[wire];
  if (error.code !== 'cli/no-device' || !probe) return error;
  const { code, exitCode, facts, message } = error;
  const remedy = [
    ...error.remedy.filter((line) => line.startsWith('Plugged in: ')),
    'Plug in the probe, and look for it with: sureflash list',
    `Try without hardware: add --virtual ${probe.board}`,
    'Find out why: sureflash doctor',
  ];
  const title = message.replace('programmable device', probe.name);
  return new CommandError({ code, exitCode, title, remedy, facts, cause: error });
}

/** Where nothing is there, the surrounding may be what hides it; where something is held, the system may tell by whom. */
async function inPlace(error: CommandError, surrounding: Surrounding): Promise<CommandError> {
  const { code, exitCode, message: title, remedy, facts } = error;
  const { node } = facts;
  if (code === 'usb/busy' && typeof node === 'string') {
    const holders = await programsHolding(node);
    const named = holders.length === 0 ? title : title.replace('another program', holders.join(' and '));
    return new CommandError({ code, exitCode, title: named, remedy, facts, cause: error });
  }
  if (code !== 'cli/no-device') return error;
  const isBlind = process.platform === 'linux' && (await readUsbDevices(USB_PLACES)) === undefined;
  if (surrounding === 'machine' && !isBlind) return error;
  const more = surrounding === 'wsl' ? await showToWsl() : SHOW_TO_CONTAINER;
  const seen = isBlind ? `This system shows no USB to programs: there is no ${USB_PLACES.sysfs}.` : title;
  return new CommandError({ code, exitCode, title: seen, remedy: [...more, ...remedy], facts, cause: error });
}

/**
 * The one device that fits.
 * @throws CommandError `cli/no-device`, `cli/several-devices`, `usb/access`
 */
export function chooseDevice(
  { candidates, ...others }: Omit<LocalDevices, 'usb'>,
  which: string | undefined,
  surrounding: Surrounding = 'machine',
): UsbCandidate {
  const programmable = candidates.filter(isProgrammable);
  const fitting = which === undefined ? programmable : programmable.filter((candidate) => isAskedFor(candidate, which));
  const [first, second] = fitting;
  if (!first) throw nothingFound(which, { there: programmable.map(describeCandidate), ...others, surrounding });
  if (second) throw severalFound(fitting);
  return first;
}

/**
 * The one device with this unique id; those that cannot be opened or understood are none.
 * @throws CommandError `cli/no-device`, `cli/several-devices`, `usb/access`
 */
export async function chooseByUid(
  { candidates, usb, ...others }: LocalDevices,
  uid: string,
  surrounding: Surrounding = 'machine',
): Promise<UsbCandidate> {
  const looked = await readUids(candidates.filter(isProgrammable), { usb });
  const found = looked.filter((each) => each.uid === uid).map(({ candidate }) => candidate);
  const [first, second] = found;
  if (second) throw severalFound(found);
  if (first) return first;
  const there = [
    ...looked.map((each) => `${describeCandidate(each.candidate)}  ${foundUidText(each)}`),
    ...others.hidden.map(({ path, ids, state }) => `${path}  ${ids}  ${HIDDEN_BECAUSE[state]}`),
  ];
  throw nothingFound(`uid:${uid}`, { there, ...others, surrounding });
}

function isAskedFor({ device, path }: UsbCandidate, which: string): boolean {
  const wanted = which.toLowerCase();
  return path === which || device.serialNumber?.toLowerCase() === wanted || idsOf(device) === wanted;
}

function nothingFound(
  which: string | undefined,
  {
    there,
    hidden,
    unusable,
    silent,
    surrounding,
  }: Pick<LocalDevices, 'hidden' | 'unusable' | 'silent'> & {
    readonly there: readonly string[];
    readonly surrounding: Surrounding;
  },
): CommandError {
  const denied = hidden.find(({ path, ids }) => which === undefined || path === which || ids === which.toLowerCase());
  if (denied) return hiddenError(denied, surrounding);
  return new CommandError({
    code: 'cli/no-device',
    exitCode: EXIT.device,
    title: which === undefined ? 'No programmable device is plugged in.' : `No programmable device matches "${which}".`,
    remedy: [
      ...there.map((line) => `Plugged in: ${line}`),
      ...unusable.map((probe) => `Plugged in: ${unusableText(probe)}`),
      ...silent.map((device) => `Plugged in: ${silentText(device)}`),
      'Start the chip in its bootloader: for most STM32, hold BOOT0 high while it is reset.',
      'Try without hardware: add --virtual stm32f105-rom',
      'Find out why: sureflash doctor',
    ],
  });
}

function severalFound(candidates: readonly UsbCandidate[]): CommandError {
  const choices = candidates.map((each) => choiceOf(each, candidates));
  const width = Math.max(...choices.map(({ length }) => length));
  return new CommandError({
    code: 'cli/several-devices',
    exitCode: EXIT.device,
    title: `${candidates.length} programmable devices match; nothing was touched.`,
    remedy: [
      'Choose one:',
      ...candidates.map((each, i) => `${(choices[i] ?? '').padEnd(width)}  ${describeCandidate(each)}`),
      'See which chip each of them is: sureflash list --uid',
    ],
    facts: {
      devices: candidates.map(({ path, device }, i) => ({ path, serial: device.serialNumber, option: choices[i] })),
    },
  });
}

const isProbeWire = (name: string): name is ProbeWire => name in PROBE_OPTIONS;

/** The option that names this one of them and no other. */
function choiceOf(candidate: UsbCandidate, all: readonly UsbCandidate[]): string {
  const wireOf = ({ filter }: UsbCandidate) => WIRES.find(({ filters }) => filters.includes(filter))?.name ?? '';
  const wire = wireOf(candidate);
  const isOnly = all.filter((each) => wireOf(each) === wire).length === 1;
  if (isOnly && isProbeWire(wire)) return PROBE_OPTIONS[wire];
  return `--usb ${candidate.path ?? idsOf(candidate.device)}`;
}
