/** 16-bit loads, stores, and what is relative to SP and PC (ARMv7-M ARM, A5.2.4 and around). */

import {
  type Load,
  loadByte,
  loadHalf,
  loadSignedByte,
  loadSignedHalf,
  loadWord,
  mustBeAligned,
  type Store,
  storeByte,
  storeHalf,
  storeWord,
} from './access.ts';
import { branchOrReturn, lowReg, type Op, PC, type Reg, registerList, type Site, SP } from './cpu.ts';

type Indexed = { readonly store: Store } | { readonly load: Load };

const BY_REGISTER: readonly Indexed[] = [
  { store: storeWord },
  { store: storeHalf },
  { store: storeByte },
  { load: loadSignedByte },
  { load: loadWord },
  { load: loadHalf },
  { load: loadByte },
  { load: loadSignedHalf },
];

/** 0x5000–0x5FFF: the address is the sum of two registers. */
export function registerOffset({ cpu, next }: Site, half: number): Op | undefined {
  const { r } = cpu;
  const t = lowReg(half, 0);
  const n = lowReg(half, 3);
  const m = lowReg(half, 6);
  const access = BY_REGISTER[(half >>> 9) & 7];
  if (!access) return undefined;
  if ('load' in access) {
    const { load } = access;
    return () => {
      r[t] = load(cpu, (r[n] + r[m]) | 0);
      return next;
    };
  }
  const { store } = access;
  return () => {
    store(cpu, (r[n] + r[m]) | 0, r[t]);
    return next;
  };
}

/** 0x6000–0x8FFF: word, byte and half-word at an immediate offset. */
export function immediateOffset(site: Site, half: number): Op {
  const scaled = (half >>> 6) & 31;
  const where = { t: lowReg(half, 0), n: lowReg(half, 3) };
  const loads = (half & 0x0800) !== 0;
  switch (half >>> 12) {
    case 6:
      return loads ? loadAt(site, loadWord, where, scaled * 4) : storeAt(site, storeWord, where, scaled * 4);
    case 7:
      return loads ? loadByteAt(site, where, scaled) : storeByteAt(site, where, scaled);
    default:
      return loads ? loadAt(site, loadHalf, where, scaled * 2) : storeAt(site, storeHalf, where, scaled * 2);
  }
}

interface Where {
  readonly t: Reg;
  readonly n: Reg;
}

export function loadAt({ cpu, next }: Site, load: Load, { t, n }: Where, offset: number): Op {
  const { r } = cpu;
  return () => {
    r[t] = load(cpu, (r[n] + offset) | 0);
    return next;
  };
}

export function storeAt({ cpu, next }: Site, store: Store, { t, n }: Where, offset: number): Op {
  const { r } = cpu;
  return () => {
    store(cpu, (r[n] + offset) | 0, r[t]);
    return next;
  };
}

function loadByteAt({ cpu, next }: Site, { t, n }: Where, offset: number): Op {
  const { r, bus } = cpu;
  return () => {
    r[t] = bus.read8((r[n] + offset) | 0);
    return next;
  };
}

function storeByteAt({ cpu, next }: Site, { t, n }: Where, offset: number): Op {
  const { r, bus } = cpu;
  return () => {
    bus.write8((r[n] + offset) | 0, r[t]);
    return next;
  };
}

/** 0x4800–0x4FFF: LDR from the literal pool. */
export function literal({ cpu, at, next }: Site, half: number): Op {
  const { r, bus } = cpu;
  const t = lowReg(half, 8);
  const address = ((at + 4) & ~3) + (half & 0xff) * 4;
  return () => {
    r[t] = bus.read32(address);
    return next;
  };
}

/** 0x9000–0x9FFF: STR and LDR relative to SP. */
export function stackOffset(site: Site, half: number): Op {
  const where = { t: lowReg(half, 8), n: SP } as const;
  const offset = (half & 0xff) * 4;
  return half & 0x0800 ? loadAt(site, loadWord, where, offset) : storeAt(site, storeWord, where, offset);
}

