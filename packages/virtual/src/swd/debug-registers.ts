/** Registers of core debug and the debug units of a chip, as a debugger finds them through an access port. Pure. */
import type { AccessPortFacts } from './access-ports.ts';

/** DHCSR. */
export const HALTING_CONTROL = 0xe000_edf0;
/** Its bit S_RESET_ST. */
export const RESET_SEEN = 1 << 25;
/** What stops a core: C_HALT and C_STEP of DHCSR, the vector catches of DEMCR, SYSRESETREQ of AIRCR (DDI0403 C1.6, B3.2.6). */
const STOPS_CORE: ReadonlyMap<number, number> = new Map([
  [HALTING_CONTROL, 6],
  [0xe000_edfc, 0x7f1],
  [0xe000_ed0c, 4],
]);

/** @returns what is left of a write to a register of the core that nothing stops */
export const withoutStop = (address: number, value: number): number => value & ~(STOPS_CORE.get(address) ?? 0);

/** DHCSR.S_SDE: secure debug is on (DDI0553, DHCSR). */
export const SECURE_DEBUG = 1 << 20;
const RESET_CONTROL = 0xe000_ed0c;

/** @returns the same where a reset is possible all the same: a core in secure code, for a debugger without rights there */
export const withoutHalt = (address: number, value: number): number =>
  address === RESET_CONTROL ? value : withoutStop(address, value);

export function translated(address: number, { units }: AccessPortFacts): number {
  const offset = address - (units?.atPort ?? 0);
  return units && offset >= 0 && offset < units.bytes ? units.atCore + offset : address;
}

export function isDebugUnit(address: number, { units }: AccessPortFacts): boolean {
  return units !== undefined && address >= units.atCore && address < units.atCore + units.bytes;
}

/** Private peripheral bus (DDI0403 B3.1). */
export const isPrivateBus = (address: number): boolean => address >= 0xe000_0000 && address < 0xe010_0000;
