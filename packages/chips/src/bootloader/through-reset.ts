/** Families that user code leaves through a system reset: too much of RCC, caches, TrustZone or a second core to undo. */
import type { BlockFacts, FamilyFacts, PortFacts } from './entry.ts';
import { IOP_PORTS, L5_PORTS, SYSCFG_CFGR1, SYSCFG_CFGR1_BITS, SYSCFG_MEMRMP, WB_PORTS } from './low-power.ts';
import { peripheral, portBits, portEnables, RCC_F2_F4_F7, RCC_G0_C0, RCC_L4_G4 } from './registers.ts';

const ports = (base: number, register: string, letters: string): PortFacts => ({
  kind: 'moder',
  base,
  step: 0x400,
  enableRegister: register,
  enableBit: `RCC_${register}_GPIO*EN`,
  ports: portBits(letters),
});

const F7_PORTS = ports(0x4002_0000, 'AHB1ENR', 'ABCDEFGHIJK');

/** The bootloader is entered at its own addresses: MEM_MODE of F7 only chooses between its option bytes' addresses. */
export const F7: FamilyFacts = {
  core: 'cortex-m7',
  header: 'stm32f7xx',
  registers: {
    peripherals: { RCC: peripheral(0x4002_3800, RCC_F2_F4_F7) },
    bits: portEnables(F7_PORTS.enableBit, F7_PORTS.ports),
  },
  ports: F7_PORTS,
  resetHz: 16_000_000,
  source: 'RM0385 §2.4, §5.3; RM0410; RM0431',
};

/** @param ahb4enr offset of RCC_AHB4ENR: 0xE0, or 0x140 on H7A3 and H7RS */
export function h7(header: string, ahb4enr: number, source: string): FamilyFacts {
  const h7Ports = ports(0x5802_0000, 'AHB4ENR', 'ABCDEFGHIJK');
  return {
    core: 'cortex-m7',
    header,
    registers: {
      peripherals: { RCC: peripheral(0x5802_4400, { CR: 0x00, CFGR: 0x10, AHB4ENR: ahb4enr }) },
      bits: portEnables(h7Ports.enableBit, h7Ports.ports),
    },
    ports: h7Ports,
    resetHz: 64_000_000,
    source,
  };
}

export const C0: FamilyFacts = {
  core: 'cortex-m0plus',
  header: 'stm32c0xx',
  registers: {
    peripherals: {
      RCC: peripheral(0x4002_1000, RCC_G0_C0),
      SYSCFG: peripheral(0x4001_0000, { CFGR1: 0x00 }),
    },
    bits: { ...SYSCFG_CFGR1_BITS, ...portEnables(IOP_PORTS.enableBit, IOP_PORTS.ports) },
  },
  ports: IOP_PORTS,
  remap: SYSCFG_CFGR1,
  resetHz: 12_000_000,
  source: 'RM0490 §2.5, §6.4, §8.4, §9.1',
};

export const U0: FamilyFacts = {
  core: 'cortex-m0plus',
  header: 'stm32u0xx',
  registers: {
    peripherals: {
      RCC: peripheral(0x4002_1000, { CR: 0x00, CFGR: 0x08, IOPENR: 0x4c, APBENR2: 0x60 }),
      SYSCFG: peripheral(0x4001_0000, { CFGR1: 0x00 }),
    },
    bits: { ...SYSCFG_CFGR1_BITS, ...portEnables(IOP_PORTS.enableBit, IOP_PORTS.ports) },
  },
  ports: IOP_PORTS,
  remap: SYSCFG_CFGR1,
  resetHz: 4_000_000,
  source: 'RM0503 §2.5, §5.4, §8.4, §9.3',
};

