/** The flash controller of L4, G0, G4, WB and U5: double or quad words, pages, options in registers (RM0351 §3, RM0444 §3, RM0440 §3, RM0456 §7). */

import type { Width } from '../core/index.ts';
import {
  bytesOfAll,
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
import { type Gathered, gathered, isWhole } from './gathering.ts';
import { keepOptionWord, lockedRegister, optionWord } from './option-words.ts';
import { clearedByOnes, createPeripheral, newRegisterValues, plain, type RegisterSpec } from './peripheral.ts';

const CR = {
  PG: 1,
  PER: 2,
  MER1: 4,
  MER2: 1 << 15,
  STRT: 1 << 16,
  OPTSTRT: 1 << 17,
  EOPIE: 1 << 24,
  OBL_LAUNCH: 1 << 27,
  OPTLOCK: 1 << 30,
  LOCK: -0x8000_0000,
} as const;
const SR = {
  EOP: 1,
  PROGERR: 8,
  WRPERR: 16,
  PGAERR: 32,
  SIZERR: 64,
  PGSERR: 128,
  OPTWERR: 1 << 13,
  BSY: 1 << 16,
} as const;
const ERRORS = 0xc3fa;

/** Time to change option bytes: a page (DS10198). */
const OPTION_MS = 22;

export interface L4FlashOptions {
  /** Where its registers are; absent, as on L4. WB and WL have them elsewhere (RM0434 §2.2, RM0453 §2.4). */
  readonly start?: number;
  readonly acr: number;
  /** Offsets of KEYR, OPTKEYR, SR and CR. */
  readonly at: { readonly keyr: number; readonly optkeyr: number; readonly sr: number; readonly cr: number };
  /** Option registers: offset, name, value as it leaves the factory. */
  readonly optionRegisters: readonly (readonly [offset: number, name: string, initial: number])[];
  /** Other registers, which only keep what they are told. */
  readonly others?: readonly (readonly [offset: number, name: string, reset?: number])[];
  /** Bytes that are programmed at once. */
  readonly unit: 8 | 16;
  readonly pageMask: number;
  /** The bit of CR that selects bank 2, and how many pages a bank has. */
  readonly bank2?: { readonly bit: number; readonly pages: number };
}

interface L4State extends FlashState {
  readonly options: L4FlashOptions;
  readonly lock: KeyLock;
  readonly optionLock: KeyLock;
  /** Words of the unit that is being written. */
  pending: Gathered | undefined;
}

export function createL4Flash(port: FlashPort, options: L4FlashOptions): FlashController {
  const { at, optionRegisters, start = 0x4002_2000 } = options;
  const lock = createKeyLock(...FLASH_KEYS, { at: start + at.keyr });
  const optionLock = createKeyLock(...F2_OPTION_KEYS, { at: start + at.optkeyr });
  const values = newRegisterValues('FLASH');
  const state: L4State = { port, values, until: 0, options, lock, optionLock, pending: undefined };
  const peripheral = createPeripheral({ name: 'FLASH', start, registers: registersOf(state) }, values);
  const reset = (): void => {
    resetFlashState(state, [lock, optionLock], peripheral);
    state.pending = undefined;
    for (const [index, [, name]] of optionRegisters.entries()) values.set(name, optionWord(port.options, index));
  };
  reset();
  return controllerOf(state, peripheral, {
    write: (address, width, value) => store(state, address, width, value),
    reset,
  });
}

function registersOf(state: L4State): Record<number, RegisterSpec> {
  const { options, lock, optionLock } = state;
  const { at, acr, others = [], optionRegisters } = options;
  return {
    [0x00]: { name: 'ACR', reset: acr },
    ...plain(others),
    [at.keyr]: { name: 'KEYR', write: (value) => keyed(lock, value) },
    [at.optkeyr]: { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) },
    [at.sr]: {
      ...clearedByOnes('SR', ERRORS | SR.EOP),
      read: (stored) => (isOperating(state) ? stored | SR.BSY : stored),
    },
    [at.cr]: {
      name: 'CR',
      read: (stored) => stored | (lock.locked ? CR.LOCK : 0) | (optionLock.locked ? CR.OPTLOCK : 0),
      write: (written, stored) => writeControl(state, written, stored),
    },
    ...Object.fromEntries(optionRegisters.map(([offset, name]) => [offset, lockedRegister(name, optionLock)])),
  };
}

