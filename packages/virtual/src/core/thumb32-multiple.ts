/** 32-bit loads and stores of several registers, exclusive accesses and table branches (ARMv7-M ARM, A5.3.5, A5.3.6). */

import { loadHalf, mustBeAligned } from './access.ts';
import { type Cpu, type Op, PC, type Reg, reg, registerList, type Site } from './cpu.ts';
import { loadMultiple, storeMultiple } from './thumb16-memory.ts';
import { alignedStack } from './thumb32-immediate.ts';

/** LDM, STM, PUSH and POP; IA and DB. */
export function loadStoreMultiple({ cpu, next }: Site, first: number, second: number): Op | undefined {
  const n = reg(first, 0);
  const mode = (first >>> 7) & 3;
  if (mode === 0 || mode === 3) return undefined;
  const loads = (first & 0x10) !== 0;
  const registers = registerList(second & (loads ? 0xdfff : 0x5fff));
  const block = { from: mode === 2 ? -4 * registers.length : 0, writeBack: (first & 0x20) !== 0 };
  const op = loads
    ? loadMultiple({ cpu, next }, n, registers, block)
    : storeMultiple({ cpu, next }, n, registers, block);
  return alignedStack(cpu, n, op);
}

/** LDRD, STRD, LDREX and its kin, LDA and STL, TBB and TBH, TT. */
export function dualOrExclusive(site: Site, first: number, second: number): Op | undefined {
  const { mainline } = site.cpu.architecture;
  if ((first & 0x0120) !== 0) return mainline ? dual(site, first, second) : undefined;
  switch (((first & 0x80) >>> 6) | ((first & 0x10) >>> 4)) {
    case 0:
      return storeExclusiveWord(site, first, second);
    case 1:
      return loadExclusiveWord(site, first, second);
    case 2:
      return storeExclusiveOrRelease(site, first, second);
    default:
      if ((second & 0xe0) === 0) return mainline ? tableBranch(site, first, second) : undefined;
      return loadExclusiveOrAcquire(site, first, second);
  }
}

function dual({ cpu, at, next }: Site, first: number, second: number): Op {
  const { r, bus } = cpu;
  const n = reg(first, 0);
  const t = reg(second, 12);
  const t2 = reg(second, 8);
  const offset = (second & 0xff) * (first & 0x80 ? 4 : -4);
  const before = first & 0x0100 ? offset : 0;
  const after = first & 0x20 ? offset : 0;
  const base = (at + 4) & ~3;
  if (first & 0x10) {
    return alignedStack(cpu, after === 0 ? 0 : n, () => {
      const address = ((n === PC ? base : r[n]) + before) | 0;
      mustBeAligned(address, 4);
      const low = bus.read32(address);
      const high = bus.read32((address + 4) | 0);
      if (after !== 0) r[n] += after;
      r[t] = low;
      r[t2] = high;
      return next;
    });
  }
  return alignedStack(cpu, after === 0 ? 0 : n, () => {
    const address = (r[n] + before) | 0;
    mustBeAligned(address, 4);
    bus.write32(address, r[t]);
    bus.write32((address + 4) | 0, r[t2]);
    r[n] += after;
    return next;
  });
}

function tableBranch({ cpu, at }: Site, first: number, second: number): Op {
  const { r, bus } = cpu;
  const n = reg(first, 0);
  const m = reg(second, 0);
  const pc = (at + 4) | 0;
  const halves = (second & 0x10) !== 0;
  return () => {
    const base = n === PC ? pc : r[n];
    const entry = halves ? loadHalf(cpu, (base + 2 * r[m]) | 0) : bus.read8((base + r[m]) | 0);
    cpu.left -= 1;
    return (pc + 2 * entry) >>> 0;
  };
}

type Size = 1 | 2 | 4;

function read(cpu: Cpu, address: number, size: Size): number {
  if (size === 1) return cpu.bus.read8(address);
  mustBeAligned(address, size);
  return size === 2 ? cpu.bus.read16(address) : cpu.bus.read32(address);
}

function write(cpu: Cpu, address: number, size: Size, value: number): void {
  if (size === 1) cpu.bus.write8(address, value);
  else if (size === 2) cpu.bus.write16(address, value);
  else cpu.bus.write32(address, value);
}

function loadExclusiveWord(site: Site, first: number, second: number): Op {
  return loadExclusive(site, 4, { t: reg(second, 12), n: reg(first, 0) }, (second & 0xff) * 4);
}

/** STREX; TT is the same encoding with a t of 15 (ARMv8-M). */
function storeExclusiveWord(site: Site, first: number, second: number): Op | undefined {
  const t = reg(second, 12);
  if (t === PC) return site.cpu.architecture.version === 8 ? testTarget(site, second) : undefined;
  const registers = { t, n: reg(first, 0), d: reg(second, 8) };
  return storeExclusive(site, 4, registers, (second & 0xff) * 4);
}

/** TT without the Security Extension and with no MPU region: readable and writable, no region. */
function testTarget({ cpu, next }: Site, second: number): Op {
  const d = reg(second, 8);
  return () => {
    cpu.r[d] = 0x000c_0000;
    return next;
  };
}

const SIZES: readonly (Size | undefined)[] = [1, 2, 4];

/** Bits 7:4: 01xx are exclusive, 10xx are acquire and release, 11xx are both; the last two are ARMv8-M. */
function loadExclusiveOrAcquire(site: Site, first: number, second: number): Op | undefined {
  const { cpu, next } = site;
  const size = SIZES[(second >>> 4) & 3];
  const kind = (second >>> 6) & 3;
  const t = reg(second, 12);
  const n = reg(first, 0);
  if (!size || (kind === 1 && size === 4) || (kind > 1 && cpu.architecture.version !== 8)) return undefined;
  if (kind !== 2) return loadExclusive(site, size, { t, n }, 0);
  return () => {
    cpu.r[t] = read(cpu, cpu.r[n], size);
    return next;
  };
}

function storeExclusiveOrRelease(site: Site, first: number, second: number): Op | undefined {
  const { cpu, next } = site;
  const size = SIZES[(second >>> 4) & 3];
  const kind = (second >>> 6) & 3;
  const t = reg(second, 12);
  const n = reg(first, 0);
  if (!size || kind === 0 || (kind === 1 && size === 4)) return undefined;
  if (kind > 1 && cpu.architecture.version !== 8) return undefined;
  if (kind !== 2) return storeExclusive(site, size, { t, n, d: reg(second, 0) }, 0);
  return () => {
    if (size !== 1) mustBeAligned(cpu.r[n], size);
    write(cpu, cpu.r[n], size, cpu.r[t]);
    return next;
  };
}

function loadExclusive({ cpu, next }: Site, size: Size, { t, n }: { t: Reg; n: Reg }, offset: number): Op {
  const { r } = cpu;
  return () => {
    const address = (r[n] + offset) >>> 0;
    const value = read(cpu, address, size);
    cpu.monitor = address;
    r[t] = value;
    return next;
  };
}

/** There is one bus master, so that the local monitor alone decides. */
function storeExclusive({ cpu, next }: Site, size: Size, { t, n, d }: { t: Reg; n: Reg; d: Reg }, offset: number): Op {
  const { r } = cpu;
  return () => {
    const address = (r[n] + offset) >>> 0;
    if (size !== 1) mustBeAligned(address, size);
    const passes = cpu.monitor === address;
    if (passes) write(cpu, address, size, r[t]);
    cpu.monitor = -1;
    r[d] = passes ? 0 : 1;
    return next;
  };
}
