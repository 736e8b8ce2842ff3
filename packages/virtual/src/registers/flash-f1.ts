/** The flash controller of F0, F1 and F3: half-words, pages, option bytes in memory (PM0075, RM0091 §3, RM0316 §4). */

import { busFault, type Width } from '../core/index.ts';
import {
  bytesOf,
  createKeyLock,
  eraseOne,
  eraseTogetherThoughClosed,
  FLASH_KEYS,
  type FlashController,
  type FlashPort,
  isShut,
  type KeyLock,
  keyed,
} from './flash-port.ts';
import {
  beginOperation,
  controllerOf,
  type FlashState,
  isOperating,
  resetFlashState,
  setStatus,
} from './flash-state.ts';
import { clearedByOnes, createPeripheral, newRegisterValues, type RegisterSpec } from './peripheral.ts';

const CR = {
  PG: 1,
  PER: 2,
  MER: 4,
  OPTPG: 16,
  OPTER: 32,
  STRT: 64,
  LOCK: 128,
  OPTWRE: 512,
  OBL_LAUNCH: 1 << 13,
} as const;
const SR = { BSY: 1, PGERR: 4, WRPRTERR: 16, EOP: 32 } as const;

/** Option bytes: time to erase and to program a half-word; as the main memory (PM0075 §2.5). */
const OPTION_ERASE_MS = 20;
const OPTION_PROGRAM_MS = 0.0525;

export interface F1FlashOptions {
  /** ACR after reset: prefetch is on, but on F0. */
  readonly acr: number;
  readonly hasOptionLaunch: boolean;
  /** Sectors that its mass erase takes, from the first to before the last; absent, all. */
  readonly bank?: readonly [first: number, end: number];
}

const START = 0x4002_2000;
const OPTIONS_START = 0x1fff_f800;

interface F1State extends FlashState {
  readonly lock: KeyLock;
  /** What OPTWRE tells of. */
  readonly optionLock: KeyLock;
  readonly hasOptionLaunch: boolean;
  readonly sectors: FlashPort['flash']['sectors'];
}

export function createF1Flash(port: FlashPort, { acr, hasOptionLaunch, bank }: F1FlashOptions): FlashController {
  // A wrong key is a bus error on these (PM0075 §2.3.1), and locks until the next reset.
  const lock = createKeyLock(...FLASH_KEYS, { at: START + 4 });
  const optionLock = createKeyLock(...FLASH_KEYS, { at: START + 8 });
  const values = newRegisterValues('FLASH');
  const sectors = bank ? port.flash.sectors.slice(...bank) : port.flash.sectors;
  const state: F1State = { port, values, until: 0, lock, optionLock, hasOptionLaunch, sectors };
  const registers: Record<number, RegisterSpec> = {
    [0x00]: { name: 'ACR', reset: acr },
    [0x04]: { name: 'KEYR', write: (value) => keyed(lock, value) },
    [0x08]: { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) },
    [0x0c]: {
      ...clearedByOnes('SR', SR.PGERR | SR.WRPRTERR | SR.EOP),
      read: (stored) => (isOperating(state) ? (stored & ~SR.EOP) | SR.BSY : stored),
    },
    [0x10]: {
      name: 'CR',
      reset: CR.LOCK,
      read: (stored) =>
        (stored & ~(CR.LOCK | CR.OPTWRE)) | (lock.locked ? CR.LOCK : 0) | (optionLock.locked ? 0 : CR.OPTWRE),
      write: (written, stored) => writeControl(state, written, stored),
    },
    [0x14]: { name: 'AR' },
    [0x1c]: { name: 'OBR', writable: 0, read: () => optionRegister(port.options) },
    [0x20]: { name: 'WRPR', writable: 0, read: () => protectionRegister(port.options) },
  };
  const peripheral = createPeripheral({ name: 'FLASH', start: START, registers }, values);
  return controllerOf(state, peripheral, {
    write: (address, width, value) => program(state, address, width, value),
    writeOption: (offset, width, value) => programOption(state, offset, width, value),
    reset: () => resetFlashState(state, [lock, optionLock], peripheral),
  });
}

