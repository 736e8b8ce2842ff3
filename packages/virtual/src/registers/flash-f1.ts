/** The flash controller of F0, F1 and F3: half-words, pages, option bytes in memory (PM0075, RM0091 §3, RM0316 §4). */

import { busFault, type Width } from '../core/index.ts';
import { createKeyLock, FLASH_KEYS, type FlashController, type FlashPort, keyed } from './flash-port.ts';
import { clearedByOnes, createPeripheral } from './peripheral.ts';

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
}

export function createF1Flash(port: FlashPort, { acr, hasOptionLaunch }: F1FlashOptions): FlashController {
  const { flash } = port;
  const start = 0x4002_2000;
  // A wrong key is a bus error on these (PM0075 §2.3.1), and locks until the next reset.
  const lock = createKeyLock(...FLASH_KEYS, { at: start + 4 });
  const optionLock = createKeyLock(...FLASH_KEYS, { at: start + 8 });
  let until = 0;
  const isBusy = () => port.now() < until;
  const flag = (bit: number) => peripheral.set('SR', peripheral.get('SR') | bit);
  const begin = (address: number, end: number): void => {
    until = end;
    flag(SR.EOP);
    port.busy(address, end);
  };
  const erase = (cr: number): void => {
    const address = peripheral.get('AR');
    if (cr & CR.MER) {
      if (flash.sectors.some(({ index }) => flash.isProtected(index))) {
        flag(SR.WRPRTERR);
        return;
      }
      begin(flash.sectors[0]?.start ?? 0, flash.eraseAll(port.now()));
      for (const { start: from, end } of flash.sectors) port.changed(from, end - from);
      return;
    }
    const sector = flash.sectorAt(address);
    if (!sector) throw busFault(address);
    if (flash.isProtected(sector.index)) {
      flag(SR.WRPRTERR);
      return;
    }
    begin(sector.start, flash.erase(address, port.now()));
    port.changed(sector.start, sector.end - sector.start);
  };
  const eraseOptions = (): void => {
    port.options.fill(0xff);
    begin(0, port.now() + OPTION_ERASE_MS);
  };
  const writeControl = (written: number, stored: number): number => {
    if (written & CR.LOCK) lock.lock();
    if (lock.locked) return stored | CR.LOCK;
    if (isBusy()) return stored;
    // OPTWRE is set by its keys and can only be cleared here.
    if ((written & CR.OPTWRE) === 0) optionLock.lock();
    if (hasOptionLaunch && written & CR.OBL_LAUNCH) port.reloadOptions();
    const kept = written & (CR.PG | CR.PER | CR.MER | CR.OPTPG | CR.OPTER | 0x1400);
    if (written & CR.STRT) {
      if (kept & (CR.PER | CR.MER)) erase(kept);
      else if (kept & CR.OPTER && !optionLock.locked) eraseOptions();
    }
    return kept;
  };
  const readControl = (stored: number): number =>
    (stored & ~(CR.LOCK | CR.OPTWRE)) | (lock.locked ? CR.LOCK : 0) | (optionLock.locked ? 0 : CR.OPTWRE);
  const options = () => port.options;
  const peripheral = createPeripheral({
    name: 'FLASH',
    start,
    registers: {
      [0x00]: { name: 'ACR', reset: acr },
      [0x04]: { name: 'KEYR', write: (value) => keyed(lock, value) },
      [0x08]: { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) },
      [0x0c]: {
        ...clearedByOnes('SR', SR.PGERR | SR.WRPRTERR | SR.EOP),
        read: (stored) => (isBusy() ? (stored & ~SR.EOP) | SR.BSY : stored),
      },
      [0x10]: { name: 'CR', reset: CR.LOCK, read: readControl, write: writeControl },
      [0x14]: { name: 'AR' },
      [0x1c]: { name: 'OBR', writable: 0, read: () => optionRegister(options()) },
      [0x20]: {
        name: 'WRPR',
        writable: 0,
        read: () => [8, 10, 12, 14].reduce((word, at, index) => word | ((options()[at] ?? 0) << (8 * index)), 0),
      },
    },
  });
  return {
    name: 'FLASH',
    start,
    registers: peripheral.device,
    get isBusy() {
      return isBusy();
    },
    write(address, width, value) {
      if (lock.locked || (peripheral.get('CR') & CR.PG) === 0) throw busFault(address);
      // Anything but a half-word is a bus error (PM0075 §2.3.2).
      if (width !== 2) throw busFault(address);
      if (isBusy()) return flag(SR.PGERR);
      const sector = flash.sectorAt(address);
      if (sector && flash.isProtected(sector.index)) return flag(SR.WRPRTERR);
      const before = flash.peek(address, 2);
      if ((before[0] !== 0xff || before[1] !== 0xff) && value !== 0) return flag(SR.PGERR);
      begin(address, flash.program(address, Uint8Array.of(value & 0xff, value >>> 8), port.now()));
      port.changed(address, 2);
    },
    writeOption(offset, width: Width, value) {
      if (lock.locked || optionLock.locked || (peripheral.get('CR') & CR.OPTPG) === 0 || width !== 2) {
        throw busFault(0x1fff_f800 + offset);
      }
      if (port.options[offset] !== 0xff && value !== 0) return flag(SR.PGERR);
      // The complement is computed by the hardware (PM0075 §2.5.1).
      port.options[offset] = value & 0xff;
      port.options[offset + 1] = ~value & 0xff;
      begin(0, port.now() + OPTION_PROGRAM_MS);
    },
    reset() {
      lock.reset();
      optionLock.reset();
      until = 0;
      peripheral.reset();
    },
  };
}

/** OBR: protection in bit 1, USER from bit 2 on F1 and bit 8 on F0 and F3, which all put it into both here. */
function optionRegister(options: Uint8Array): number {
  const protectedNow = options[0] === 0xa5 || options[0] === 0xaa ? 0 : 2;
  const user = options[2] ?? 0xff;
  return protectedNow | ((user & 7) << 2) | (user << 8);
}
