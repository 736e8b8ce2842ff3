/** The flash controllers of H7 and H5: words of 32 or 16 bytes that gather in a write buffer (RM0433 §4, RM0481 §7). */

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
import { createPeripheral, plain, type RegisterSpec } from './peripheral.ts';

const LOCK = 1;
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
} as const;
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
}

export function createH7Flash(port: FlashPort, options: H7FlashOptions): FlashController {
  const { flash } = port;
  const { start, unit, bits, sectorsInBank, sets } = options;
  const locks = sets.map(({ keyr }) => createKeyLock(...FLASH_KEYS, { at: start + keyr }));
  const optionLock = createKeyLock(...F2_OPTION_KEYS, { at: start + options.optkeyr });
  const until = [0, 0];
  let optionsUntil = 0;
  const busyFlags = options.hasQueue ? SR.BSY | SR.QW : SR.BSY;
  let buffer: { readonly base: number; readonly bytes: Uint8Array; readonly filled: boolean[] } | undefined;
  const setOf = (bank: number) => (sets.length > 1 ? bank : 0);
  const isBusy = (set: number) => until.some((end, bank) => setOf(bank) === set && port.now() < end);
  const flag = (set: number, bit: number) => peripheral.set(`SR${set}`, peripheral.get(`SR${set}`) | bit);
  const begin = (bank: number, address: number, end: number): void => {
    until[bank] = end;
    flag(setOf(bank), SR.EOP);
    port.busy(address, end);
  };
  const eraseBank = (bank: number): void => {
    const sectors = flash.sectors.slice(bank * sectorsInBank, (bank + 1) * sectorsInBank);
    if (sectors.some(({ index }) => flash.isProtected(index))) {
      flag(setOf(bank), SR.WRPERR);
      return;
    }
    begin(bank, sectors[0]?.start ?? 0, port.eraseSectors(sectors));
  };
  const erase = (set: number, cr: number): void => {
    const bank = sets.length > 1 ? set : options.bankSelect !== undefined && (cr >>> options.bankSelect) & 1 ? 1 : 0;
    if (options.massErase !== undefined && (cr >>> options.massErase) & 1) {
      for (const each of [0, 1]) eraseBank(each);
      return;
    }
    if (cr & BER) {
      eraseBank(bank);
      return;
    }
    const sector = flash.sectors[bank * sectorsInBank + ((cr >>> bits.sector) & bits.sectorMask)];
    if (!sector) {
      flag(set, SR.PGSERR);
      return;
    }
    if (flash.isProtected(sector.index)) {
      flag(set, SR.WRPERR);
      return;
    }
    begin(bank, sector.start, flash.erase(sector.start, port.now()));
    port.changed(sector.start, sector.end - sector.start);
  };
  const writeControl = (set: number, written: number, stored: number): number => {
    const lock = locks[set];
    if (written & LOCK) lock?.lock();
    if (!lock || lock.locked || isBusy(set)) return stored;
    const kept = written & ~(LOCK | (1 << bits.start) | (1 << bits.force));
    peripheral.set(`CR${set}`, kept);
    const mass = options.massErase === undefined ? 0 : 1 << options.massErase;
    if ((written >>> bits.start) & 1 && kept & (SER | BER | mass)) erase(set, kept);
    if ((written >>> bits.force) & 1) flush();
    return kept;
  };
  /** Programs the buffer; what was not written stays erased. */
  const flush = (): void => {
    if (!buffer) return;
    const { base, bytes } = buffer;
    buffer = undefined;
    const sector = flash.sectorAt(base);
    const bank = sector && sector.index >= sectorsInBank ? 1 : 0;
    if (sector && flash.isProtected(sector.index)) {
      flag(setOf(bank), SR.WRPERR);
      return;
    }
    begin(bank, base, flash.program(base, bytes, port.now()));
    port.changed(base, unit);
  };
  const registers: Record<number, RegisterSpec> = {
    [0x00]: { name: 'ACR', reset: options.acr },
    ...plain(options.others ?? []),
  };
  sets.forEach(({ keyr, cr, sr, ccr }, set) => {
    const lock = locks[set];
    registers[keyr] = { name: `KEYR${set}`, write: (value) => keyed(lock, value) };
    registers[cr] = {
      name: `CR${set}`,
      read: (stored) => (stored & ~LOCK) | (lock?.locked === false ? 0 : LOCK),
      write: (written, stored) => writeControl(set, written, stored),
    };
    registers[sr] = {
      name: `SR${set}`,
      writable: 0,
      read: (stored) => stored | (isBusy(set) ? busyFlags : 0) | (buffer ? SR.WBNE : 0),
    };
    registers[ccr] = {
      name: `CCR${set}`,
      write: (written) => {
        peripheral.set(`SR${set}`, peripheral.get(`SR${set}`) & ~written);
        return 0;
      },
    };
  });
  registers[options.optkeyr] = { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) };
  registers[options.optcr] = {
    name: 'OPTCR',
    read: (stored) => (stored & ~3) | (optionLock.locked ? 1 : 0),
    write(written, stored) {
      if (written & 1) optionLock.lock();
      if (optionLock.locked) return stored;
      if (written & 2) {
        options.optionRegisters.forEach(([, , name], index) => {
          port.options.set(bytesOf(peripheral.get(`${name}_PRG`), 4), 4 * index);
          peripheral.set(`${name}_CUR`, peripheral.get(`${name}_PRG`));
        });
        optionsUntil = port.now() + OPTION_MS;
        begin(0, 0, optionsUntil);
      }
      return written & ~3;
    },
  };
  for (const [current, program, name] of options.optionRegisters) {
    // OPT_BUSY of OPTSR_CUR on H7 (RM0433 §4.9.8); H5 has BSY alone.
    const showsBusy = options.hasQueue && name === 'OPTSR';
    const read = (stored: number): number => (showsBusy && port.now() < optionsUntil ? stored | 1 : stored);
    registers[current] = { name: `${name}_CUR`, writable: 0, read };
    registers[program] = { name: `${name}_PRG`, write: (written, stored) => (optionLock.locked ? stored : written) };
  }
  const peripheral = createPeripheral({ name: 'FLASH', start, registers });
  const reset = (): void => {
    for (const lock of [...locks, optionLock]) lock.reset();
    until.fill(0);
    buffer = undefined;
    peripheral.reset();
    const view = new DataView(port.options.buffer, port.options.byteOffset);
    options.optionRegisters.forEach(([, , name], index) => {
      for (const side of ['CUR', 'PRG']) peripheral.set(`${name}_${side}`, view.getUint32(4 * index, true));
    });
  };
  reset();
  return {
    name: 'FLASH',
    start,
    registers: peripheral.device,
    get isBusy() {
      return isBusy(0) || isBusy(1);
    },
    write(address: number, width: Width, value: number) {
      const bank = (flash.sectorAt(address)?.index ?? 0) >= sectorsInBank ? 1 : 0;
      const set = setOf(bank);
      if (locks[set]?.locked !== false || (peripheral.get(`CR${set}`) & PG) === 0) return flag(set, SR.PGSERR);
      if (isBusy(set) || (peripheral.get(`SR${set}`) & ERRORS) !== 0) return flag(set, SR.PGSERR);
      const base = address - (address % unit);
      buffer ??= { base, bytes: new Uint8Array(unit).fill(0xff), filled: [] };
      // Another word before this one is full (RM0433 §4.3.9, INCERR), or the same bytes twice (STRBERR).
      if (buffer.base !== base) {
        buffer = undefined;
        return flag(set, SR.INCERR);
      }
      const { bytes, filled } = buffer;
      if (filled[address - base]) return flag(set, SR.STRBERR);
      bytes.set(bytesOf(value, width), address - base);
      for (let byte = 0; byte < width; byte += 1) filled[address - base + byte] = true;
      if (filled.filter(Boolean).length === unit) flush();
    },
    reset,
  };
}
