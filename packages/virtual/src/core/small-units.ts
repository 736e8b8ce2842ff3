/** Units that are next to nothing here: DWT with its cycle counter; MPU, SAU, FPU and caches as far as software asks. */

import type { Architecture } from './architecture.ts';
import type { Cpu } from './cpu.ts';
import { type Debug, TRCENA } from './debug.ts';
import { cyclesOf, type Status } from './status.ts';
import { type Register, switchedOff } from './system-control.ts';

/** What the cycle counter needs. */
export interface Watched {
  readonly cpu: Cpu;
  readonly status: Status;
  readonly debug: Debug;
}

/** No comparators; CYCCNT where the core has it and DEMCR.TRCENA is set. */
export function watchRegisters({ cpu, status, debug }: Watched): Map<number, Register> {
  const counts = cpu.architecture.mainline;
  let on = false;
  let offset = 0;
  let frozen = 0;
  const cycles = () => cyclesOf(status, cpu);
  const registers = new Map<number, Register>();
  registers.set(0x000, {
    read: () => (counts ? 0 : 1 << 25) | (on ? 1 : 0),
    write: (value) => {
      const wanted = counts && (value & 1) !== 0 && (debug.demcr & TRCENA) !== 0;
      if (on && !wanted) frozen = (cycles() - offset) >>> 0;
      if (!on && wanted) offset = cycles() - frozen;
      on = wanted;
    },
  });
  if (counts) {
    registers.set(0x004, {
      read: () => (on ? (cycles() - offset) >>> 0 : frozen),
      write: (value) => {
        frozen = value;
        offset = cycles() - value;
      },
    });
  }
  registers.set(0xfb0, { read: () => 0, write: () => undefined });
  registers.set(0xfb4, { read: () => 0, write: () => undefined });
  return registers;
}

/** MPU, SAU, FPU and caches: what software reads to find out that it need not care, and what it may not switch on. */
export function absentUnits({ core, version, mainline }: Architecture): Map<number, Register> {
  const registers = new Map<number, Register>();
  const constant = (value: number): Register => ({ read: () => value, write: () => undefined });
  const stored = (): Register => {
    let kept = 0;
    return {
      read: () => kept,
      write: (value) => {
        kept = value;
      },
    };
  };
  const hasMpu = core !== 'm0';
  registers.set(0xd90, constant(hasMpu ? 0x800 : 0));
  if (hasMpu) {
    registers.set(0xd94, switchedOff('MPU', 0xe000_ed94));
    for (let offset = 0xd98; offset <= 0xdc4; offset += 4) registers.set(offset, stored());
  }
  if (version === 8) registers.set(0xdd0, switchedOff('SAU', 0xe000_edd0));
  if (!mainline) return registers;
  // ACTLR, FPCCR, FPCAR, FPDSCR, MVFR0–2.
  for (const offset of [0x008, 0xf34, 0xf38, 0xf3c]) registers.set(offset, stored());
  for (const offset of [0xf40, 0xf44, 0xf48]) registers.set(offset, constant(0));
  if (core === 'm7') addCaches(registers, constant);
  return registers;
}

/** CLIDR, CTR, CCSIDR, CSSELR, and maintenance by address and by set, which have nothing to do here (PM0253 §4.5). */
function addCaches(registers: Map<number, Register>, constant: (value: number) => Register): void {
  registers.set(0xd78, constant(0x0900_0003));
  registers.set(0xd7c, constant(0x8303_c003));
  registers.set(0xd80, constant(0xf00f_e019));
  registers.set(0xd84, constant(0));
  for (let offset = 0xf50; offset <= 0xf78; offset += 4) registers.set(offset, constant(0));
  for (let offset = 0xf90; offset <= 0xfa8; offset += 4) registers.set(offset, constant(0));
}
