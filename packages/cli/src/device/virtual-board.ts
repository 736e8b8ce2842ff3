/** A virtual board, or a chip behind a virtual probe, inside this process, on a virtual USB host of its own. */
import { USB_FILTERS, type UsbFilter, WIRES } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  type Board,
  type Clock,
  cmsisDapScenarios,
  findScenario,
  type ProbeScenario,
  probeScenarios,
  RealClock,
  type Scenario,
  secureChipScenarios,
  troubledProbeScenarios,
  type UsbConnector,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { closest } from '../base/closest.ts';
import { CommandError, usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { exampleFile } from '../files/example-files.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { BOARD_NAMES, SHORT_LIST } from './board-groups.ts';
import { PROBE_OPTIONS, type ProbeWire } from './options.ts';
import type { DeviceSource } from './source.ts';

/** @throws CommandError `usage` that names those of the short list */
export function scenarioNamed(name: string): Scenario | ProbeScenario {
  const probed: readonly ProbeScenario[] = [
    ...probeScenarios,
    ...cmsisDapScenarios,
    ...troubledProbeScenarios,
    ...secureChipScenarios,
  ];
  const found = probed.find((each) => each.name === name) ?? findScenario(name);
  if (found) return found;
  const meant = closest(name, BOARD_NAMES);
  throw usage(
    `There is no virtual board "${name}".`,
    meant.length > 0
      ? `Did you mean ${meant.join(' or ')}?`
      : `There are: ${SHORT_LIST.boards.map((board) => board.name).join(', ')}`,
    'And more: sureflash virtual --all',
  );
}

/** A loader with a mistake that a number draws, `composed-42`, or with two, `composed-42-2`. There are too many to be listed. */
async function composedNamed(name: string): Promise<Scenario | undefined> {
  const [, seed, both] = /^composed-(\d{1,9})(-2)?$/.exec(name) ?? [];
  if (seed === undefined) return undefined;
  const { composedBoard } = await import('@sureflash/virtual/composed');
  return composedBoard(Number(seed), { deviations: both ? 2 : 1 });
}

/** An application with a DFU class has itself in flash: without a file it is the example firmware, version 1. */
const RUNS_APPLICATION = /cubemx|custom/;
const EXAMPLE = 'dashboard-v1.hex';
const RAW_IMAGE_AT = 0x0800_0000;

export interface BoardChoices {
  readonly clock: Clock;
  /** Path of the file that the flash holds at first, and EEPROM and OTP at their addresses. */
  readonly load?: string;
}

/** What can be plugged in of a virtual board: its own USB, a probe at its debug connector. */
export interface VirtualPlugs {
  readonly board?: Board;
  readonly probe?: UsbConnector;
}

/** @throws CommandError `cli/file` for a file with bytes where the board has none of these memories */
export async function createPlugs(io: Io, name: string, { clock, load }: BoardChoices): Promise<VirtualPlugs> {
  const scenario = (await composedNamed(name)) ?? scenarioNamed(name);
  const path = load ?? (RUNS_APPLICATION.test(name) ? exampleFile(EXAMPLE) : undefined);
  const image = path === undefined ? undefined : (await loadFirmware(io, path, { rawAt: RAW_IMAGE_AT })).image;
  try {
    const options = image ? { flash: image.segments } : {};
    if ('create' in scenario) return { board: scenario.create(clock, options) };
    const { desk, board } = scenario.plugIn(clock, options);
    return { probe: desk.connector, ...defined({ board }) };
  } catch (error) {
    throw error instanceof RangeError && path !== undefined ? unloadable(path, name, error) : error;
  }
}

/** The same for a board that has a USB plug of its own. */
export async function createBoard(io: Io, name: string, choices: BoardChoices): Promise<Board> {
  const { board } = await createPlugs(io, name, choices);
  if (!board) throw usage(`The virtual board ${name} has no USB plug of its own, only that of its probe.`);
  return board;
}

function unloadable(path: string, name: string, { message }: RangeError): CommandError {
  return new CommandError({
    code: 'cli/file',
    exitCode: EXIT.file,
    title: `${path} cannot be loaded into ${name}: ${message}.`,
    remedy: ['Give --load a file for the chip of this board, with bytes for flash, EEPROM and OTP alone.'],
  });
}

/** Whether the plug is that of such a probe, by the ids in its device descriptor (USB 2.0, Table 9-8). */
function speaks({ device }: UsbConnector, wire: ProbeWire): boolean {
  const { buffer, byteOffset } = device?.deviceDescriptor ?? new Uint8Array(12);
  const view = new DataView(buffer, byteOffset);
  const [vendorId, productId] = [view.getUint16(8, true), view.getUint16(10, true)];
  const filters = WIRES.find(({ name }) => name === wire)?.filters ?? [];
  return filters.some((each) => each.vendorId === vendorId && each.productId === productId);
}

export interface VirtualChoices {
  readonly instant?: boolean;
  /** The probe at its debug connector, which speaks this. */
  readonly wire?: ProbeWire;
  readonly load?: string;
  /** The interfaces that are looked for at first; those that can be programmed where absent. */
  readonly filters?: readonly UsbFilter[];
}

export async function openVirtual(
  io: Io,
  name: string,
  { instant = false, wire, load, filters }: VirtualChoices,
): Promise<DeviceSource> {
  const clock = instant ? new VirtualClock() : new RealClock();
  const { board, probe } = await createPlugs(io, name, { clock, ...defined({ load }) });
  const plug = wire ? probe : (board ?? probe);
  if (!plug || (wire && !speaks(plug, wire)))
    throw usage(
      `The virtual board ${name} has no ${wire ?? 'ST-LINK'}${wire === 'CMSIS-DAP' ? ' probe' : ''}.`,
      `Leave out ${PROBE_OPTIONS[wire ?? 'ST-LINK']}.`,
    );
  const source = await openBoard(plug, clock, `virtual ${name}${wire && board ? `, its ${wire}` : ''}`, filters);
  const boot0 = board?.pins.boot0;
  return {
    ...source,
    ...(board && {
      bringBack: (): void => {
        board.setPins({ ...defined({ boot0 }), key: true });
        board.reset();
      },
    }),
  };
}

/** A host for a plug that already exists: that of a board, or of a probe. */
export async function openBoard(
  plug: UsbConnector,
  clock: Clock,
  where: string,
  filters: readonly UsbFilter[] = USB_FILTERS,
): Promise<DeviceSource> {
  const usb = new VirtualWebUsb({ connectors: [plug], clock, dialect: 'usb-2.18', deviceTimeout: 600_000 });
  const [candidate] = await listWebUsb(usb, filters);
  if (!candidate) {
    usb.dispose();
    throw new CommandError({
      code: 'cli/no-device',
      exitCode: EXIT.device,
      title: 'The virtual board shows no DFU device at its connector.',
      remedy: ['Choose a board in its bootloader, such as stm32f105-rom.'],
    });
  }
  const port = await openWebUsb(candidate.device, filters, { clock, usb });
  return {
    port,
    clock,
    where,
    outlives: false,
    reopen: async () => await openBoard(plug, clock, where),
    busMs: () => usb.stats.busMs,
    [Symbol.asyncDispose]: async () => {
      await port[Symbol.asyncDispose]();
      usb.dispose();
    },
  };
}
