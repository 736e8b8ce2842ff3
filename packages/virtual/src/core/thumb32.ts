/** The 32-bit encodings, by their upper bits (ARMv7-M ARM, A5.3; ARMv8-M Baseline: its table of instructions). */

import type { Op, Site } from './cpu.ts';
import { NotModelledError, usageFault } from './faults.ts';
import { branchOrControl } from './thumb32-control.ts';
import { modifiedImmediate, moveHalf, plainImmediate } from './thumb32-immediate.ts';
import { load, store } from './thumb32-memory.ts';
import { dualOrExclusive, loadStoreMultiple } from './thumb32-multiple.ts';
import { divide, longMultiply, multiply } from './thumb32-multiply.ts';
import { dataRegister, shiftedRegister } from './thumb32-registers.ts';

/** @returns nothing for what is undefined */
export function decode32(site: Site, first: number, second: number): Op | undefined {
  const { mainline, version } = site.cpu.architecture;
  // The gateway of the Security Extension does nothing where that is not in use.
  if (version === 8 && first === 0xe97f && second === 0xe97f) return () => site.next;
  if (!mainline) return decodeBaseline(site, first, second);
  switch ((first >>> 11) & 3) {
    case 1:
      if (first & 0x0400) return coprocessor(site, first, second);
      if (first & 0x0200) return shiftedRegister(site, first, second);
      return first & 0x40 ? dualOrExclusive(site, first, second) : loadStoreMultiple(site, first, second);
    case 2:
      if (second & 0x8000) return branchOrControl(site, first, second);
      return first & 0x0200 ? plainImmediate(site, first, second) : modifiedImmediate(site, first, second);
    default:
      return decodeUpper(site, first, second);
  }
}

function decodeUpper(site: Site, first: number, second: number): Op | undefined {
  if (first & 0x0400) return coprocessor(site, first, second);
  if (first & 0x0200) {
    if ((first & 0x0100) === 0) return dataRegister(site, first, second);
    return first & 0x80 ? longMultiply(site, first, second) : multiply(site, first, second);
  }
  if (first & 0x10) return load(site, first, second);
  return first & 0x0100 ? undefined : store(site, first, second);
}

/** ARMv6-M has BL, MSR, MRS and barriers; ARMv8-M Baseline adds a few more. */
function decodeBaseline(site: Site, first: number, second: number): Op | undefined {
  const later = site.cpu.architecture.version === 8;
  if (first >>> 11 === 0x1e) {
    if (second & 0x8000) return branchOrControl(site, first, second);
    const movesHalf = (first & 0xfb70) === 0xf240 && (first & 0x0200) !== 0;
    return later && movesHalf ? moveHalf(site, first, second) : undefined;
  }
  if (!later) return undefined;
  if ((first & 0xffd0) === 0xfb90 && (second & 0xf0) === 0xf0) return divide(site, first, second);
  return (first & 0xff60) === 0xe840 ? dualOrExclusive(site, first, second) : undefined;
}

/** Without CPACR a coprocessor is absent; with it this model has to own up that it has no FPU. */
function coprocessor({ cpu, at }: Site, first: number, second: number): Op {
  const number = (second >>> 8) & 15;
  // The upper half of the space is that of NEON on other profiles.
  const isFloat = (number === 10 || number === 11) && (first & 0x0300) !== 0x0300;
  return () => {
    if (isFloat && cpu.requests.floatEnabled()) throw new NotModelledError('a floating-point instruction', at);
    throw usageFault((first & 0x0300) === 0x0300 ? 'UNDEFINSTR' : 'NOCP');
  };
}
