/** How others look into a core: its registers by name, and the bus as a debug probe sees it. */

import type { CoreFault } from './faults.ts';
import { asDebugger, type Parts } from './parts.ts';
import type { Width } from './regions.ts';
import { readRegister, writeRegister } from './register-transfer.ts';

/** Names of what `registers` reads and writes; 0 to 12 are R0 to R12. */
export type RegisterName = keyof typeof REGISTER_SELECT | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

/** DCRSR's numbers (ARMv7-M ARM, C1.6.3). */
const REGISTER_SELECT = {
  sp: 13,
  lr: 14,
  pc: 15,
  xpsr: 16,
  msp: 17,
  psp: 18,
  masks: 20,
  msplim: 28,
  psplim: 29,
} as const;

export interface CoreRegisters {
  /** Unsigned; `masks` is CONTROL, FAULTMASK, BASEPRI and PRIMASK from the top byte down. */
  read(name: RegisterName): number;
  write(name: RegisterName, value: number): void;
  readonly primask: number;
  readonly faultmask: number;
  readonly basepri: number;
  readonly control: number;
  /** IPSR: 0 in Thread mode. */
  readonly exception: number;
  readonly vtor: number;
}

/** The bus as a debug probe sees it: it can switch halting debug on, and privilege does not bind it. */
export interface DebugPort {
  /** @returns an unsigned value; throws a `Fault` where the bus answers with an error */
  read(address: number, width: Width): number;
  write(address: number, width: Width, value: number): void;
}

export function debugPortOf({ machine: { cpu }, access }: Parts): DebugPort {
  const mustBeAligned = (address: number, width: Width): void => {
    if (address % width !== 0) throw { fault: 'UNALIGNED', address } satisfies CoreFault;
  };
  return {
    read(address, width) {
      mustBeAligned(address, width);
      const { bus } = cpu;
      return asDebugger(access, () => {
        if (width === 1) return bus.read8(address);
        return width === 2 ? bus.read16(address) : bus.read32(address) >>> 0;
      });
    },
    write(address, width, value) {
      mustBeAligned(address, width);
      const { bus } = cpu;
      asDebugger(access, () => {
        if (width === 1) bus.write8(address, value);
        else if (width === 2) bus.write16(address, value);
        else bus.write32(address, value);
      });
    },
  };
}

export function registersOf({ machine: { cpu, control } }: Parts): CoreRegisters {
  const select = (name: RegisterName) => (typeof name === 'number' ? name : REGISTER_SELECT[name]);
  return {
    read: (name) => readRegister(cpu, select(name)),
    write: (name, value) => writeRegister(cpu, select(name), value),
    get primask() {
      return cpu.primask;
    },
    get faultmask() {
      return cpu.faultmask;
    },
    get basepri() {
      return cpu.basepri;
    },
    get control() {
      return cpu.control;
    },
    get exception() {
      return cpu.exception;
    },
    get vtor() {
      return control.vtor >>> 0;
    },
  };
}
