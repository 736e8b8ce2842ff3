/**
 * A memory access port: CSW, TAR, DRW and the banked data registers over one bus (ADIv5.2, C2.6). It knows neither the
 * debug port before it nor what stands on the bus.
 */

import type { Width } from '../core/index.ts';
import type { AccessPortFacts } from './access-ports.ts';

/** How a bus access ended. `wait`: the bus is still at it. */
export type BusResult =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly why: 'fault' | 'wait' };

/** The bus behind an access port. Values of less than a word stand in the low bits. */
export interface ApBus {
  read(address: number, width: Width): BusResult;
  write(address: number, width: Width, value: number): BusResult;
}

export interface MemAp {
  /** @param register the offset within the port, such as 0x0C for DRW */
  read(register: number): BusResult;
  write(register: number, value: number): BusResult;
}

const REGISTER = { CSW: 0x00, TAR: 0x04, DRW: 0x0c, BD0: 0x10, BD3: 0x1c, CFG: 0xf4, BASE: 0xf8, IDR: 0xfc } as const;
/** CSW: Size, AddrInc, DeviceEn; the protection bits above are kept as written (ADIv5.2, C2.6.4). */
const DEVICE_ENABLE = 0x40;
const WRITABLE = 0xff00_0f37;

export function createMemAp(facts: AccessPortFacts, bus: ApBus): MemAp {
  let csw = 0x4300_0002;
  let tar = 0;
  const width = (): Width => ((csw & 7) === 0 ? 1 : (csw & 7) === 1 ? 2 : 4);
  const increment = () => (csw >>> 4) & 3;
  /** TAR counts in its low bits alone; what is above stays (ADIv5.2, C2.2.2). */
  const count = (bytes: number): void => {
    const mask = facts.countsWithin - 1;
    tar = ((tar & ~mask) | ((tar + bytes) & mask)) >>> 0;
  };
  /** A word of packed or single accesses: values stand in the byte lanes of their addresses. */
  const each = (access: (address: number, lane: number) => BusResult): BusResult => {
    const size = width();
    const packs = increment() === 2 && size < 4;
    let value = 0;
    for (let at = 0; at < (packs ? 4 : size); at += size) {
      const lane = 8 * (tar & 3);
      const result = access(tar, lane);
      if (!result.ok) return result;
      value |= result.value << lane;
      if (increment() !== 0) count(size);
    }
    return { ok: true, value: value >>> 0 };
  };
  const readData = () => each((address) => bus.read(address, width()));
  const writeData = (value: number) =>
    each((address, lane) => {
      const size = width();
      const result = bus.write(address, size, size === 4 ? value : (value >>> lane) & (size === 1 ? 0xff : 0xffff));
      return result.ok ? { ok: true, value: 0 } : result;
    });
  const banked = (register: number) => ((tar & ~15) | (register & 12)) >>> 0;
  return {
    read(register) {
      if (register === REGISTER.DRW) return readData();
      if (register >= REGISTER.BD0 && register <= REGISTER.BD3) return bus.read(banked(register), 4);
      return { ok: true, value: plainRegister(register) };
    },
    write(register, value) {
      if (register === REGISTER.DRW) return writeData(value);
      if (register >= REGISTER.BD0 && register <= REGISTER.BD3) return bus.write(banked(register), 4, value);
      if (register === REGISTER.TAR) tar = value >>> 0;
      if (register === REGISTER.CSW) csw = keptCsw(value);
      return { ok: true, value: 0 };
    },
  };

  function plainRegister(register: number): number {
    if (register === REGISTER.CSW) return (csw | DEVICE_ENABLE) >>> 0;
    if (register === REGISTER.TAR) return tar;
    if (register === REGISTER.BASE) return facts.base >>> 0;
    return register === REGISTER.IDR ? facts.idr >>> 0 : 0;
  }

  /** A port that cannot pack keeps the increment off instead, which is how a debugger finds out. */
  function keptCsw(value: number): number {
    const kept = value & WRITABLE;
    return (facts.packs || (kept & 0x30) !== 0x20 ? kept : kept & ~0x30) >>> 0;
  }
}
