/** The NVIC: the lines that devices drive, and its registers for enable, pending, active, priority, and STIR (ARMv7-M ARM, B3.4). */

import type { Cpu } from './cpu.ts';
import { type Exceptions, FIRST_INTERRUPT } from './exceptions.ts';
import { priorities, type Register } from './system-control.ts';

/** An interrupt controller as devices see it. */
export interface InterruptController {
  /** A pulse: the interrupt becomes pending. */
  pend(interrupt: number): void;
  /** A level: while it is high, the interrupt becomes pending again whenever its handler returns. */
  setLine(interrupt: number, high: boolean): void;
}

export function interruptController(cpu: Cpu, { pending, high }: Exceptions): InterruptController {
  return {
    pend(interrupt) {
      pending[FIRST_INTERRUPT + interrupt] = 1;
      cpu.requests.attend();
    },
    setLine(interrupt, isHigh) {
      const number = FIRST_INTERRUPT + interrupt;
      if (!isHigh) high.delete(number);
      else if (!high.has(number)) {
        high.add(number);
        cpu.requests.attend();
      }
    },
  };
}

/** Of the enable, pending and active registers: 496 interrupts at most (ARMv7-M ARM, B3.4). */
const WORDS = 16;

/** The registers by their offset from 0xE000E000. */
export function nvicRegisters(cpu: Cpu, exceptions: Exceptions): ReadonlyMap<number, Register> {
  const interrupts = exceptions.count - FIRST_INTERRUPT;
  const registers = new Map<number, Register>();
  registers.set(0x004, { read: () => Math.ceil(interrupts / 32) - 1, write: () => undefined });
  // Sixteen words each exist on every core; what an NVIC lacks of them reads as 0 (ARMv7-M ARM, B3.4.3).
  for (let word = 0; word < WORDS; word += 1) {
    const field = (state: Uint8Array, to: 0 | 1) => bits(cpu, state, word, to);
    registers.set(0x100 + 4 * word, field(exceptions.enabled, 1));
    registers.set(0x180 + 4 * word, field(exceptions.enabled, 0));
    registers.set(0x200 + 4 * word, field(exceptions.pending, 1));
    registers.set(0x280 + 4 * word, field(exceptions.pending, 0));
    const active = field(exceptions.active, 1);
    registers.set(0x300 + 4 * word, { read: () => active.read(), write: () => undefined });
  }
  for (let word = 0; word * 4 < interrupts; word += 1) {
    registers.set(0x400 + 4 * word, priorities(exceptions, FIRST_INTERRUPT + 4 * word, cpu));
  }
  if (cpu.architecture.mainline) registers.set(0xf00, softwareTrigger(cpu, exceptions));
  return registers;
}

/** 32 interrupts: ones set, or clear, their bit. */
function bits(cpu: Cpu, state: Uint8Array, word: number, to: 0 | 1): Register {
  const first = FIRST_INTERRUPT + 32 * word;
  return {
    read: () => {
      let value = 0;
      for (let bit = 0; bit < 32; bit += 1) value |= (state[first + bit] ?? 0) << bit;
      return value;
    },
    write: (written) => {
      for (let bit = 0; bit < 32; bit += 1) {
        if ((written >>> bit) & 1 && first + bit < state.length) state[first + bit] = to;
      }
      cpu.requests.attend();
    },
  };
}

function softwareTrigger(cpu: Cpu, exceptions: Exceptions): Register {
  return {
    read: () => 0,
    write: (written) => {
      const number = FIRST_INTERRUPT + (written & 0x1ff);
      if (number < exceptions.count) exceptions.pending[number] = 1;
      cpu.requests.attend();
    },
  };
}
