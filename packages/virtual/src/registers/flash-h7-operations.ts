/** What the flash controllers of H7 and H5 do with cells and option bytes once their registers tell them to. */

import type { Width } from '../core/index.ts';
import { bytesOf, eraseOne, eraseTogether, type FlashPort, isShut, type KeyLock } from './flash-port.ts';
import { keepOptionWord, optionWord } from './option-words.ts';
import type { RegisterValues } from './peripheral.ts';

/** Bits of CR. */
export const LOCK = 1;
const PG = 2;
const SER = 4;
const BER = 8;
const SR = {
  BSY: 1,
  WBNE: 2,
  QW: 4,
  EOP: 1 << 16,
  WRPERR: 1 << 17,
  PGSERR: 1 << 18,
  STRBERR: 1 << 19,
  INCERR: 1 << 21,
  OPTCHANGEERR: 1 << 23,
} as const;
export const OPTCR = { OPTLOCK: 1, OPTSTRT: 2 } as const;
const ERRORS = SR.WRPERR | SR.PGSERR | SR.STRBERR | SR.INCERR;

/** Time to change options: a guess, as an erase of the smallest sector there is. */
const OPTION_MS = 22;

/** Where a family has its bits. */
export interface H7FlashOptions {
  /** QW, which stays set until everything in the queue has been done (RM0433 §4.9.5); absent, no such flag. */
  readonly hasQueue?: boolean;
  readonly acr: number;
  readonly unit: 16 | 32;
  readonly bits: {
    readonly force: number;
    readonly start: number;
    readonly sector: number;
    readonly sectorMask: number;
  };
  readonly sectorsInBank: number;
  /** One set of registers for each bank, or one for both with a bit of CR that selects. */
  readonly sets: readonly { readonly keyr: number; readonly cr: number; readonly sr: number; readonly ccr: number }[];
  readonly bankSelect?: number;
  /** Bit of CR that erases both banks. */
  readonly massErase?: number;
  readonly optkeyr: number;
  readonly optcr: number;
  /** Option registers as current and as to be programmed: offsets of both, name, value as it leaves the factory. */
  readonly optionRegisters: readonly (readonly [current: number, program: number, name: string, initial: number])[];
  readonly others?: readonly (readonly [offset: number, name: string, reset?: number])[];
  readonly start: number;
  /** OTP is programmed by half-words, with PG as the flash, or with this bit of OPTCR (RM0481 §7.3.4, RM0455 §4.3.14). */
  readonly otpEnable?: number;
}

/** The word that gathers in the write buffer. */
interface Gathering {
  readonly base: number;
  readonly bytes: Uint8Array;
  /** By byte, whether it was written. */
  readonly filled: boolean[];
}

export interface H7State {
  readonly port: FlashPort;
  readonly options: H7FlashOptions;
  readonly values: RegisterValues;
  /** By set of registers. */
  readonly locks: readonly KeyLock[];
  readonly optionLock: KeyLock;
  /** By bank, ms of the model's clock until which an operation runs. */
  readonly until: number[];
  optionsUntil: number;
  buffer: Gathering | undefined;
}

/** Bits of SR that are not kept. */
export function shownStatus(state: H7State, set: number): number {
  const busy = isSetBusy(state, set) ? SR.BSY | (state.options.hasQueue ? SR.QW : 0) : 0;
  return busy | (state.buffer ? SR.WBNE : 0);
}

/** The set of registers that a bank is governed by. */
function setOf({ options }: H7State, bank: number): number {
  return options.sets.length > 1 ? bank : 0;
}

export function isSetBusy(state: H7State, set: number): boolean {
  return state.until.some((end, bank) => setOf(state, bank) === set && state.port.now() < end);
}

function flag({ values }: H7State, set: number, bit: number): void {
  values.set(`SR${set}`, values.get(`SR${set}`) | bit);
}

/** @param until when the operation is done; undefined where write protection stands in the way */
function begin(state: H7State, bank: number, address: number, until: number | undefined): void {
  const set = setOf(state, bank);
  if (until === undefined) {
    flag(state, set, SR.WRPERR);
    return;
  }
  state.until[bank] = until;
  flag(state, set, SR.EOP);
  state.port.busy(address, until);
}

/** @returns what CR holds from now on */
export function writeSetControl(state: H7State, set: number, written: number, stored: number): number {
  const { options, locks, values } = state;
  const { start, force } = options.bits;
  const lock = locks[set];
  if (written & LOCK) lock?.lock();
  if (!lock || lock.locked || isSetBusy(state, set)) return stored;
  const kept = written & ~(LOCK | (1 << start) | (1 << force));
  values.set(`CR${set}`, kept);
  if ((written >>> start) & 1) erase(state, set, kept);
  if ((written >>> force) & 1) flush(state);
  return kept;
}