/** @returns what CR holds from now on */
function writeControl(state: F1State, written: number, stored: number): number {
  const { port, lock, optionLock } = state;
  if (written & CR.LOCK) lock.lock();
  if (lock.locked) return stored | CR.LOCK;
  if (isOperating(state)) return stored;
  // OPTWRE is set by its keys and can only be cleared here.
  if ((written & CR.OPTWRE) === 0) optionLock.lock();
  if (state.hasOptionLaunch && written & CR.OBL_LAUNCH) port.reloadOptions();
  const kept = written & (CR.PG | CR.PER | CR.MER | CR.OPTPG | CR.OPTER | 0x1400);
  if (written & CR.STRT) {
    if (kept & (CR.PER | CR.MER)) erase(state, kept);
    else if (kept & CR.OPTER && !optionLock.locked) eraseOptions(state);
  }
  return kept;
}

/** Erases all, or the page at AR. Read protection leaves a debugger the mass erase (PM0075, read protection). */
function erase(state: F1State, cr: number): void {
  const { port, values, sectors } = state;
  const address = cr & CR.MER ? (sectors[0]?.start ?? 0) : values.get('AR');
  const sector = port.flash.sectorAt(address);
  if (!sector) throw busFault(address);
  const until = cr & CR.MER ? eraseTogetherThoughClosed(port, sectors) : eraseOne(port, sector);
  if (until === undefined) setStatus(state, SR.WRPRTERR);
  else beginOperation(state, sector.start, until, SR.EOP);
}

function eraseOptions(state: F1State): void {
  const { port } = state;
  port.options.fill(0xff);
  beginOperation(state, 0, port.now() + OPTION_ERASE_MS, SR.EOP);
}

/** A store into the flash. Anything but a half-word is a bus error (PM0075 §2.3.2). */
function program(state: F1State, address: number, width: Width, value: number): void {
  const { port, lock, values } = state;
  if (lock.locked || (values.get('CR') & CR.PG) === 0 || width !== 2) throw busFault(address);
  const error = programError(state, address, value);
  if (error !== undefined) {
    setStatus(state, error);
    return;
  }
  beginOperation(state, address, port.flash.program(address, bytesOf(value, 2), port.now()), SR.EOP);
  port.changed(address, 2);
}

/** Why a half-word cannot be programmed; undefined when it can. Only zeros go over what is programmed (PM0075 §2.3.2). */
function programError(state: F1State, address: number, value: number): number | undefined {
  const { flash } = state.port;
  const sector = flash.sectorAt(address);
  if (isOperating(state)) return SR.PGERR;
  if (sector && isShut(state.port, sector.index)) return SR.WRPRTERR;
  const erased = flash.peek(address, 2).every((byte) => byte === 0xff);
  return erased || value === 0 ? undefined : SR.PGERR;
}

/** A store into the option bytes. The complement is computed by the hardware (PM0075 §2.5.1). */
function programOption(state: F1State, offset: number, width: Width, value: number): void {
  const { port, lock, optionLock, values } = state;
  if (lock.locked || optionLock.locked || (values.get('CR') & CR.OPTPG) === 0 || width !== 2) {
    throw busFault(OPTIONS_START + offset);
  }
  if (port.options[offset] !== 0xff && value !== 0) {
    setStatus(state, SR.PGERR);
    return;
  }
  port.options[offset] = value & 0xff;
  port.options[offset + 1] = ~value & 0xff;
  beginOperation(state, 0, port.now() + OPTION_PROGRAM_MS, SR.EOP);
}

/** OBR: protection in bit 1, USER from bit 2 on F1 and bit 8 on F0 and F3, which all put it into both here. */
function optionRegister(options: Uint8Array): number {
  const protectedNow = options[0] === 0xa5 || options[0] === 0xaa ? 0 : 2;
  const user = options[2] ?? 0xff;
  return protectedNow | ((user & 7) << 2) | (user << 8);
}

/** WRPR: the four bytes of protection without their complements. */
function protectionRegister(options: Uint8Array): number {
  return [8, 10, 12, 14].reduce((word, at, index) => word | ((options[at] ?? 0) << (8 * index)), 0);
}
