/**
 * C statements that bring an application into full swing: clock from the PLL, DMA, a port, caches, watchdog. They know
 * registers by address and nothing of the generated code; `R(address)` is a volatile word.
 */

const at = (address: number): string => `R(0x${address.toString(16)}u)`;
const set = (address: number, bits: number): string => `${at(address)} |= 0x${(bits >>> 0).toString(16)}u;`;
const store = (address: number, value: number): string => `${at(address)} = 0x${(value >>> 0).toString(16)}u;`;
const wait = (address: number, mask: number, value = mask): string =>
  `while ((${at(address)} & 0x${(mask >>> 0).toString(16)}u) != 0x${value.toString(16)}u) {}`;
export const watchdog = (base = 0x4000_3000): string => store(base, 0xcccc);
/** SCB_CCR: instruction and data cache on (ARMv7-M ARM, B3.2.8). */
export const CACHES = set(0xe000_ed14, 0x3_0000);

/** RM0008 §8.3, RM0091 §6.4, RM0316 §9.4: the PLL doubles half of HSI. `port` turns on the clock of port A. */
const oldSwing = (port: string): readonly string[] => [
  watchdog(),
  set(0x4002_2000, 2),
  set(0x4002_1000, 0x0101_0000),
  wait(0x4002_1000, 0x0202_0000),
  set(0x4002_1004, 2),
  wait(0x4002_1004, 0xc, 8),
  set(0x4002_1014, 1),
  port,
  set(0x4002_1008, 0x1f00),
  set(0x4002_0008, 1),
  set(0x4002_0008 + 20 * 4, 1),
];

/** RM0090 §7.3: the PLL at 96 MHz as PLLCFGR has it after a reset. */
export const F4_SWING = [
  watchdog(),
  set(0x4002_3c00, 0x705),
  set(0x4002_3800, 0x0101_0000),
  wait(0x4002_3800, 0x0202_0000),
  set(0x4002_3808, 2),
  wait(0x4002_3808, 0xc, 8),
  set(0x4002_3830, 0x20_0001),
  store(0x4002_0000, 0x5555_5555),
  set(0x4002_380c, 0x1f00),
  set(0x4002_6010, 1),
  set(0x4002_6010 + 24 * 5, 1),
];

/** RM0038 §6.3: 16 MHz × 3 / 2. */
export const L1_SWING = [
  watchdog(),
  set(0x4002_3c00, 1),
  set(0x4002_3800, 1),
  wait(0x4002_3800, 2),
  set(0x4002_3808, 0x40_0000),
  set(0x4002_3800, 0x0100_0000),
  wait(0x4002_3800, 0x0200_0000),
  set(0x4002_3808, 3),
  wait(0x4002_3808, 0xc),
  set(0x4002_381c, 0x0100_0001),
  store(0x4002_0000, 0x5555_5555),
  set(0x4002_6008, 1),
];

/** RM0351 §6.4, RM0440 §7.4: 16 MHz × 8 / 2. */
export const L4_SWING = [
  watchdog(),
  set(0x4002_2000, 4),
  set(0x4002_1000, 0x100),
  wait(0x4002_1000, 0x400),
  store(0x4002_100c, 0x0100_0802),
  set(0x4002_1000, 0x0100_0000),
  wait(0x4002_1000, 0x0200_0000),
  set(0x4002_1008, 3),
  wait(0x4002_1008, 0xc),
  set(0x4002_1018, 3),
  set(0x4002_104c, 1),
  store(0x4800_0000, 0x5555_5555),
  set(0x4002_1048, 1),
  set(0x4002_0008, 1),
];

/** RM0444 §5.4: 16 MHz × 8 / 2. */
export const G0_SWING = [
  watchdog(),
  set(0x4002_2000, 2),
  store(0x4002_100c, 0x3000_0802),
  set(0x4002_1000, 0x0100_0000),
  wait(0x4002_1000, 0x0200_0000),
  set(0x4002_1008, 2),
  wait(0x4002_1008, 0x38, 0x10),
  set(0x4002_1018, 3),
  set(0x4002_1034, 1),
  store(0x5000_0000, 0x5555_5555),
  set(0x4002_1038, 1),
  set(0x4002_0008, 1),
];

/** RM0433 §8.7: PLL1 of HSI at 129 MHz as its dividers are after a reset. */
export const H7_SWING = [
  watchdog(0x5800_4800),
  CACHES,
  set(0x5802_4400, 0x0100_0000),
  wait(0x5802_4400, 0x0200_0000),
  set(0x5802_4410, 3),
  wait(0x5802_4410, 0x38, 0x18),
  set(0x5802_44e0, 1),
  store(0x5802_0000, 0x5555_5555),
];

/** RM0456 §11.8: PLL1 of HSI16, 80 MHz. */
export const U5_SWING = [
  watchdog(),
  set(0x4602_0c00, 0x100),
  wait(0x4602_0c00, 0x400),
  store(0x4602_0c34, 0x0101_0209),
  store(0x4602_0c28, 0x0004_0002),
  set(0x4602_0c00, 0x0100_0000),
  wait(0x4602_0c00, 0x0200_0000),
  set(0x4602_0c1c, 3),
  wait(0x4602_0c1c, 0xc),
  set(0x4003_0400, 1),
  set(0x4602_0c8c, 1),
  store(0x4202_0000, 0x5555_5555),
];

/** RM0481 §11.8: PLL1 of HSI, 80 MHz. */
export const H5_SWING = [
  watchdog(),
  store(0x4402_0c34, 0x0101_0213),
  store(0x4402_0c28, 0x0001_0401),
  set(0x4402_0c00, 0x0100_0000),
  wait(0x4402_0c00, 0x0200_0000),
  set(0x4402_0c1c, 3),
  wait(0x4402_0c1c, 0x18),
  set(0x4003_0400, 1),
  set(0x4402_0c8c, 1),
  store(0x4202_0000, 0x5555_5555),
];

/** The clock of HSE alone, for families whose PLL is not described here: CR, and where the switch is. */
export const hseSwing = (cr: number, cfgr: number, [select, status, mask]: readonly [number, number, number]) => [
  watchdog(),
  set(cr, 0x1_0000),
  wait(cr, 0x2_0000),
  set(cfgr, select),
  wait(cfgr, mask, status),
];

export const F1_SWING = oldSwing(set(0x4002_1018, 4));
export const F0_F3_SWING = oldSwing(set(0x4002_1014, 1 << 17));
