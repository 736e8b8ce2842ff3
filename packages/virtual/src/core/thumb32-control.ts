/** 32-bit branches, special registers, barriers and hints (ARMv7-M ARM, A5.3.4). */

import { type Op, reg, type Site } from './cpu.ts';
import { branchIf, hint } from './thumb16-control.ts';

/** Bits 15, 14 and 12 of `second` tell BL, B and all else apart. */
export function branchOrControl(site: Site, first: number, second: number): Op | undefined {
  const { version, mainline } = site.cpu.architecture;
  switch (second & 0x5000) {
    case 0x5000:
      return branchWithLink(site, first, second);
    case 0x1000:
      return version === 6 ? undefined : branchWide(site, first, second);
    case 0x0000:
      if ((first & 0x0380) !== 0x0380) return mainline ? branchConditional(site, first, second) : undefined;
      return control(site, first, second);
    default:
      return undefined;
  }
}

function wideOffset(first: number, second: number): number {
  const sign = (first >>> 10) & 1;
  const i1 = ((second >>> 13) & 1) ^ sign ^ 1;
  const i2 = ((second >>> 11) & 1) ^ sign ^ 1;
  const offset = (i1 << 23) | (i2 << 22) | ((first & 0x3ff) << 12) | ((second & 0x7ff) << 1);
  return sign ? offset - (1 << 24) : offset;
}

function branchWithLink({ cpu, at, next }: Site, first: number, second: number): Op {
  const { r } = cpu;
  const target = (at + 4 + wideOffset(first, second)) >>> 0;
  const link = next | 1;
  return () => {
    r[14] = link;
    cpu.left -= 1;
    return target;
  };
}

function branchWide({ cpu, at }: Site, first: number, second: number): Op {
  const target = (at + 4 + wideOffset(first, second)) >>> 0;
  return () => {
    cpu.left -= 1;
    return target;
  };
}

function branchConditional({ cpu, at, next }: Site, first: number, second: number): Op {
  const bits =
    ((first & 0x0400) << 10) |
    ((second & 0x0800) << 8) |
    ((second & 0x2000) << 5) |
    ((first & 0x3f) << 12) |
    ((second & 0x7ff) << 1);
  return branchIf(cpu, (first >>> 6) & 15, (at + 4 + ((bits << 11) >> 11)) >>> 0, next);
}

function control(site: Site, first: number, second: number): Op | undefined {
  const { cpu, next } = site;
  switch ((first >>> 4) & 0x7f) {
    case 0x38:
    case 0x39:
      return moveToSpecial(site, first, second);
    case 0x3a:
      if (!cpu.architecture.mainline) return undefined;
      return (second & 0x0700) === 0 ? hint({ cpu, next }, (second & 0xff) < 16 ? second & 0xff : 0) : undefined;
    case 0x3b:
      return clearOrBarrier(site, second);
    case 0x3e:
    case 0x3f:
      return moveFromSpecial(site, second);
    default:
      return undefined;
  }
}

/** CLREX, DSB, DMB, ISB. After a barrier what became pending is looked at. */
function clearOrBarrier({ cpu, next }: Site, second: number): Op | undefined {
  switch ((second >>> 4) & 15) {
    case 2:
      if (cpu.architecture.version === 6) return undefined;
      return () => {
        cpu.monitor = -1;
        return next;
      };
    case 4:
    case 5:
    case 6:
      return () => next;
    default:
      return undefined;
  }
}

function moveToSpecial({ cpu, next }: Site, first: number, second: number): Op {
  const n = reg(first, 0);
  const mask = (second >>> 10) & 3;
  const sysm = second & 0xff;
  return () => {
    cpu.requests.writeSpecial(sysm, mask, cpu.r[n]);
    return next;
  };
}

function moveFromSpecial({ cpu, next }: Site, second: number): Op {
  const d = reg(second, 8);
  const sysm = second & 0xff;
  return () => {
    cpu.r[d] = cpu.requests.readSpecial(sysm);
    return next;
  };
}