/** EOP is only set with its interrupt enabled (RM0351 §3.3.5). */
function beginAt(state: L4State, address: number, until: number): void {
  beginOperation(state, address, until, state.values.get('CR') & CR.EOPIE ? SR.EOP : 0);
}

/** @returns what CR holds from now on */
function writeControl(state: L4State, written: number, stored: number): number {
  const { port, lock, optionLock, values } = state;
  if (written & CR.LOCK) lock.lock();
  if (written & CR.OPTLOCK) optionLock.lock();
  if (lock.locked || isOperating(state)) return stored;
  const kept = written & ~(CR.STRT | CR.OPTSTRT | CR.OBL_LAUNCH | CR.LOCK | CR.OPTLOCK);
  values.set('CR', kept);
  if (written & CR.STRT) {
    // Errors of before have to be cleared first (RM0351 §3.3.7, PGSERR).
    if (values.get('SR') & ERRORS) setStatus(state, SR.PGSERR);
    else if (kept & (CR.PER | CR.MER1 | CR.MER2)) erase(state, kept);
  }
  if (optionLock.locked) return kept;
  if (written & CR.OPTSTRT) programOptions(state);
  if (written & CR.OBL_LAUNCH) port.reloadOptions();
  return kept;
}

function programOptions(state: L4State): void {
  const { port, options, values } = state;
  const next = port.options.slice();
  for (const [index, [, name]] of options.optionRegisters.entries()) keepOptionWord(next, index, values.get(name));
  if (!port.accepts(next)) {
    setStatus(state, SR.OPTWERR);
    return;
  }
  port.options.set(next);
  beginAt(state, 0, port.now() + OPTION_MS);
}

/** Erases one bank or both, or the page of PNB. */
function erase(state: L4State, cr: number): void {
  const { port, options } = state;
  const { bank2, pageMask } = options;
  if (cr & CR.MER1) eraseBank(state, 0);
  if (cr & CR.MER2) eraseBank(state, 1);
  if (cr & (CR.MER1 | CR.MER2)) return;
  const inBank2 = bank2 !== undefined && (cr >>> bank2.bit) & 1 ? bank2.pages : 0;
  const sector = port.flash.sectors[((cr >>> 3) & pageMask) + inBank2];
  if (sector) beginErase(state, sector.start, eraseOne(port, sector));
  else setStatus(state, SR.PGSERR);
}

function eraseBank(state: L4State, bank: 0 | 1): void {
  const { port, options } = state;
  const { sectors } = port.flash;
  const { pages } = options.bank2 ?? { pages: sectors.length };
  const half = sectors.slice(bank * pages, (bank + 1) * pages);
  beginErase(state, half[0]?.start ?? 0, eraseTogether(port, half));
}

/** @param until when the erase is done; undefined where write protection stands in the way */
function beginErase(state: L4State, address: number, until: number | undefined): void {
  if (until === undefined) setStatus(state, SR.WRPERR);
  else beginAt(state, address, until);
}

/** A store into the flash: one word of a unit. */
function store(state: L4State, address: number, width: Width, value: number): void {
  const { unit } = state.options;
  const pending = gathered(state.pending, unit, address, value);
  const error = storeError(state, width);
  state.pending = undefined;
  if (error !== undefined) setStatus(state, error);
  else if (!pending) setStatus(state, SR.PGAERR);
  else if (isWhole(pending, unit)) program(state, pending);
  else state.pending = pending;
}

/** Why a word cannot be stored, wherever it goes; undefined when it can. */
function storeError(state: L4State, width: Width): number | undefined {
  const { lock, values } = state;
  if (lock.locked || (values.get('CR') & CR.PG) === 0) return SR.PGSERR;
  // The manual wants BSY waited for and does not say what happens otherwise: an error, so that it shows.
  if (isOperating(state) || (values.get('SR') & ERRORS) !== 0) return SR.PGSERR;
  return width === 4 ? undefined : SR.SIZERR;
}

function program(state: L4State, { base, words }: Gathered): void {
  const { port, options } = state;
  const { flash } = port;
  const sector = flash.sectorAt(base);
  const blank = flash.peek(base, options.unit).every((byte) => byte === 0xff);
  if (sector && isShut(port, sector.index)) setStatus(state, SR.WRPERR);
  // Only zeros may go over what is programmed (RM0351 §3.3.7, PROGERR).
  else if (!blank && words.some((word) => word !== 0)) setStatus(state, SR.PROGERR);
  else {
    beginAt(state, base, flash.program(base, bytesOfAll(words), port.now()));
    port.changed(base, options.unit);
  }
}
