/** Vector catch: which exceptions DEMCR.VC_… makes a core halt at, before their handlers (ARMv7-M ARM, C1.6.5). */

import { EXCEPTION } from './exceptions.ts';
import { CFSR, type CoreFault } from './faults.ts';

const VC = {
  MMERR: 1 << 4,
  NOCPERR: 1 << 5,
  CHKERR: 1 << 6,
  STATERR: 1 << 7,
  BUSERR: 1 << 8,
  INTERR: 1 << 9,
  HARDERR: 1 << 10,
} as const;

/** @returns the bits of DEMCR that catch an exception with this cause */
export function catchBits(number: number, fault: CoreFault | undefined): number {
  const cause = fault?.fault;
  const entry =
    cause === 'STKERR' || cause === 'UNSTKERR' || cause === 'MSTKERR' || cause === 'VECTTBL' ? VC.INTERR : 0;
  if (number === EXCEPTION.HARD_FAULT) return VC.HARDERR | entry;
  if (number === EXCEPTION.MEM_MANAGE) return VC.MMERR | entry;
  if (number === EXCEPTION.BUS_FAULT) return VC.BUSERR | entry;
  if (number !== EXCEPTION.USAGE_FAULT || cause === undefined || cause === 'VECTTBL' || cause === 'DEBUGEVT') return 0;
  if (cause === 'NOCP') return VC.NOCPERR;
  return CFSR[cause] & (CFSR.UNALIGNED | CFSR.DIVBYZERO) ? VC.CHKERR : VC.STATERR;
}
