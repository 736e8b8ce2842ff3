/** A virtual board inside this process, on a virtual USB host of its own. */
import { USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  type Board,
  type Clock,
  findScenario,
  RealClock,
  type Scenario,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { closest } from '../base/closest.ts';
import { CommandError, usage } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { exampleFile } from '../files/example-files.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { BOARD_NAMES, SHORT_LIST } from './board-groups.ts';
import type { DeviceSource } from './source.ts';

/** @throws CommandError `usage` that names those of the short list */
export function scenarioNamed(name: string): Scenario {
  const found = findScenario(name);
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

/** An application with a DFU class has itself in flash: without a file it is the example firmware, version 1. */
const RUNS_APPLICATION = /cubemx|custom/;
const EXAMPLE = 'dashboard-v1.hex';
const RAW_IMAGE_AT = 0x0800_0000;

/**
 * @param load path of the file that the flash holds at first, and EEPROM and OTP at their addresses
 * @throws CommandError `cli/file` for a file with bytes where the board has none of these
 */
export async function createBoard(
  io: Io,
  name: string,
  { clock, load }: { clock: Clock; load?: string },
): Promise<Board> {
  const scenario = scenarioNamed(name);
  const path = load ?? (RUNS_APPLICATION.test(name) ? exampleFile(EXAMPLE) : undefined);
  if (path === undefined) return scenario.create(clock);
  const { image } = await loadFirmware(io, path, { rawAt: RAW_IMAGE_AT });
  try {
    return scenario.create(clock, { flash: image.segments });
  } catch (error) {
    throw error instanceof RangeError ? unloadable(path, name, error) : error;
  }
}

function unloadable(path: string, name: string, { message }: RangeError): CommandError {
  return new CommandError({
    code: 'cli/file',
    exitCode: EXIT.file,
    title: `${path} cannot be loaded into ${name}: ${message}.`,
    remedy: ['Give --load a file for the chip of this board, with bytes for flash, EEPROM and OTP alone.'],
  });
}

export async function openVirtual(
  io: Io,
  name: string,
  { instant = false, load }: { instant?: boolean; load?: string },
): Promise<DeviceSource> {
  const clock = instant ? new VirtualClock() : new RealClock();
  const board = await createBoard(io, name, { clock, ...(load !== undefined && { load }) });
  return await openBoard(board, clock, `virtual ${name}`);
}

/** A host for a board that already exists. */
export async function openBoard(board: Board, clock: Clock, where: string): Promise<DeviceSource> {
  const usb = new VirtualWebUsb({ connectors: [board], clock, dialect: 'usb-2.18', deviceTimeout: 600_000 });
  const [candidate] = await listWebUsb(usb, USB_FILTERS);
  if (!candidate) {
    usb.dispose();
    throw new CommandError({
      code: 'cli/no-device',
      exitCode: EXIT.device,
      title: 'The virtual board shows no DFU device at its connector.',
      remedy: ['Choose a board in its bootloader, such as stm32f105-rom.'],
    });
  }
  const port = await openWebUsb(candidate.device, USB_FILTERS, { clock, usb });
  return {
    port,
    clock,
    where,
    outlives: false,
    board,
    reopen: async () => await openBoard(board, clock, where),
    busMs: () => usb.stats.busMs,
    [Symbol.asyncDispose]: async () => {
      await port[Symbol.asyncDispose]();
      usb.dispose();
    },
  };
}
