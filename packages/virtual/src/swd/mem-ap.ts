/**
 * A memory access port: CSW, TAR, DRW and the banked data registers over one bus (ADIv5.2, C2.6). It knows neither the
 * debug port before it nor what stands on the bus.
 */

import type { Width } from '../core/index.ts';
import type { World } from '../registers/index.ts';
import type { AccessPortFacts } from './access-ports.ts';

/** How a bus access ended. `wait`: the bus is still at it. */
export type BusResult =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly why: 'fault' | 'wait' };

export const WAIT: BusResult = { ok: false, why: 'wait' };
export const REFUSED: BusResult = { ok: false, why: 'fault' };

/** The bus behind an access port. Values of less than a word stand in the low bits. */
export interface ApBus {
  read(address: number, width: Width, asked: World): BusResult;
  write(address: number, width: Width, value: number, asked: World): BusResult;
  /** SPIDEN: whether a debugger may make secure accesses. */
  readonly isSecureAllowed: boolean;
}

const REGISTER = { CSW: 0x00, TAR: 0x04, DRW: 0x0c, BD0: 0x10, BD3: 0x1c, BASE: 0xf8, IDR: 0xfc } as const;
/** CSW: DeviceEn reads as 1; Size, AddrInc, Mode and what is above bit 23 are kept as written (ADIv5.2, C2.6.4). */
const DEVICE_ENABLE = 0x40;
const CSW_WRITABLE = 0xff00_0f37;
/** HNONSEC of an AHB5 access port, and SPIStatus (DDI0553; RM0438 §52.4.2). */
const NON_SECURE = 0x4000_0000;
const SECURE_ALLOWED = 0x80_0000;
const ADDRESS_INCREMENT = 0x30;
const PACKED = 0x20;

export class MemAp {
  readonly #facts: AccessPortFacts;
  readonly #bus: ApBus;
  #csw = 0x4300_0002;
  #tar = 0;

  constructor(facts: AccessPortFacts, bus: ApBus) {
    this.#facts = facts;
    this.#bus = bus;
  }

  /** @param register the offset within the port, such as 0x0C for DRW */
  read(register: number): BusResult {
    if (register === REGISTER.DRW) return this.#each((address) => this.#bus.read(address, this.#width, this.#world));
    if (register >= REGISTER.BD0 && register <= REGISTER.BD3)
      return this.#bus.read(this.#banked(register), 4, this.#world);
    return { ok: true, value: this.#plain(register) };
  }

  write(register: number, value: number): BusResult {
    if (register === REGISTER.DRW) return this.#writeData(value);
    if (register >= REGISTER.BD0 && register <= REGISTER.BD3)
      return this.#bus.write(this.#banked(register), 4, value, this.#world);
    if (register === REGISTER.TAR) this.#tar = value >>> 0;
    if (register === REGISTER.CSW) this.#csw = this.#kept(value);
    return { ok: true, value: 0 };
  }

  /** What CSW asks for; the chip decides what becomes of it. */
  get #world(): World {
    return (this.#csw & NON_SECURE) !== 0 ? 'non-secure' : 'secure';
  }

  get #width(): Width {
    const size = this.#csw & 7;
    return size === 0 ? 1 : size === 1 ? 2 : 4;
  }

  /** A word of packed or single accesses: values stand in the byte lanes of their addresses. */
  #each(access: (address: number, lane: number) => BusResult): BusResult {
    const size = this.#width;
    const increment = this.#csw & ADDRESS_INCREMENT;
    const bytes = increment === PACKED ? 4 : size;
    let value = 0;
    for (let at = 0; at < bytes; at += size) {
      const lane = 8 * (this.#tar & 3);
      const result = access(this.#tar, lane);
      if (!result.ok) return result;
      value |= result.value << lane;
      if (increment !== 0) this.#count(size);
    }
    return { ok: true, value: value >>> 0 };
  }

  #writeData(value: number): BusResult {
    const size = this.#width;
    const mask = size === 1 ? 0xff : 0xffff;
    return this.#each((address, lane) => {
      const result = this.#bus.write(address, size, size === 4 ? value : (value >>> lane) & mask, this.#world);
      return result.ok ? { ok: true, value: 0 } : result;
    });
  }

  /** TAR counts in its low bits alone; what is above stays (ADIv5.2, C2.2.2). */
  #count(bytes: number): void {
    const mask = this.#facts.countsWithin - 1;
    this.#tar = ((this.#tar & ~mask) | ((this.#tar + bytes) & mask)) >>> 0;
  }

  #banked(register: number): number {
    return ((this.#tar & ~15) | (register & 12)) >>> 0;
  }

  #plain(register: number): number {
    if (register === REGISTER.CSW) {
      return (this.#csw | DEVICE_ENABLE | (this.#bus.isSecureAllowed ? SECURE_ALLOWED : 0)) >>> 0;
    }
    if (register === REGISTER.TAR) return this.#tar;
    if (register === REGISTER.BASE) return this.#facts.base >>> 0;
    return register === REGISTER.IDR ? this.#facts.idr >>> 0 : 0;
  }

  /** A port that cannot pack keeps the increment off instead, which is how a debugger finds out. */
  #kept(value: number): number {
    const kept = value & CSW_WRITABLE;
    const refuses = !this.#facts.packs && (kept & ADDRESS_INCREMENT) === PACKED;
    return (refuses ? kept & ~ADDRESS_INCREMENT : kept) >>> 0;
  }
}
