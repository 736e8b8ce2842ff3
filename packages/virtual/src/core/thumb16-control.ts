/** 16-bit branches, IT, hints and state changes (ARMv7-M ARM, A5.2.5, A5.2.6). */

import { type Cpu, holds, interwork, lowReg, type Op, type Site } from './cpu.ts';

/** 0xD000–0xDFFF: B with a condition, UDF and SVC. */
export function conditionalBranch({ cpu, at, next }: Site, half: number): Op | undefined {
  const condition = (half >>> 8) & 15;
  if (condition === 14) return undefined;
  if (condition === 15) return () => cpu.requests.supervisorCall(next);
  return branchIf(cpu, condition, (at + 4 + ((half << 24) >> 23)) >>> 0, next);
}

/** The commonest conditions have closures of their own, for speed. */
export function branchIf(cpu: Cpu, condition: number, target: number, next: number): Op {
  if (condition === 0) {
    return () => {
      if (cpu.z !== 0) return next;
      cpu.left -= 1;
      return target;
    };
  }
  if (condition === 1) {
    return () => {
      if (cpu.z === 0) return next;
      cpu.left -= 1;
      return target;
    };
  }
  return () => {
    if (!holds(cpu, condition)) return next;
    cpu.left -= 1;
    return target;
  };
}

/** 0xE000–0xE7FF: B. */
export function branch({ cpu, at }: Site, half: number): Op {
  const target = (at + 4 + ((half << 21) >> 20)) >>> 0;
  return () => {
    cpu.left -= 1;
    return target;
  };
}

/** 0xB100…: CBZ and CBNZ. */
export function compareAndBranch({ cpu, at, next }: Site, half: number): Op {
  const { r } = cpu;
  const n = lowReg(half, 0);
  const target = (at + 4 + (((half & 0x0200) >>> 3) | ((half & 0xf8) >>> 2))) >>> 0;
  const onZero = (half & 0x0800) === 0;
  return () => {
    if ((r[n] === 0) !== onZero) return next;
    cpu.left -= 1;
    return target;
  };
}

/** 0xBF00–0xBFFF: IT, and the hints when its mask is 0. */
export function ifThenOrHint(site: Site, half: number): Op | undefined {
  const { cpu, next } = site;
  if ((half & 15) !== 0) {
    if (!cpu.architecture.mainline) return undefined;
    return () => {
      cpu.it = half & 0xff;
      return next;
    };
  }
  return hint(site, (half >>> 4) & 15);
}

/** NOP, YIELD, WFE, WFI, SEV; those that are not allocated are NOP. */
export function hint({ cpu, next }: Pick<Site, 'cpu' | 'next'>, kind: number): Op {
  const { requests } = cpu;
  if (kind === 2 || kind === 3) {
    return () => {
      requests.wait(kind === 3 ? 'interrupt' : 'event');
      return next;
    };
  }
  if (kind === 4) {
    return () => {
      requests.sendEvent();
      return next;
    };
  }
  return () => next;
}

/** 0xB660–0xB67F: CPSIE and CPSID. */
export function changeProcessorState({ cpu, next }: Site, half: number): Op {
  const disable = (half & 0x10) !== 0;
  const effect = half & 3;
  return () => {
    cpu.requests.changeState(disable, effect);
    return next;
  };
}

/** 0xBE00–0xBEFF: BKPT. */
export function breakpoint({ cpu, at }: Site): Op {
  return () => cpu.requests.breakpoint(at);
}

/** BL and BLX of a register, as one: LR is the address behind it with bit 0 set. */
export function linkTo(cpu: Cpu, target: number, next: number): number {
  cpu.r[14] = next | 1;
  cpu.left -= 1;
  return interwork(cpu, target);
}
