/** The flash controller of F2, F4 and F7: sectors, programs of 1 to 8 bytes, options in registers (RM0090 §3, RM0410 §3). */

import type { Width } from '../core/index.ts';
import {
  bytesOf,
  createKeyLock,
  eraseOne,
  eraseTogether,
  F2_OPTION_KEYS,
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
import { keepOptionWord, lockedRegister, optionWord } from './option-words.ts';
import { clearedByOnes, createPeripheral, newRegisterValues, type RegisterSpec } from './peripheral.ts';

const CR = {
  PG: 1,
  SER: 2,
  MER: 4,
  SNB: 0xf8,
  MER1: 1 << 15,
  STRT: 1 << 16,
  EOPIE: 1 << 24,
  LOCK: -0x8000_0000,
} as const;
const SR = { EOP: 1, OPERR: 2, WRPERR: 16, PGAERR: 32, PGPERR: 64, PGSERR: 128, BSY: 1 << 16 } as const;
const OPTCR = { OPTLOCK: 1, OPTSTRT: 2 } as const;

/** OPTCR: time to change it; a sector of 16 KB (DS8626). */
const OPTION_MS = 250;

export interface F2FlashOptions {
  /** OPTCR, OPTCR1 and OPTCR2 as they leave the factory, locked. */
  readonly optionRegisters: readonly number[];
  /** SNB counts from 16 on for bank 2, where there is one. */
  readonly sectorsInBank1?: number;
}

const START = 0x4002_3c00;

interface F2State extends FlashState {
  readonly lock: KeyLock;
  readonly optionLock: KeyLock;
  /** OPTCR, OPTCR1 and OPTCR2, as far as the chip has them. */
  readonly optionNames: readonly string[];
  readonly sectorsInBank1: number | undefined;
}

export function createF2Flash(port: FlashPort, { optionRegisters, sectorsInBank1 }: F2FlashOptions): FlashController {
  const lock = createKeyLock(...FLASH_KEYS, { at: START + 4 });
  const optionLock = createKeyLock(...F2_OPTION_KEYS, { at: START + 8 });
  const values = newRegisterValues('FLASH');
  const optionNames = ['OPTCR', 'OPTCR1', 'OPTCR2'].slice(0, optionRegisters.length);
  const state: F2State = { port, values, until: 0, lock, optionLock, optionNames, sectorsInBank1 };
  const peripheral = createPeripheral({ name: 'FLASH', start: START, registers: registersOf(state) }, values);
  const reset = (): void => {
    resetFlashState(state, [lock, optionLock], peripheral);
    for (const [index, name] of optionNames.entries()) values.set(name, optionWord(port.options, index));
  };
  reset();
  return controllerOf(state, peripheral, {
    write: (address, width, value) => program(state, address, width, value),
    reset,
  });
}

function registersOf(state: F2State): Record<number, RegisterSpec> {
  const { lock, optionLock, optionNames } = state;
  const others = optionNames
    .slice(1)
    .map((name, index) => [0x18 + 4 * index, lockedRegister(name, optionLock)] as const);
  return {
    [0x00]: { name: 'ACR' },
    [0x04]: { name: 'KEYR', write: (value) => keyed(lock, value) },
    [0x08]: { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) },
    [0x0c]: { ...clearedByOnes('SR', 0xf3), read: (stored) => (isOperating(state) ? stored | SR.BSY : stored) },
    [0x10]: {
      name: 'CR',
      read: (stored) => stored | (lock.locked ? CR.LOCK : 0),
      write: (written, stored) => writeControl(state, written, stored),
    },
    [0x14]: {
      name: 'OPTCR',
      read: (stored) => (stored & ~3) | (optionLock.locked ? OPTCR.OPTLOCK : 0),
      write: (written, stored) => writeOptionControl(state, written, stored),
    },
    ...Object.fromEntries(others),
  };
}

/** EOP is only set with its interrupt enabled (RM0090 §3.9.5). */
function beginAt(state: F2State, address: number, until: number): void {
  beginOperation(state, address, until, state.values.get('CR') & CR.EOPIE ? SR.EOP : 0);
}

/** @returns what CR holds from now on */
function writeControl(state: F2State, written: number, stored: number): number {
  const { lock, values } = state;
  if (written & CR.LOCK) lock.lock();
  if (lock.locked || isOperating(state)) return stored;
  const kept = written & ~(CR.STRT | CR.LOCK);
  values.set('CR', kept);
  if (written & CR.STRT && kept & (CR.SER | CR.MER | CR.MER1)) erase(state, kept);
  return kept;
}

/** Erases all, or the sector of SNB. */
function erase(state: F2State, cr: number): void {
  const { port, sectorsInBank1 } = state;
  const { sectors } = port.flash;
  const all = (cr & (CR.MER | CR.MER1)) !== 0;
  const snb = (cr & CR.SNB) >>> 3;
  const inBank2 = sectorsInBank1 !== undefined && snb >= 16;
  const sector = sectors[all ? 0 : inBank2 ? snb - 16 + sectorsInBank1 : snb];
  if (!sector) {
    setStatus(state, SR.PGSERR);
    return;
  }
  const until = all ? eraseTogether(port, sectors) : eraseOne(port, sector);
  if (until === undefined) setStatus(state, SR.WRPERR);
  else beginAt(state, sector.start, until);
}

/** OPTSTRT keeps the words of all option registers. @returns what OPTCR holds from now on */
function writeOptionControl(state: F2State, written: number, stored: number): number {
  const { port, optionLock, optionNames, values } = state;
  if (written & OPTCR.OPTLOCK) optionLock.lock();
  if (optionLock.locked || isOperating(state)) return stored;
  const kept = written & ~(OPTCR.OPTLOCK | OPTCR.OPTSTRT);
  if (written & OPTCR.OPTSTRT) {
    values.set('OPTCR', kept);
    for (const [index, name] of optionNames.entries()) keepOptionWord(port.options, index, values.get(name));
    beginAt(state, 0, port.now() + OPTION_MS);
  }
  return kept;
}

/** A store into the flash. */
function program(state: F2State, address: number, width: Width, value: number): void {
  const { port } = state;
  const error = programError(state, address, width);
  if (error !== undefined) {
    setStatus(state, error);
    return;
  }
  beginAt(state, address, port.flash.program(address, bytesOf(value, width), port.now()));
  port.changed(address, width);
}

/** Why bytes cannot be programmed; undefined when they can. */
function programError(state: F2State, address: number, width: Width): number | undefined {
  const { port, lock, values } = state;
  const cr = values.get('CR');
  const sector = port.flash.sectorAt(address);
  // PG or the lock missing: a sequence error (RM0090 §3.6.2, PGSERR). BSY that was not waited for: our choice.
  if (isOperating(state) || lock.locked || (cr & CR.PG) === 0) return SR.PGSERR;
  if (1 << ((cr >>> 8) & 3) !== width) return SR.PGPERR;
  if (address % width !== 0) return SR.PGAERR;
  // A locked block of OTP (RM0090 §3.7): that it is told as write protection is a guess.
  const isClosed = sector ? isShut(port, sector.index) : port.flash.isLocked(address);
  return isClosed ? SR.WRPERR : undefined;
}