/** Erases both banks, one, or the sector of SNB, as CR says. */
function erase(state: H7State, set: number, cr: number): void {
  const { port, options } = state;
  const { bits, bankSelect, massErase, sectorsInBank, sets } = options;
  if (massErase !== undefined && (cr >>> massErase) & 1) {
    for (const each of [0, 1]) eraseBank(state, each);
    return;
  }
  const selected = bankSelect !== undefined && (cr >>> bankSelect) & 1 ? 1 : 0;
  const bank = sets.length > 1 ? set : selected;
  const sector = port.flash.sectors[bank * sectorsInBank + ((cr >>> bits.sector) & bits.sectorMask)];
  if (cr & BER) eraseBank(state, bank);
  else if ((cr & SER) === 0) return;
  else if (sector) begin(state, bank, sector.start, eraseOne(port, sector));
  else flag(state, set, SR.PGSERR);
}

function eraseBank(state: H7State, bank: number): void {
  const { port, options } = state;
  const sectors = port.flash.sectors.slice(bank * options.sectorsInBank, (bank + 1) * options.sectorsInBank);
  begin(state, bank, sectors[0]?.start ?? 0, eraseTogether(port, sectors));
}

/** OPTSTRT takes over what is to be programmed. @returns what OPTCR holds from now on */
export function writeOptionControl(state: H7State, written: number, stored: number): number {
  const { port, options, optionLock, values } = state;
  if (written & OPTCR.OPTLOCK) optionLock.lock();
  if (optionLock.locked) return stored;
  if (written & OPTCR.OPTSTRT) {
    const next = port.options.slice();
    for (const [index, [, , name]] of options.optionRegisters.entries()) {
      keepOptionWord(next, index, values.get(`${name}_PRG`));
    }
    if (port.accepts(next)) takeOptionsOver(state, next);
    // RM0481 §7.11.8, OPTCHANGEERR.
    else flag(state, 0, SR.OPTCHANGEERR);
  }
  return written & ~(OPTCR.OPTLOCK | OPTCR.OPTSTRT);
}

function takeOptionsOver(state: H7State, next: Uint8Array): void {
  const { port, options, values } = state;
  port.options.set(next);
  for (const [index, [, , name]] of options.optionRegisters.entries()) {
    values.set(`${name}_CUR`, optionWord(port.options, index));
  }
  state.optionsUntil = port.now() + OPTION_MS;
  begin(state, 0, 0, state.optionsUntil);
}

/** A store into the flash: a part of a word, which is programmed when it is whole. */
export function storeInBuffer(state: H7State, address: number, width: Width, value: number): void {
  const { unit } = state.options;
  if (!state.port.flash.sectorAt(address)) {
    storeOtp(state, address, width, value);
    return;
  }
  const set = setOf(state, bankOf(state, address));
  const base = address - (address % unit);
  const buffer = state.buffer ?? { base, bytes: new Uint8Array(unit).fill(0xff), filled: [] };
  const error = storeError(state, set, buffer, address);
  if (error !== undefined) {
    if (error === SR.INCERR) state.buffer = undefined;
    flag(state, set, error);
    return;
  }
  state.buffer = buffer;
  buffer.bytes.set(bytesOf(value, width), address - base);
  for (let byte = 0; byte < width; byte += 1) buffer.filled[address - base + byte] = true;
  if (buffer.filled.filter(Boolean).length === unit) flush(state);
}

/** A half-word of OTP, which is programmed at once. */
function storeOtp(state: H7State, address: number, width: Width, value: number): void {
  const { port, values, locks, options, optionLock } = state;
  const { otpEnable } = options;
  const isEnabled =
    otpEnable === undefined
      ? (values.get('CR0') & PG) !== 0
      : !optionLock.locked && (values.get('OPTCR') & otpEnable) !== 0;
  const isReady = isEnabled && locks[0]?.locked === false && !isSetBusy(state, 0) && (values.get('SR0') & ERRORS) === 0;
  if (!isReady) flag(state, 0, SR.PGSERR);
  // Another width than its own: told as an inconsistency, which is a guess.
  else if (width !== 2) flag(state, 0, SR.INCERR);
  else {
    begin(state, 0, address, port.flash.program(address, bytesOf(value, 2), port.now()));
    port.changed(address, 2);
  }
}

/** Why bytes cannot be stored at an address; undefined when they can. */
function storeError(state: H7State, set: number, { base, filled }: Gathering, address: number): number | undefined {
  const { locks, values } = state;
  if (locks[set]?.locked !== false || (values.get(`CR${set}`) & PG) === 0) return SR.PGSERR;
  if (isSetBusy(state, set) || (values.get(`SR${set}`) & ERRORS) !== 0) return SR.PGSERR;
  // Another word before this one is full (RM0433 §4.3.9, INCERR), or the same bytes twice (STRBERR).
  if (base !== address - (address % state.options.unit)) return SR.INCERR;
  return filled[address - base] ? SR.STRBERR : undefined;
}

/** Programs the buffer; what was not written stays erased. */
function flush(state: H7State): void {
  const { port, options, buffer } = state;
  if (!buffer) return;
  const { base, bytes } = buffer;
  state.buffer = undefined;
  const bank = bankOf(state, base);
  const sector = port.flash.sectorAt(base);
  if (sector && isShut(port, sector.index)) {
    begin(state, bank, base, undefined);
    return;
  }
  begin(state, bank, base, port.flash.program(base, bytes, port.now()));
  port.changed(base, options.unit);
}

function bankOf({ port, options }: H7State, address: number): number {
  return (port.flash.sectorAt(address)?.index ?? 0) >= options.sectorsInBank ? 1 : 0;
}
