/** From an address to what its instruction does: widths, IT blocks as one, breakpoints in the way. */

import { type Cpu, holds, type Op } from './cpu.ts';
import { isCoreFault, usageFault } from './faults.ts';
import { decode16 } from './thumb16.ts';
import { decode32 } from './thumb32.ts';

/** One instruction, decoded for the place where it stands. */
export interface Instruction {
  readonly op: Op;
  readonly next: number;
  /** BKPT and breakpoints do not look at the condition of an IT block. */
  readonly unconditional: boolean;
}

/** Where more is to happen than what the instruction says. */
export interface Stops {
  readonly breakpoints: ReadonlySet<number>;
  /** Called before the instruction at an address is executed. */
  readonly traps: ReadonlyMap<number, () => void>;
}

const undefinedInstruction: Op = () => {
  throw usageFault('UNDEFINSTR');
};

/** Throws IBUSERR where nothing can be read */
export function decodeInstruction(cpu: Cpu, at: number, inIt: boolean, stops: Stops): Instruction {
  const first = fetched(cpu, at);
  const wide = first >>> 11 > 0x1c;
  const next = at + (wide ? 4 : 2);
  if (stops.breakpoints.has(at)) return { op: () => cpu.requests.breakpoint(at), next, unconditional: true };
  const site = { cpu, at, next, inIt };
  const op = wide ? decode32(site, first, fetched(cpu, at + 2)) : decode16(site, first);
  const trap = stops.traps.get(at);
  return { op: trapped(op ?? undefinedInstruction, trap), next, unconditional: first >>> 8 === 0xbe };
}

function trapped(op: Op, trap: (() => void) | undefined): Op {
  if (!trap) return op;
  return () => {
    trap();
    return op();
  };
}

function fetched(cpu: Cpu, at: number): number {
  try {
    return cpu.bus.read16(at);
  } catch (thrown) {
    throw isCoreFault(thrown) ? { fault: 'IBUSERR' } : thrown;
  }
}

/** What to run at an address outside of IT blocks: an instruction, or IT with all that it governs. */
export function decodeForCache(cpu: Cpu, at: number, stops: Stops): Op {
  const { op } = decodeInstruction(cpu, at, false, stops);
  const half = fetched(cpu, at);
  const startsBlock =
    half >>> 8 === 0xbf && (half & 15) !== 0 && cpu.architecture.mainline && !stops.breakpoints.has(at);
  return startsBlock ? wholeBlock(cpu, at, half & 0xff, stops) : op;
}

interface Member extends Instruction {
  readonly at: number;
  readonly it: number;
}

function wholeBlock(cpu: Cpu, at: number, state: number, stops: Stops): Op {
  const members: Member[] = [];
  let end = at + 2;
  for (let it = state; it !== 0; it = (it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f)) {
    const instruction = decodeMember(cpu, end, stops);
    members.push({ ...instruction, at: end, it });
    end = instruction.next;
  }
  const count = members.length;
  return () => {
    const { epoch } = cpu;
    for (let index = 0; index < count; index += 1) {
      const member = members[index];
      if (member === undefined) break;
      cpu.it = member.it;
      cpu.itPc = member.at;
      cpu.left -= 1;
      if (!member.unconditional && !holds(cpu, member.it >>> 4)) continue;
      const pc = member.op();
      // An exception was entered or left, or the core halted: the IT state is no longer this block's.
      if (cpu.epoch !== epoch) return pc;
      if (pc === member.next) continue;
      cpu.it = 0;
      return pc;
    }
    cpu.it = 0;
    return end;
  };
}

/** What cannot be fetched fails when it is reached, not before. */
function decodeMember(cpu: Cpu, at: number, stops: Stops): Instruction {
  try {
    return decodeInstruction(cpu, at, true, stops);
  } catch (thrown) {
    if (!isCoreFault(thrown)) throw thrown;
    const op: Op = () => {
      throw thrown;
    };
    return { op, next: at + 2, unconditional: true };
  }
}
