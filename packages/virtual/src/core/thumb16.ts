/** The 16-bit encodings, by their upper bits (ARMv7-M ARM, A5.2). */

import type { Op, Site } from './cpu.ts';
import {
  branchExchange,
  dataProcessing,
  extendOrReverse,
  highRegisters,
  immediate8,
  shiftAddSubtract,
} from './thumb16-arithmetic.ts';
import {
  branch,
  breakpoint,
  changeProcessorState,
  compareAndBranch,
  conditionalBranch,
  ifThenOrHint,
} from './thumb16-control.ts';
import {
  addressOf,
  immediateOffset,
  literal,
  moveStack,
  multiple,
  pop,
  push,
  registerOffset,
  stackOffset,
} from './thumb16-memory.ts';

/** @returns nothing for what is undefined */
export function decode16(site: Site, half: number): Op | undefined {
  switch (half >>> 12) {
    case 0:
    case 1:
      return shiftAddSubtract(site, half);
    case 2:
    case 3:
      return immediate8(site, half);
    case 4:
      if (half & 0x0800) return literal(site, half);
      if (half < 0x4400) return dataProcessing(site, half);
      return half < 0x4700 ? highRegisters(site, half) : branchExchange(site, half);
    case 5:
      return registerOffset(site, half);
    case 6:
    case 7:
    case 8:
      return immediateOffset(site, half);
    case 9:
      return stackOffset(site, half);
    case 10:
      return addressOf(site, half);
    case 11:
      return miscellaneous(site, half);
    case 12:
      return multiple(site, half);
    case 13:
      return conditionalBranch(site, half);
    default:
      return branch(site, half);
  }
}

/** 0xB000–0xBFFF (A5.2.5). */
function miscellaneous(site: Site, half: number): Op | undefined {
  const { version } = site.cpu.architecture;
  switch ((half >>> 8) & 15) {
    case 0:
      return moveStack(site, half);
    case 1:
    case 3:
    case 9:
    case 11:
      return version === 6 ? undefined : compareAndBranch(site, half);
    case 2:
      return extendOrReverse(site, half);
    case 4:
    case 5:
      return push(site, half);
    case 6:
      return (half & 0xe0) === 0x60 ? changeProcessorState(site, half) : undefined;
    case 10:
      return extendOrReverse(site, half);
    case 12:
    case 13:
      return pop(site, half);
    case 14:
      return breakpoint(site);
    case 15:
      return ifThenOrHint(site, half);
    default:
      return undefined;
  }
}