/** 0xA000–0xAFFF: ADR, and ADD of SP and an immediate. */
export function addressOf({ cpu, at, next }: Site, half: number): Op {
  const { r } = cpu;
  const d = lowReg(half, 8);
  const offset = (half & 0xff) * 4;
  if (half & 0x0800) {
    return () => {
      r[d] = r[SP] + offset;
      return next;
    };
  }
  const address = ((at + 4) & ~3) + offset;
  return () => {
    r[d] = address;
    return next;
  };
}

/** 0xB000–0xB0FF: SP up or down by an immediate. */
export function moveStack({ cpu, next }: Site, half: number): Op {
  const { r } = cpu;
  const offset = (half & 0x7f) * 4 * (half & 0x80 ? -1 : 1);
  return () => {
    r[SP] += offset;
    return next;
  };
}

/** 0xB400–0xB5FF: PUSH. */
export function push({ cpu, next }: Site, half: number): Op {
  const registers = registerList((half & 0xff) | ((half & 0x100) << 6));
  return storeMultiple({ cpu, next }, SP, registers, { from: -4 * registers.length, writeBack: true });
}

/** 0xBC00–0xBDFF: POP. */
export function pop({ cpu, next }: Site, half: number): Op {
  const registers = registerList((half & 0xff) | ((half & 0x100) << 7));
  return loadMultiple({ cpu, next }, SP, registers, { from: 0, writeBack: true });
}

/** 0xC000–0xCFFF: STM and LDM. */
export function multiple({ cpu, next }: Site, half: number): Op {
  const n = lowReg(half, 8);
  const registers = registerList(half & 0xff);
  if (half & 0x0800) {
    return loadMultiple({ cpu, next }, n, registers, { from: 0, writeBack: !registers.includes(n) });
  }
  return storeMultiple({ cpu, next }, n, registers, { from: 0, writeBack: true });
}

interface BlockTransfer {
  /** From the base register to the lowest address. */
  readonly from: number;
  readonly writeBack: boolean;
}

type MemorySite = Pick<Site, 'cpu' | 'next'>;

export function storeMultiple(
  { cpu, next }: MemorySite,
  n: Reg,
  registers: readonly Reg[],
  { from, writeBack }: BlockTransfer,
): Op {
  const { r, bus } = cpu;
  const end = from < 0 ? from : 4 * registers.length;
  return () => {
    const base = r[n];
    let address = (base + from) | 0;
    mustBeAligned(address, 4);
    for (let index = 0; index < registers.length; index += 1) {
      bus.write32(address, r[registers[index] ?? 0]);
      address = (address + 4) | 0;
    }
    cpu.left -= registers.length;
    if (writeBack) r[n] = base + end;
    return next;
  };
}

/** A load that fails leaves the base as it was; what was loaded before stays. */
export function loadMultiple(
  { cpu, next }: MemorySite,
  n: Reg,
  registers: readonly Reg[],
  { from, writeBack }: BlockTransfer,
): Op {
  const { r, bus } = cpu;
  const end = from < 0 ? from : 4 * registers.length;
  const toPc = registers.at(-1) === PC;
  const plain = toPc ? registers.slice(0, -1) : registers;
  return () => {
    const base = r[n];
    let address = (base + from) | 0;
    mustBeAligned(address, 4);
    let loadedBase = base;
    for (let index = 0; index < plain.length; index += 1) {
      const register = plain[index] ?? 0;
      const value = bus.read32(address);
      if (register === n) loadedBase = value;
      else r[register] = value;
      address = (address + 4) | 0;
    }
    const target = toPc ? bus.read32(address) : 0;
    cpu.left -= registers.length;
    r[n] = writeBack ? base + end : loadedBase;
    if (n === SP) r[SP] &= ~3;
    return toPc ? branchOrReturn(cpu, target) : next;
  };
}
