/** Registers of core debug by their names in the ARMv7-M Architecture Reference Manual (C1.6, B3.2). Facts; no code. */

/** System control space. */
export const SCS = {
  CPUID: 0xe000_ed00,
  VTOR: 0xe000_ed08,
  AIRCR: 0xe000_ed0c,
  CFSR: 0xe000_ed28,
  HFSR: 0xe000_ed2c,
  DFSR: 0xe000_ed30,
  MMFAR: 0xe000_ed34,
  BFAR: 0xe000_ed38,
  DHCSR: 0xe000_edf0,
  DCRSR: 0xe000_edf4,
  DCRDR: 0xe000_edf8,
  DEMCR: 0xe000_edfc,
} as const;

/** Debug Halting Control and Status Register (C1.6.2). A write needs the key in its upper half. */
export const DHCSR = {
  KEY: 0xa05f_0000,
  C_DEBUGEN: 1 << 0,
  C_HALT: 1 << 1,
  C_STEP: 1 << 2,
  C_MASKINTS: 1 << 3,
  S_REGRDY: 1 << 16,
  S_HALT: 1 << 17,
  S_SLEEP: 1 << 18,
  S_LOCKUP: 1 << 19,
  /** Secure debug is on (DDI0553, DHCSR); cores without a secure world read 0. */
  S_SDE: 1 << 20,
  S_RESET_ST: 1 << 25,
} as const;

/** Debug Exception and Monitor Control Register (C1.6.5). */
export const DEMCR = {
  /** Halt before the first instruction after a reset. */
  VC_CORERESET: 1 << 0,
  VC_MMERR: 1 << 4,
  VC_NOCPERR: 1 << 5,
  VC_CHKERR: 1 << 6,
  VC_STATERR: 1 << 7,
  VC_BUSERR: 1 << 8,
  VC_INTERR: 1 << 9,
  VC_HARDERR: 1 << 10,
  TRCENA: 1 << 24,
} as const;

/** Application Interrupt and Reset Control Register (B3.2.6). */
export const AIRCR = { KEY: 0x05fa_0000, SYSRESETREQ: 1 << 2 } as const;

/** DCRSR.REGSEL (C1.6.3); 0 to 12 are R0 to R12. */
export const REGISTER = { SP: 13, LR: 14, PC: 15, XPSR: 16, MSP: 17, PSP: 18 } as const;
export const DCRSR_WRITE = 1 << 16;

/** xPSR: the processor executes Thumb code. */
export const XPSR_THUMB = 1 << 24;

/** Flash Patch and Breakpoint unit (C1.11); the same places in the Breakpoint unit of ARMv6-M. */
export const FPB = { CTRL: 0xe000_2000, COMP0: 0xe000_2008, KEY: 1 << 1, ENABLE: 1 << 0 } as const;
