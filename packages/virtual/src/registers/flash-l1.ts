/** The flash controller of L0 and L1: three locks, words, half-pages, erased bits of 0 (RM0038 §3, RM0376 §3). */

import type { Width } from '../core/index.ts';
import { bytesOf, createKeyLock, type FlashController, type FlashPort, type KeyLock, keyed } from './flash-port.ts';
import { clearedByOnes, createPeripheral } from './peripheral.ts';

const PECR = { PELOCK: 1, PRGLOCK: 2, OPTLOCK: 4, PROG: 8, ERASE: 1 << 9, FPRG: 1 << 10, OBL_LAUNCH: 1 << 18 } as const;
const SR = { BSY: 1, EOP: 2, ENDHV: 4, READY: 8, WRPERR: 256, PGAERR: 512, SIZERR: 1024, NOTZEROERR: 1 << 16 } as const;
const KEYS = {
  data: [0x89ab_cdef, 0x0203_0405],
  program: [0x8c9d_aebf, 0x1314_1516],
  option: [0xfbea_d9c8, 0x2425_2627],
} as const;

export function createL1Flash(port: FlashPort, { halfPage }: { readonly halfPage: number }): FlashController {
  const { flash } = port;
  const start = 0x4002_3c00;
  const fault = (offset: number) => ({ at: start + offset });
  const data = createKeyLock(...KEYS.data, fault(0x0c));
  const program = createKeyLock(...KEYS.program, fault(0x10));
  const option = createKeyLock(...KEYS.option, fault(0x14));
  let until = 0;
  let pending: { readonly base: number; readonly words: number[] } | undefined;
  const isBusy = () => port.now() < until;
  const flag = (bit: number) => peripheral.set('SR', peripheral.get('SR') | bit);
  const begin = (address: number, end: number): void => {
    until = end;
    flag(SR.EOP);
    port.busy(address, end);
  };
  const writeControl = (written: number, stored: number): number => {
    if (written & PECR.PELOCK) for (const lock of [data, program, option]) lock.lock();
    if (written & PECR.PRGLOCK) program.lock();
    if (written & PECR.OPTLOCK) option.lock();
    if (data.locked || isBusy()) return stored;
    if (written & PECR.OBL_LAUNCH && !option.locked) port.reloadOptions();
    return written & ~(7 | PECR.OBL_LAUNCH);
  };
  const locks = () => (data.locked ? 1 : 0) | (program.locked ? 2 : 0) | (option.locked ? 4 : 0);
  // The program and option locks open only once PELOCK is open (RM0038 §3.3.1).
  const behind = (lock: KeyLock, value: number) => (data.locked ? 0 : keyed(lock, value));
  const peripheral = createPeripheral({
    name: 'FLASH',
    start,
    registers: {
      [0x00]: { name: 'ACR' },
      [0x04]: { name: 'PECR', read: (stored) => (stored & ~7) | locks(), write: writeControl },
      [0x08]: { name: 'PDKEYR' },
      [0x0c]: { name: 'PEKEYR', write: (value) => keyed(data, value) },
      [0x10]: { name: 'PRGKEYR', write: (value) => behind(program, value) },
      [0x14]: { name: 'OPTKEYR', write: (value) => behind(option, value) },
      [0x18]: {
        ...clearedByOnes('SR', 0x1_3f02),
        read: (stored) => (isBusy() ? (stored & ~SR.EOP) | SR.BSY : stored | SR.ENDHV | SR.READY),
      },
      [0x1c]: { name: 'OBR', writable: 0, read: () => (port.options[0] ?? 0) | ((port.options[4] ?? 0) << 16) },
      [0x20]: { name: 'WRPR1', writable: 0 },
    },
  });
  const programmed = (base: number, words: readonly number[]): void => {
    const bytes = Uint8Array.from(words.flatMap((word) => [...bytesOf(word, 4)]));
    // What is not erased cannot be programmed (RM0038 §3.3.5; L0 tells with NOTZEROERR).
    if (flash.peek(base, bytes.length).some((byte) => byte !== 0)) flag(SR.NOTZEROERR);
    begin(base, flash.program(base, bytes, port.now()));
    port.changed(base, bytes.length);
  };
  return {
    name: 'FLASH',
    start,
    registers: peripheral.device,
    get isBusy() {
      return isBusy();
    },
    write(address: number, width: Width, value: number) {
      const pecr = peripheral.get('PECR');
      const sector = flash.sectorAt(address);
      if (isBusy() || data.locked || program.locked || !sector) return flag(SR.WRPERR);
      if (width !== 4) return flag(SR.SIZERR);
      if (flash.isProtected(sector.index)) return flag(SR.WRPERR);
      if (pecr & PECR.ERASE && pecr & PECR.PROG) {
        begin(sector.start, flash.erase(address, port.now()));
        port.changed(sector.start, sector.end - sector.start);
        return;
      }
      if ((pecr & PECR.FPRG) === 0) return programmed(address, [value]);
      pending ??= { base: address, words: [] };
      if (pending.base % halfPage !== 0 || address !== pending.base + 4 * pending.words.length) {
        pending = undefined;
        return flag(SR.PGAERR);
      }
      pending.words.push(value);
      if (4 * pending.words.length < halfPage) return;
      const { base, words } = pending;
      pending = undefined;
      programmed(base, words);
    },
    reset() {
      for (const lock of [data, program, option]) lock.reset();
      until = 0;
      pending = undefined;
      peripheral.reset();
    },
  };
}
