/** The flash controller of L0 and L1: three locks, words, half-pages, erased bits of 0 (RM0038 §3, RM0376 §3). */

import type { Width } from '../core/index.ts';
import type { Sector } from '../flash/datasheet.ts';
import {
  bytesOf,
  bytesOfAll,
  createKeyLock,
  eraseOne,
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
import { clearedByOnes, createPeripheral, newRegisterValues, type RegisterSpec } from './peripheral.ts';

const PECR = { PELOCK: 1, PRGLOCK: 2, OPTLOCK: 4, PROG: 8, ERASE: 1 << 9, FPRG: 1 << 10, OBL_LAUNCH: 1 << 18 } as const;
const SR = { BSY: 1, EOP: 2, ENDHV: 4, READY: 8, WRPERR: 256, PGAERR: 512, SIZERR: 1024, NOTZEROERR: 1 << 16 } as const;
const KEYS = {
  data: [0x89ab_cdef, 0x0203_0405],
  program: [0x8c9d_aebf, 0x1314_1516],
  option: [0xfbea_d9c8, 0x2425_2627],
} as const;

/** An erase and a write, each of the time that a word of the flash takes; that of an option word is a guess. */
const OPTION_WORD_MS = 6.56;

interface L1State extends FlashState {
  /** PELOCK, PRGLOCK and OPTLOCK. */
  readonly locks: { readonly data: KeyLock; readonly program: KeyLock; readonly option: KeyLock };
  /** Bytes of a half-page. */
  readonly halfPage: number;
  /** Words of the half-page that is being written. */
  pending: Gathered | undefined;
}

export interface L1FlashOptions {
  readonly halfPage: number;
  /** Where its registers are; absent, as on L1. */
  readonly start?: number;
}

export function createL1Flash(port: FlashPort, { halfPage, start = 0x4002_3c00 }: L1FlashOptions): FlashController {
  const locks = {
    data: createKeyLock(...KEYS.data, { at: start + 0x0c }),
    program: createKeyLock(...KEYS.program, { at: start + 0x10 }),
    option: createKeyLock(...KEYS.option, { at: start + 0x14 }),
  };
  const values = newRegisterValues('FLASH');
  const state: L1State = { port, values, until: 0, locks, halfPage, pending: undefined };
  const peripheral = createPeripheral({ name: 'FLASH', start, registers: registersOf(state) }, values);
  return controllerOf(state, peripheral, {
    write: (address, width, value) => store(state, address, width, value),
    writeOption: (offset, width, value) => storeOption(state, offset, width, value),
    reset() {
      resetFlashState(state, Object.values(locks), peripheral);
      state.pending = undefined;
    },
  });
}

function registersOf(state: L1State): Record<number, RegisterSpec> {
  const { port, locks } = state;
  const { data, program, option } = locks;
  const locked = () => (data.locked ? 1 : 0) | (program.locked ? 2 : 0) | (option.locked ? 4 : 0);
  // The program and option locks open only once PELOCK is open (RM0038 §3.3.1).
  const behind = (lock: KeyLock, value: number) => (data.locked ? 0 : keyed(lock, value));
  return {
    [0x00]: { name: 'ACR' },
    [0x04]: {
      name: 'PECR',
      read: (stored) => (stored & ~7) | locked(),
      write: (written, stored) => writeControl(state, written, stored),
    },
    [0x08]: { name: 'PDKEYR' },
    [0x0c]: { name: 'PEKEYR', write: (value) => keyed(data, value) },
    [0x10]: { name: 'PRGKEYR', write: (value) => behind(program, value) },
    [0x14]: { name: 'OPTKEYR', write: (value) => behind(option, value) },
    [0x18]: {
      ...clearedByOnes('SR', 0x1_3f02),
      read: (stored) => (isOperating(state) ? (stored & ~SR.EOP) | SR.BSY : stored | SR.ENDHV | SR.READY),
    },
    [0x1c]: { name: 'OBR', writable: 0, read: () => (port.options[0] ?? 0) | ((port.options[4] ?? 0) << 16) },
    [0x20]: { name: 'WRPR1', writable: 0 },
  };
}

/** @returns what PECR holds from now on */
function writeControl(state: L1State, written: number, stored: number): number {
  const { data, program, option } = state.locks;
  if (written & PECR.PELOCK) for (const lock of [data, program, option]) lock.lock();
  if (written & PECR.PRGLOCK) program.lock();
  if (written & PECR.OPTLOCK) option.lock();
  if (data.locked || isOperating(state)) return stored;
  if (written & PECR.OBL_LAUNCH && !option.locked) state.port.reloadOptions();
  return written & ~(PECR.PELOCK | PECR.PRGLOCK | PECR.OPTLOCK | PECR.OBL_LAUNCH);
}

/** A store into the flash: it erases a page, programs a word, or is one word of a half-page. */
function store(state: L1State, address: number, width: Width, value: number): void {
  const { flash } = state.port;
  const pecr = state.values.get('PECR');
  const sector = flash.sectorAt(address);
  const { data, program: programLock } = state.locks;
  if (!sector) storeData(state, address, width, value);
  else if (isOperating(state) || data.locked || programLock.locked) setStatus(state, SR.WRPERR);
  else if (width !== 4) setStatus(state, SR.SIZERR);
  else if (isShut(state.port, sector.index)) setStatus(state, SR.WRPERR);
  else if (pecr & PECR.ERASE && pecr & PECR.PROG) erase(state, sector);
  else if (pecr & PECR.FPRG) gather(state, address, value);
  else program(state, { base: address, words: [value] });
}

/** A store into the data EEPROM: its lock is PELOCK alone, and it replaces what was there (RM0376 §3.3.4, RM0038 §3.4.2). */
function storeData(state: L1State, address: number, width: Width, value: number): void {
  const { port, locks } = state;
  if (isOperating(state) || locks.data.locked) setStatus(state, SR.WRPERR);
  // Bytes and half-words can be written as well, with conditions on cat. 1 of L1: not modelled, so that it shows.
  else if (width !== 4) setStatus(state, SR.SIZERR);
  else {
    beginOperation(state, address, port.flash.program(address, bytesOf(value, 4), port.now()), SR.EOP);
    port.changed(address, 4);
  }
}

function erase(state: L1State, sector: Sector): void {
  const until = eraseOne(state.port, sector);
  if (until !== undefined) beginOperation(state, sector.start, until, SR.EOP);
}

/**
 * A store into the option bytes: a half-word and its complement, which replace the old ones by themselves. They hold from the
 * next reset on, or from OBL_LAUNCH (RM0376 §3.3.4, RM0038 §3.4).
 */
function storeOption(state: L1State, offset: number, width: Width, value: number): void {
  const { port, locks } = state;
  if (isOperating(state) || locks.data.locked || locks.option.locked) setStatus(state, SR.WRPERR);
  else if (width !== 4) setStatus(state, SR.SIZERR);
  else {
    port.options.set(bytesOf(value, 4), offset);
    beginOperation(state, 0, port.now() + OPTION_WORD_MS, SR.EOP);
  }
}

/** One word of a half-page. */
function gather(state: L1State, address: number, value: number): void {
  const { halfPage } = state;
  const pending = gathered(state.pending, halfPage, address, value);
  const whole = pending !== undefined && isWhole(pending, halfPage);
  state.pending = whole ? undefined : pending;
  if (!pending) setStatus(state, SR.PGAERR);
  else if (whole) program(state, pending);
}

function program(state: L1State, { base, words }: Gathered): void {
  const { port } = state;
  const bytes = bytesOfAll(words);
  // What is not erased cannot be programmed (RM0038 §3.3.5; L0 tells with NOTZEROERR).
  if (port.flash.peek(base, bytes.length).some((byte) => byte !== 0)) setStatus(state, SR.NOTZEROERR);
  beginOperation(state, base, port.flash.program(base, bytes, port.now()), SR.EOP);
  port.changed(base, bytes.length);
}
