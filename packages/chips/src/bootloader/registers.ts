/** Register maps that families share, by the CMSIS names of ST's device headers (reference manuals of each family). */
import type { Peripheral } from './entry.ts';

export const peripheral = (base: number, registers: Readonly<Record<string, number>>): Peripheral => ({
  base,
  registers,
});

/** Bits 0 to `count` - 1 by port letter. */
export function portBits(letters: string, first = 0): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from(letters, (letter, index) => [letter, first + index]));
}

/** Masks by name from bit positions. */
export function bits(prefix: string, positions: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(positions).map(([name, at]) => [`${prefix}${name}`, (1 << at) >>> 0]));
}

/** Enable bits of all ports: `RCC_AHB2ENR_GPIOAEN` … */
export function portEnables(
  pattern: string,
  ports: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(ports).map(([letter, at]) => [pattern.replace('*', letter), (1 << at) >>> 0]),
  );
}

/** RM0008 §7.3, RM0091 §6.4, RM0316 §9.4. */
export const RCC_F0_F1_F3 = {
  CR: 0x00,
  CFGR: 0x04,
  CIR: 0x08,
  APB2RSTR: 0x0c,
  APB1RSTR: 0x10,
  AHBENR: 0x14,
  APB2ENR: 0x18,
  APB1ENR: 0x1c,
  BDCR: 0x20,
  CSR: 0x24,
  AHBRSTR: 0x28,
  CFGR2: 0x2c,
} as const;

/** RM0033 §5.3, RM0090 §7.3, RM0385 §5.3. */
export const RCC_F2_F4_F7 = {
  CR: 0x00,
  PLLCFGR: 0x04,
  CFGR: 0x08,
  CIR: 0x0c,
  AHB1RSTR: 0x10,
  AHB2RSTR: 0x14,
  AHB3RSTR: 0x18,
  APB1RSTR: 0x20,
  APB2RSTR: 0x24,
  AHB1ENR: 0x30,
  AHB2ENR: 0x34,
  AHB3ENR: 0x38,
  APB1ENR: 0x40,
  APB2ENR: 0x44,
  BDCR: 0x70,
  CSR: 0x74,
} as const;

/** RM0351 §6.4, RM0440 §7.4, RM0438 §9.8: what L4, G4 and L5 have at the same offsets. */
export const RCC_L4_G4 = {
  CR: 0x00,
  ICSCR: 0x04,
  CFGR: 0x08,
  PLLCFGR: 0x0c,
  CIER: 0x18,
  CIFR: 0x1c,
  CICR: 0x20,
  AHB1RSTR: 0x28,
  AHB2RSTR: 0x2c,
  AHB3RSTR: 0x30,
  APB1RSTR1: 0x38,
  APB1RSTR2: 0x3c,
  APB2RSTR: 0x40,
  AHB1ENR: 0x48,
  AHB2ENR: 0x4c,
  AHB3ENR: 0x50,
  APB1ENR1: 0x58,
  APB1ENR2: 0x5c,
  APB2ENR: 0x60,
  CCIPR: 0x88,
  BDCR: 0x90,
  CSR: 0x94,
  CRRCR: 0x98,
} as const;

/** RM0444 §5.4, RM0490 §6.4. */
export const RCC_G0_C0 = {
  CR: 0x00,
  ICSCR: 0x04,
  CFGR: 0x08,
  PLLCFGR: 0x0c,
  CIER: 0x18,
  CIFR: 0x1c,
  CICR: 0x20,
  IOPRSTR: 0x24,
  AHBRSTR: 0x28,
  APBRSTR1: 0x2c,
  APBRSTR2: 0x30,
  IOPENR: 0x34,
  AHBENR: 0x38,
  APBENR1: 0x3c,
  APBENR2: 0x40,
  CCIPR: 0x54,
  CSR2: 0x60,
} as const;
