/** 32-bit loads and stores of one register (ARMv7-M ARM, A5.3.7 to A5.3.10). */

import {
  type Load,
  loadByte,
  loadHalf,
  loadSignedByte,
  loadSignedHalf,
  loadWord,
  type Store,
  storeByte,
  storeHalf,
  storeWord,
} from './access.ts';
import { branchOrReturn, type Op, PC, type Reg, reg, type Site, SP } from './cpu.ts';
import { loadAt } from './thumb16-memory.ts';
import { alignedStack } from './thumb32-immediate.ts';

/** How the address comes about: `base + before`, and the base is then moved by `after`. */
interface Indexing {
  readonly before: number;
  readonly after: number;
}

const LOADS: readonly (Load | undefined)[] = [loadByte, loadHalf, loadWord, undefined, loadSignedByte, loadSignedHalf];
const STORES: readonly (Store | undefined)[] = [storeByte, storeHalf, storeWord];

/** `first` bits 6:5 are the size, bit 8 the sign, bit 7 says that the offset is 12 bits and positive. */
export function load(site: Site, first: number, second: number): Op | undefined {
  const { cpu, at, next } = site;
  const { r } = cpu;
  const n = reg(first, 0);
  const t = reg(second, 12);
  const access = LOADS[((first >>> 5) & 3) | ((first >>> 6) & 4)];
  if (!access) return undefined;
  const word = access === loadWord;
  // PC as the target of a byte or half-word is a preload hint.
  if (t === PC && !word) return isPreload(first, second) ? () => next : undefined;
  if (n === PC) {
    const address = ((at + 4) & ~3) + (first & 0x80 ? second & 0xfff : -(second & 0xfff));
    return loaded(site, t, () => access(cpu, address));
  }
  if ((first & 0x80) === 0 && (second & 0x0800) === 0) {
    if ((second & 0x07c0) !== 0) return undefined;
    const m = reg(second, 0);
    const amount = (second >>> 4) & 3;
    if (t === PC || t === SP) return loaded(site, t, () => access(cpu, (r[n] + (r[m] << amount)) | 0));
    return () => {
      r[t] = access(cpu, (r[n] + (r[m] << amount)) | 0);
      return next;
    };
  }
  const indexing = indexingOf(first, second);
  if (!indexing) return undefined;
  const { before, after } = indexing;
  if (after === 0 && (t === PC || t === SP)) return loaded(site, t, () => access(cpu, (r[n] + before) | 0));
  if (after === 0) return loadAt(site, access, { t, n }, before);
  return loadAndMove(site, access, { t, n }, indexing);
}

/** A preload has no write-back and no unprivileged form. */
function isPreload(first: number, second: number): boolean {
  const literal = (first & 15) === PC;
  return literal || (first & 0x80) !== 0 || (second & 0x0fc0) === 0 || (second & 0x0f00) === 0x0c00;
}

function loaded({ cpu, next }: Site, t: Reg, value: () => number): Op {
  const { r } = cpu;
  if (t === PC) return () => branchOrReturn(cpu, value());
  return alignedStack(cpu, t, () => {
    r[t] = value();
    return next;
  });
}

interface Registers {
  readonly t: Reg;
  readonly n: Reg;
}

function loadAndMove({ cpu, next }: Site, access: Load, { t, n }: Registers, { before, after }: Indexing): Op {
  const { r } = cpu;
  return () => {
    const value = access(cpu, (r[n] + before) | 0);
    r[n] += after;
    if (n === SP) r[SP] &= ~3;
    if (t === PC) return branchOrReturn(cpu, value);
    r[t] = t === SP ? value & ~3 : value;
    return next;
  };
}

export function store({ cpu, next }: Site, first: number, second: number): Op | undefined {
  const { r } = cpu;
  const n = reg(first, 0);
  const t = reg(second, 12);
  const access = STORES[(first >>> 5) & 3];
  if (!access || n === PC) return undefined;
  if ((first & 0x80) === 0 && (second & 0x0800) === 0) {
    if ((second & 0x07c0) !== 0) return undefined;
    const m = reg(second, 0);
    const amount = (second >>> 4) & 3;
    return () => {
      access(cpu, (r[n] + (r[m] << amount)) | 0, r[t]);
      return next;
    };
  }
  const indexing = indexingOf(first, second);
  if (!indexing) return undefined;
  const { before, after } = indexing;
  return alignedStack(cpu, after === 0 ? 0 : n, () => {
    access(cpu, (r[n] + before) | 0, r[t]);
    r[n] += after;
    return next;
  });
}

/** T3 with 12 bits up, T4 with 8 bits up or down, before or after; LDRT and STRT are as LDR and STR here. */
function indexingOf(first: number, second: number): Indexing | undefined {
  if (first & 0x80) return { before: second & 0xfff, after: 0 };
  const offset = second & 0x0200 ? second & 0xff : -(second & 0xff);
  const preIndexed = (second & 0x0400) !== 0;
  const writesBack = (second & 0x0100) !== 0;
  if (!preIndexed && !writesBack) return undefined;
  if (!preIndexed) return { before: 0, after: offset };
  return { before: offset, after: writesBack ? offset : 0 };
}
