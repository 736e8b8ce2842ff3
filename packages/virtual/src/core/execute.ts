/** The innermost loop: from one decoded instruction to the next, until the cycles are used up or something comes up. */

import { advanced, type Cpu, holds, type Op } from './cpu.ts';
import { decodeForCache, decodeInstruction, type Stops } from './decode.ts';
import { type CoreFault, isCoreFault } from './faults.ts';
import { type Mapped, pageAt } from './regions.ts';

/** Runs from `cpu.pc` while `cpu.left` is above 0. @returns the fault that an instruction at `cpu.pc` ended with */
export function execute(cpu: Cpu, stops: Stops): CoreFault | undefined {
  let pc = cpu.pc;
  try {
    while (cpu.it !== 0 && cpu.left > 0) {
      cpu.itPc = pc;
      cpu.left -= 1;
      pc = stepInBlock(cpu, pc, stops);
    }
    if (cpu.left > 0) {
      let code = codeAt(cpu, pc);
      let { start, ops } = pageAt(code, pc);
      let limit = ops.length;
      while (cpu.left > 0) {
        cpu.left -= 1;
        let index = (pc - start) >>> 1;
        if (index >= limit) {
          code = codeAt(cpu, pc);
          ({ start, ops } = pageAt(code, pc));
          limit = ops.length;
          index = (pc - start) >>> 1;
        }
        let op: Op | undefined = ops[index];
        if (op === undefined) {
          op = decodeForCache(cpu, pc, stops);
          ops[index] = op;
          const offset = pc - code.start;
          code.decoded[offset >>> 8] = 1;
          code.decoded[Math.min(code.length - 1, offset + 16) >>> 8] = 1;
        }
        pc = op();
      }
    }
  } catch (thrown) {
    cpu.pc = cpu.it === 0 ? pc : cpu.itPc;
    if (isCoreFault(thrown)) return thrown;
    throw thrown;
  }
  cpu.pc = pc;
  return undefined;
}

/** One instruction, for single steps: an IT instruction is one, and so is each that it governs. */
export function executeOne(cpu: Cpu, stops: Stops): CoreFault | undefined {
  const at = cpu.pc;
  cpu.left -= 1;
  try {
    codeAt(cpu, at);
    if (cpu.it !== 0) {
      cpu.itPc = at;
      cpu.pc = stepInBlock(cpu, at, stops);
    } else {
      cpu.pc = decodeInstruction(cpu, at, false, stops).op();
    }
  } catch (thrown) {
    cpu.pc = at;
    if (isCoreFault(thrown)) return thrown;
    throw thrown;
  }
  return undefined;
}

function stepInBlock(cpu: Cpu, pc: number, stops: Stops): number {
  const { op, next, unconditional } = decodeInstruction(cpu, pc, true, stops);
  const { it, epoch } = cpu;
  const after = unconditional || holds(cpu, it >>> 4) ? op() : next;
  if (cpu.epoch === epoch) cpu.it = after === next ? advanced(it) : 0;
  return after;
}

/** The region that is executed from. Throws IBUSERR and IACCVIOL. */
function codeAt(cpu: Cpu, pc: number): Mapped {
  let code = cpu.bus.at(pc);
  if (code && !code.readable && code.region.device && code.region.neverExecuted !== true) {
    // A memory that is busy makes the fetch wait, and puts itself back into the map.
    code.region.device.read(pc - code.start, 2);
    code = cpu.bus.at(pc);
  }
  if (neverExecuted(pc) || code?.region.neverExecuted === true) throw { fault: 'IACCVIOL' } satisfies CoreFault;
  if (!code?.readable) throw { fault: 'IBUSERR' } satisfies CoreFault;
  cpu.executing = code.start;
  return code;
}

/** Peripherals, devices and the system space of the default map (ARMv7-M ARM, B3.1). */
function neverExecuted(pc: number): boolean {
  return (pc >= 0x4000_0000 && pc < 0x6000_0000) || pc >= 0xa000_0000;
}
