/**
 * A composed loader on the wire: a board whose application carries ST's DFU class with the loader behind its callbacks.
 * It knows no kinds of deviation, and of the class no more than its media interface.
 */

import { CLASS_V2_11_4, TRANSFER_SIZE } from '../applications/class-version.ts';
import { DfuClassDevice } from '../applications/dfu-class.ts';
import type { MediaInterface } from '../applications/media.ts';
import { Board } from '../board.ts';
import { Chip } from '../chip/chip.ts';
import type { ChipProfile } from '../chip/chip-profile.ts';
import type { Clock } from '../clock.ts';
import type { ScenarioOptions } from '../scenarios/make-board.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { STM32F105, STM32F407, STM32L476 } from '../table/well-known.ts';
import { interposed } from '../usb/interposed.ts';
import type { UsbDeviceModel } from '../usb/model.ts';
import type { ComposeOptions } from './compose.ts';
import { composeLoader } from './compose.ts';
import type { ComposedChip } from './geometry.ts';
import { sectorAt } from './geometry.ts';
import type { ComposedLoader } from './loader.ts';
import { FIRST_BLOCK } from './operation.ts';
import { sameBytes } from './run.ts';

/** `loader` is as new: on erased flash, nothing done yet. */
export interface ComposedBoard extends Scenario {
  readonly loader: ComposedLoader;
}

const PARTS: Readonly<Record<ComposedChip, { readonly profile: ChipProfile; readonly layout: string }>> = {
  F105: { profile: STM32F105, layout: '@Internal Flash   /0x08000000/128*02Kg' },
  F407: { profile: STM32F407, layout: '@Internal Flash   /0x08000000/04*16Kg,01*64Kg,07*128Kg' },
  L476: { profile: STM32L476, layout: '@Internal Flash   /0x08000000/512*02Kg' },
};
/** From reset to the device's appearance, as for ST's examples. A guess. */
const COMPOSED_CONNECT_MS = 120;
const DFU_DNLOAD = 1;
const DFU_UPLOAD = 2;

/**
 * A scenario that a campaign can use as any other. The class counts in blocks of 1024 bytes, whatever `options` say.
 * The loader stands outside the flash that it erases, as a ROM does.
 */
export function composedBoard(
  seed: number,
  options: Omit<ComposeOptions, 'blockBytes' | 'content'> = {},
): ComposedBoard {
  const compose = { ...options, blockBytes: TRANSFER_SIZE };
  const loader = composeLoader(seed, compose);
  return {
    name: `composed-${seed}`,
    title: `A loader that is wrong: ${loader.kinds.join(' and ')}`,
    description: loader.describe(),
    source: 'composed at random from mistakes that people make',
    loader,
    create: (clock, scenario = {}) => createBoard(clock, scenario, { seed, compose }),
  };
}

interface Composition {
  readonly seed: number;
  readonly compose: ComposeOptions;
}

function createBoard(clock: Clock, options: ScenarioOptions, { seed, compose }: Composition): Board {
  const { geometry } = composeLoader(seed, compose);
  const { profile, layout } = PARTS[geometry.chip];
  const chip = new Chip(profile, { seed: options.seed ?? 1 });
  for (const { address, bytes } of options.flash ?? []) chip.flash.load(address, bytes);
  const { serial = '00000000010C' } = options;
  let last: ComposedLoader | undefined;
  return new Board(clock, {
    chip,
    pins: { boot0: false, vbus: true, key: true },
    start: ({ board }) => {
      // A reset forgets what the program had in RAM; flash stays.
      const content = chip.flash.peek(geometry.start, geometry.bytes);
      const elsewhere = (address: number, length: number) => chip.read(address, length);
      const loader =
        last && sameBytes(last.peek(geometry.start, geometry.bytes), content)
          ? last.reset()
          : composeLoader(seed, { ...compose, content, elsewhere });
      last = loader;
      const line = { number: FIRST_BLOCK };
      const application = {
        version: CLASS_V2_11_4,
        product: 'STM32 DFU in FS Mode',
        serial,
        media: mediaOf(loader, chip, { layout, line }),
        atAddressZero: (length: number) => chip.read(geometry.start, length) ?? new Uint8Array(length),
      };
      return {
        name: 'bootloader',
        device: noting(new DfuClassDevice(application, board), line),
        connectMs: COMPOSED_CONNECT_MS,
      };
    },
  });
}

/** The number of the data block that the class is about to ask its callbacks for. */
interface Line {
  number: number;
}

/** The class computes addresses itself and does not tell its callbacks the number: it is noted as it passes. */
function noting(model: UsbDeviceModel, line: Line): UsbDeviceModel {
  return interposed(model, (setup, data) => {
    const isClass = (setup.requestType & 0x60) === 0x20;
    const isBlock = setup.request === DFU_DNLOAD || setup.request === DFU_UPLOAD;
    if (isClass && isBlock && setup.value >= FIRST_BLOCK) line.number = setup.value;
    return model.control(setup, data);
  });
}

interface Wiring {
  readonly layout: string;
  readonly line: Line;
}

/** Whatever becomes of it, it says OK; it takes the time that its cells take. */
function mediaOf(loader: ComposedLoader, chip: Chip, { layout, line }: Wiring): MediaInterface {
  const { geometry } = loader;
  const { cells } = chip.profile;
  const base = (address: number): number => address - (line.number - FIRST_BLOCK) * TRANSFER_SIZE;
  const done = (now: number): { ok: true; endsAt: number } => {
    const { clearedBytes, programmedUnits, touched } = loader.takeWork();
    for (const { address, bytes } of touched) chip.flash.load(address, bytes);
    const eraseMs = cells.eraseMs[clearedBytes] ?? Math.min(cells.massEraseMs, clearedBytes * msPerByte(cells.eraseMs));
    return { ok: true, endsAt: now + eraseMs + programmedUnits * cells.programMs };
  };
  return {
    layout,
    erase: (address, now) => {
      const sector = sectorAt(geometry, address);
      const length = sector ? sector.end - sector.start : 0;
      loader.apply({ kind: 'erase', address, length });
      return done(now);
    },
    write: (address, bytes, now) => {
      loader.apply({ kind: 'write', base: base(address), number: line.number, address, bytes });
      return done(now);
    },
    read: (address, length) => loader.read({ base: base(address), number: line.number, address, length }),
    pollMs: () => 0,
  };
}

/** Of the slowest sector. Parts of a sector take their share: a guess. */
function msPerByte(eraseMs: Readonly<Record<number, number>>): number {
  return Math.max(...Object.entries(eraseMs).map(([bytes, ms]) => ms / Number(bytes)));
}
