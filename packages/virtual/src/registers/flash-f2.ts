/** The flash controller of F2, F4 and F7: sectors, programs of 1 to 8 bytes, options in registers (RM0090 §3, RM0410 §3). */

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
import { clearedByOnes, createPeripheral, type RegisterSpec } from './peripheral.ts';

const CR = { PG: 1, SER: 2, MER: 4, SNB: 0xf8, MER1: 1 << 15, STRT: 1 << 16, LOCK: -0x8000_0000 } as const;
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

export function createF2Flash(port: FlashPort, { optionRegisters, sectorsInBank1 }: F2FlashOptions): FlashController {
  const { flash } = port;
  const start = 0x4002_3c00;
  const lock = createKeyLock(...FLASH_KEYS, { at: start + 4 });
  const optionLock = createKeyLock(...F2_OPTION_KEYS, { at: start + 8 });
  let until = 0;
  const isBusy = () => port.now() < until;
  const flag = (bit: number) => peripheral.set('SR', peripheral.get('SR') | bit);
  const begin = (address: number, end: number): void => {
    until = end;
    // EOP is only set with its interrupt enabled (RM0090 §3.9.5).
    if (peripheral.get('CR') & (1 << 24)) flag(SR.EOP);
    port.busy(address, end);
  };
  const sectorOf = (snb: number) => {
    const inBank2 = sectorsInBank1 !== undefined && snb >= 16;
    return flash.sectors[inBank2 ? snb - 16 + sectorsInBank1 : snb];
  };
  const erase = (cr: number): void => {
    if (cr & (CR.MER | CR.MER1)) {
      if (flash.sectors.some(({ index }) => flash.isProtected(index))) {
        flag(SR.WRPERR);
        return;
      }
      begin(flash.sectors[0]?.start ?? 0, flash.eraseAll(port.now()));
      for (const { start: from, end } of flash.sectors) port.changed(from, end - from);
      return;
    }
    const sector = sectorOf((cr & CR.SNB) >>> 3);
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
    if (written & CR.LOCK) lock.lock();
    if (lock.locked || isBusy()) return stored;
    const kept = written & ~(CR.STRT | CR.LOCK);
    peripheral.set('CR', kept);
    if (written & CR.STRT && kept & (CR.SER | CR.MER | CR.MER1)) erase(kept);
    return kept;
  };
  const writeOptions = (written: number, stored: number): number => {
    if (written & OPTCR.OPTLOCK) optionLock.lock();
    if (optionLock.locked || isBusy()) return stored;
    if (written & OPTCR.OPTSTRT) {
      keep(written & ~3, 0);
      for (const [index, name] of ['OPTCR1', 'OPTCR2'].entries()) {
        if (peripheral.has(name)) keep(peripheral.get(name), index + 1);
      }
      begin(0, port.now() + OPTION_MS);
    }
    return written & ~3;
  };
  /** The words of the option registers are what is kept over a reset. */
  const keep = (value: number, index: number) => {
    port.options.set(bytesOf(value, 4), 4 * index);
  };
  const kept = (index: number) =>
    [0, 1, 2, 3].reduce((word, byte) => word | ((port.options[4 * index + byte] ?? 0) << (8 * byte)), 0);
  const optionSpecs: Record<number, RegisterSpec> = {};
  optionRegisters.slice(1).forEach((_, index) => {
    const name = `OPTCR${index + 1}`;
    optionSpecs[0x18 + 4 * index] = { name, write: (written, stored) => (optionLock.locked ? stored : written) };
  });
  const peripheral = createPeripheral({
    name: 'FLASH',
    start,
    registers: {
      [0x00]: { name: 'ACR' },
      [0x04]: { name: 'KEYR', write: (value) => keyed(lock, value) },
      [0x08]: { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) },
      [0x0c]: { ...clearedByOnes('SR', 0xf3), read: (stored) => (isBusy() ? stored | SR.BSY : stored) },
      [0x10]: { name: 'CR', read: (stored) => stored | (lock.locked ? CR.LOCK : 0), write: writeControl },
      [0x14]: { name: 'OPTCR', read: (stored) => (stored & ~3) | (optionLock.locked ? 1 : 0), write: writeOptions },
      ...optionSpecs,
    },
  });
  const reset = (): void => {
    lock.reset();
    optionLock.reset();
    until = 0;
    peripheral.reset();
    peripheral.set('OPTCR', kept(0));
    optionRegisters.slice(1).forEach((_, index) => {
      peripheral.set(`OPTCR${index + 1}`, kept(index + 1));
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
      const cr = peripheral.get('CR');
      // PG or the lock missing: a sequence error (RM0090 §3.6.2, PGSERR). BSY that was not waited for: our choice.
      if (isBusy() || lock.locked || (cr & CR.PG) === 0) return flag(SR.PGSERR);
      if (1 << ((cr >>> 8) & 3) !== width) return flag(SR.PGPERR);
      if (address % width !== 0) return flag(SR.PGAERR);
      const sector = flash.sectorAt(address);
      if (sector && flash.isProtected(sector.index)) return flag(SR.WRPERR);
      begin(address, flash.program(address, bytesOf(value, width), port.now()));
      port.changed(address, width);
    },
    reset,
  };
}