/** SYSCFG has no clock enable of its own; the second core sleeps until the first starts it (RM0434 §6.6). */
export const WB: FamilyFacts = {
  core: 'cortex-m4',
  header: 'stm32wbxx',
  registers: {
    peripherals: {
      RCC: peripheral(0x5800_0000, { CR: 0x00, CFGR: 0x08, AHB2ENR: 0x4c }),
      SYSCFG: peripheral(0x4001_0000, { MEMRMP: 0x00 }),
    },
    bits: { SYSCFG_MEMRMP_MEM_MODE: 7, ...portEnables(WB_PORTS.enableBit, WB_PORTS.ports) },
  },
  ports: WB_PORTS,
  remap: { register: SYSCFG_MEMRMP.register, mask: 7, value: 1 },
  resetHz: 4_000_000,
  source: 'RM0434 §2.4, §6.6, §8.4, §9.2',
};

const FLASH = 0x4002_2000;
const trustZone = (register: string, mask: number): BlockFacts => ({
  peripheral: 'FLASH',
  register,
  mask,
  value: mask,
  why: 'TZEN = 1: the bootloader of a chip with TrustZone on is not reached by a jump from non-secure code',
});

export const L5: FamilyFacts = {
  core: 'cortex-m33',
  header: 'stm32l5xx',
  registers: {
    peripherals: { RCC: peripheral(0x4002_1000, RCC_L4_G4), FLASH: peripheral(FLASH, { OPTR: 0x40 }) },
    bits: portEnables(L5_PORTS.enableBit, L5_PORTS.ports),
  },
  ports: L5_PORTS,
  resetHz: 4_000_000,
  blocks: [trustZone('OPTR', 0x8000_0000)],
  source: 'RM0438 §2.5, §6.9.8, §9.8, §11.6',
};

/** @param rcc base of RCC: 0x46020C00 on U5, 0x40030C00 on U3 */
export function u5(
  header: string,
  rcc: number,
  facts: Pick<FamilyFacts, 'resetHz' | 'source' | 'guesses'>,
): FamilyFacts {
  const u5Ports = ports(0x4202_0000, 'AHB2ENR1', 'ABCDEFGHI');
  return {
    core: 'cortex-m33',
    header,
    registers: {
      peripherals: { RCC: peripheral(rcc, { CR: 0x00, AHB2ENR1: 0x8c }), FLASH: peripheral(FLASH, { OPTR: 0x40 }) },
      bits: portEnables(u5Ports.enableBit, u5Ports.ports),
    },
    ports: u5Ports,
    blocks: [trustZone('OPTR', 0x8000_0000)],
    ...facts,
  };
}

const H5_PORTS = ports(0x4202_0000, 'AHB2ENR', 'ABCDEFGHI');

/** PRODUCT_STATE, bits 15–8 of FLASH_OPTSR_CUR, must be Open, 0xED (RM0481 §7.4). */
export const H5: FamilyFacts = {
  core: 'cortex-m33',
  header: 'stm32h5xx',
  registers: {
    peripherals: {
      RCC: peripheral(0x4402_0c00, { CR: 0x00, CFGR1: 0x1c, AHB2ENR: 0x8c }),
      FLASH: peripheral(FLASH, { OPTSR_CUR: 0x50 }),
    },
    bits: portEnables(H5_PORTS.enableBit, H5_PORTS.ports),
  },
  ports: H5_PORTS,
  resetHz: 32_000_000,
  blocks: [
    {
      peripheral: 'FLASH',
      register: 'OPTSR_CUR',
      mask: 0xff00,
      value: 0xed00,
      unless: true,
      why: 'PRODUCT_STATE is not Open: the bootloader serves an open product only',
    },
  ],
  source: 'RM0481 §2.4, §7.4, §11.8, §13.4; RM0492',
};

/** GPIO and RCC of STM32C5 stand in no source that we have: only a request can start the bootloader. */
export const C5: FamilyFacts = {
  core: 'cortex-m33',
  header: 'stm32c5xx',
  registers: { peripherals: {}, bits: {} },
  resetHz: 144_000_000,
  source: 'AN2606 (STM32C5): vector table of the bootloader at 0x0BF80080',
  guesses: ['no option keeps the jump from working, as on other M33 parts without TrustZone'],
};
