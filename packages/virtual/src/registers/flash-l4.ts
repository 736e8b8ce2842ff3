/** The flash controller of L4, G0, G4, WB and U5: double or quad words, pages, options in registers (RM0351 §3, RM0444 §3, RM0440 §3, RM0456 §7). */

import type { Width } from '../core/index.ts';
import {
  bytesOf,
  createKeyLock,
  F2_OPTION_KEYS,
  FLASH_KEYS,
  type FlashController,
  type FlashPort,
  keyed,
} from './flash-port.ts';
import { clearedByOnes, createPeripheral, plain, type RegisterSpec } from './peripheral.ts';

const CR = { PG: 1, PER: 2, MER1: 4, MER2: 1 << 15, STRT: 1 << 16, OPTSTRT: 1 << 17, OBL_LAUNCH: 1 << 27 } as const;
const OPTLOCK = 1 << 30;
const LOCK = -0x8000_0000;
const SR = { EOP: 1, PROGERR: 8, WRPERR: 16, PGAERR: 32, SIZERR: 64, PGSERR: 128, BSY: 1 << 16 } as const;
const ERRORS = 0xc3fa;

/** Time to change option bytes: a page (DS10198). */
const OPTION_MS = 22;

export interface L4FlashOptions {
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

export function createL4Flash(port: FlashPort, options: L4FlashOptions): FlashController {
  const { flash } = port;
  const { at, unit, bank2, optionRegisters } = options;
  const start = 0x4002_2000;
  const lock = createKeyLock(...FLASH_KEYS, { at: start + at.keyr });
  const optionLock = createKeyLock(...F2_OPTION_KEYS, { at: start + at.optkeyr });
  let until = 0;
  /** Words of the unit that is being written, from its first on. */
  let pending: { readonly base: number; readonly words: number[] } | undefined;
  const isBusy = () => port.now() < until;
  const flag = (bit: number) => peripheral.set('SR', peripheral.get('SR') | bit);
  const begin = (address: number, end: number): void => {
    until = end;
    if (peripheral.get('CR') & (1 << 24)) flag(SR.EOP);
    port.busy(address, end);
  };
  const eraseBank = (bank: 0 | 1): void => {
    const half = bank2 ? flash.sectors.slice(bank * bank2.pages, (bank + 1) * bank2.pages) : flash.sectors;
    if (half.some(({ index }) => flash.isProtected(index))) {
      flag(SR.WRPERR);
      return;
    }
    const first = half[0]?.start ?? 0;
    begin(first, port.eraseSectors(half));
  };
  const erase = (cr: number): void => {
    if (cr & CR.MER1) eraseBank(0);
    if (cr & CR.MER2) eraseBank(1);
    if (cr & (CR.MER1 | CR.MER2)) return;
    const inBank2 = bank2 !== undefined && (cr >>> bank2.bit) & 1 ? bank2.pages : 0;
    const sector = flash.sectors[((cr >>> 3) & options.pageMask) + inBank2];
    if (!sector) {
      flag(SR.PGSERR);
      return;
    }
    if (flash.isProtected(sector.index)) {
      flag(SR.WRPERR);
      return;
    }
    begin(sector.start, flash.erase(sector.start, port.now()));
    port.changed(sector.start, sector.end - sector.start);
  };
  const writeControl = (written: number, stored: number): number => {
    if (written & LOCK) lock.lock();
    if (written & OPTLOCK) optionLock.lock();
    if (lock.locked || isBusy()) return stored;
    const kept = written & ~(CR.STRT | CR.OPTSTRT | CR.OBL_LAUNCH | LOCK | OPTLOCK);
    peripheral.set('CR', kept);
    if (written & CR.STRT) {
      // Errors of before have to be cleared first (RM0351 §3.3.7, PGSERR).
      if (peripheral.get('SR') & ERRORS) flag(SR.PGSERR);
      else if (kept & (CR.PER | CR.MER1 | CR.MER2)) erase(kept);
    }
    if (written & CR.OPTSTRT && !optionLock.locked) {
      optionRegisters.forEach(([, name], index) => {
        port.options.set(bytesOf(peripheral.get(name), 4), 4 * index);
      });
      begin(0, port.now() + OPTION_MS);
    }
    if (written & CR.OBL_LAUNCH && !optionLock.locked) port.reloadOptions();
    return kept;
  };
  const locks = () => (lock.locked ? LOCK : 0) | (optionLock.locked ? OPTLOCK : 0);
  const optionSpecs: Record<number, RegisterSpec> = {};
  for (const [offset, name] of optionRegisters) {
    optionSpecs[offset] = { name, write: (written, stored) => (optionLock.locked ? stored : written) };
  }
  const peripheral = createPeripheral({
    name: 'FLASH',
    start,
    registers: {
      [0x00]: { name: 'ACR', reset: options.acr },
      ...plain(options.others ?? []),
      [at.keyr]: { name: 'KEYR', write: (value) => keyed(lock, value) },
      [at.optkeyr]: { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) },
      [at.sr]: { ...clearedByOnes('SR', ERRORS | SR.EOP), read: (stored) => (isBusy() ? stored | SR.BSY : stored) },
      [at.cr]: { name: 'CR', read: (stored) => stored | locks(), write: writeControl },
      ...optionSpecs,
    },
  });
  const reset = (): void => {
    lock.reset();
    optionLock.reset();
    until = 0;
    pending = undefined;
    peripheral.reset();
    const view = new DataView(port.options.buffer, port.options.byteOffset);
    optionRegisters.forEach(([, name], index) => {
      peripheral.set(name, view.getUint32(4 * index, true));
    });
  };
  reset();
  return {
    name: 'FLASH',
    start,
    registers: peripheral.device,
    get isBusy() {
      return isBusy();
    },
    write(address: number, width: Width, value: number) {
      const refused = (bit: number) => {
        pending = undefined;
        flag(bit);
      };
      if (lock.locked || (peripheral.get('CR') & CR.PG) === 0) return refused(SR.PGSERR);
      // The manual wants BSY waited for and does not say what happens otherwise: an error, so that it shows.
      if (isBusy() || (peripheral.get('SR') & ERRORS) !== 0) return refused(SR.PGSERR);
      if (width !== 4) return refused(SR.SIZERR);
      if (!pending) {
        if (address % unit !== 0) return refused(SR.PGAERR);
        pending = { base: address, words: [] };
      }
      if (address !== pending.base + 4 * pending.words.length) return refused(SR.PGAERR);
      pending.words.push(value);
      if (4 * pending.words.length < unit) return;
      const { base, words } = pending;
      pending = undefined;
      const sector = flash.sectorAt(base);
      if (sector && flash.isProtected(sector.index)) return flag(SR.WRPERR);
      const blank = flash.peek(base, unit).every((byte) => byte === 0xff);
      // Only zeros may go over what is programmed (RM0351 §3.3.7, PROGERR).
      if (!blank && words.some((word) => word !== 0)) return flag(SR.PROGERR);
      const bytes = Uint8Array.from(words.flatMap((word) => [...bytesOf(word, 4)]));
      begin(base, flash.program(base, bytes, port.now()));
      port.changed(base, unit);
    },
    reset,
  };
}
