/** The ways in which an instruction can fail. Who handles them is the business of `exceptions.ts`. */

/** Bits of CFSR (ARMv7-M ARM, B3.2.15), which name the cause on every architecture. */
export const CFSR = {
  IACCVIOL: 1 << 0,
  DACCVIOL: 1 << 1,
  MUNSTKERR: 1 << 3,
  MSTKERR: 1 << 4,
  MMARVALID: 1 << 7,
  IBUSERR: 1 << 8,
  PRECISERR: 1 << 9,
  UNSTKERR: 1 << 11,
  STKERR: 1 << 12,
  BFARVALID: 1 << 15,
  UNDEFINSTR: 1 << 16,
  INVSTATE: 1 << 17,
  INVPC: 1 << 18,
  NOCP: 1 << 19,
  STKOF: 1 << 20,
  UNALIGNED: 1 << 24,
  DIVBYZERO: 1 << 25,
} as const;

/** A fault in flight: thrown by the instruction or the bus, caught by the core. */
export interface CoreFault {
  readonly fault: keyof typeof CFSR | 'VECTTBL' | 'DEBUGEVT';
  /** The address that was accessed, where there is one. */
  readonly address?: number;
}

/** @returns to throw: the access that a bus refuses */
export function busFault(address: number): CoreFault {
  return { fault: 'PRECISERR', address: address >>> 0 };
}

export function usageFault(
  fault: 'UNDEFINSTR' | 'INVSTATE' | 'INVPC' | 'NOCP' | 'UNALIGNED' | 'DIVBYZERO' | 'STKOF',
): CoreFault {
  return { fault };
}

export function isCoreFault(thrown: unknown): thrown is CoreFault {
  return typeof thrown === 'object' && thrown !== null && 'fault' in thrown && !(thrown instanceof Error);
}

/** Something that silicon has and this model does not: the run stops, rather than going on with an invention. */
export class NotModelledError extends Error {
  override readonly name = 'NotModelledError';
  /** The address of the access or of the instruction. */
  readonly address: number;
  constructor(what: string, address: number) {
    super(`${what} at 0x${(address >>> 0).toString(16).padStart(8, '0')} is not modelled`);
    this.address = address >>> 0;
  }
}
