/** Registers of core debug and the debug units of a chip, as a debugger finds them through an access port. Pure. */
import type { AccessPortFacts } from './access-ports.ts';

/** DHCSR. */
export const HALTING_CONTROL = 0xe000_edf0;
/** What stops a core: C_HALT and C_STEP of DHCSR, the vector catches of DEMCR, SYSRESETREQ of AIRCR (DDI0403 C1.6, B3.2.6). */
const STOPS_CORE: ReadonlyMap<number, number> = new Map([
  [HALTING_CONTROL, 6],
  [0xe000_edfc, 0x7f1],
  [0xe000_ed0c, 4],
]);

/** @returns what is left of a write to a register of the core that nothing stops */
export const withoutStop = (address: number, value: number): number => value & ~(STOPS_CORE.get(address) ?? 0);

/** The debug units of H7 as its port for them shows them, and as the core sees them (RM0433). */
const UNITS_AT_PORT = 0xe00e_0000;
const UNITS_AT_CORE = 0x5c00_0000;
const UNITS_BYTES = 0x1_0000;

export function translated(address: number, { reaches }: AccessPortFacts): number {
  const offset = address - UNITS_AT_PORT;
  return reaches === 'debug' && offset >= 0 && offset < UNITS_BYTES ? UNITS_AT_CORE + offset : address;
}

export function isDebugUnit(address: number): boolean {
  return address >= UNITS_AT_CORE && address < UNITS_AT_CORE + UNITS_BYTES;
}
