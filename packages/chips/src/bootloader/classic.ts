/** Families whose RCC user code can bring back to its state after a reset: F0, F1, F2, F3, F4 (their reference manuals). */
import type { ClockFacts, DmaFacts, FamilyFacts, PortFacts } from './entry.ts';
import { bits, peripheral, portBits, portEnables, RCC_F0_F1_F3, RCC_F2_F4_F7 } from './registers.ts';

const RCC_BASE = 0x4002_1000;
const ALL = 0xffff_ffff;

/** RM0008 §13.4: five and seven channels; no bit of RCC_AHBRSTR resets them. */
const dma = (name: string, base: number, channels: number, bit: string): DmaFacts => ({
  name,
  base,
  channels,
  clock: { register: 'AHBENR', bit: `RCC_AHBENR_${bit}` },
});
const DMA1 = dma('DMA1', 0x4002_0000, 7, 'DMA1EN');
const DMA2 = dma('DMA2', 0x4002_0400, 5, 'DMA2EN');

/** RCC_CR of F0, F1, F3 and F4. */
const CR = { HSION: 0, HSIRDY: 1, HSEON: 16, HSEBYP: 18, CSSON: 19, PLLON: 24, PLLRDY: 25 };
const CLOCK_BITS = { ...bits('RCC_CR_', CR), RCC_CFGR_SWS: 0x0c };

const HSI: Pick<ClockFacts, 'start' | 'select'> = {
  start: ['RCC_CR_HSION', 'RCC_CR_HSIRDY'],
  select: { value: 0, status: 0 },
};
const STOP = ['RCC_CR_PLLON', 'RCC_CR_CSSON', 'RCC_CR_HSEBYP', 'RCC_CR_HSEON'];

const F1_PORTS: PortFacts = {
  kind: 'crl',
  base: 0x4001_0800,
  step: 0x400,
  enableRegister: 'APB2ENR',
  enableBit: 'RCC_APB2ENR_IOP*EN',
  ports: portBits('ABCDE', 2),
};

const ahbPorts = (letters: string): PortFacts => ({
  kind: 'moder',
  base: 0x4800_0000,
  step: 0x400,
  enableRegister: 'AHBENR',
  enableBit: 'RCC_AHBENR_GPIO*EN',
  ports: portBits(letters, 17),
});

/** Connectivity line: PLL2 and PLL3 beside the others (RM0008 §8.3). */
export const F1: FamilyFacts = {
  core: 'cortex-m3',
  header: 'stm32f1xx',
  registers: {
    peripherals: { RCC: peripheral(RCC_BASE, RCC_F0_F1_F3) },
    bits: {
      ...CLOCK_BITS,
      ...bits('RCC_CR_', { PLL2ON: 26, PLL2RDY: 27, PLL3ON: 28, PLL3RDY: 29 }),
      ...bits('RCC_AHBENR_', { DMA1EN: 0, DMA2EN: 1 }),
      ...portEnables(F1_PORTS.enableBit, F1_PORTS.ports),
    },
  },
  ports: F1_PORTS,
  clocks: {
    ...HSI,
    stop: [...STOP, 'RCC_CR_PLL2ON', 'RCC_CR_PLL3ON'],
    stopped: ['RCC_CR_PLLRDY', 'RCC_CR_PLL2RDY', 'RCC_CR_PLL3RDY'],
    pulse: [
      ['AHBRSTR', 0x0000_5000],
      ['APB2RSTR', ALL],
      ['APB1RSTR', ALL],
    ],
    values: [
      ['CFGR2', 0],
      ['CIR', 0x00ff_0000],
      ['AHBENR', 0x14],
      ['APB2ENR', 0],
      ['APB1ENR', 0],
    ],
    latencyMask: 0x7,
    dma: [DMA1, DMA2],
  },
  resetHz: 8_000_000,
  source: 'RM0008 §3.4, §8.3, §9.2, §13.4; AN2606 (STM32F105xx/107xx): the bootloader sets VTOR itself',
};

const F0_PORTS = ahbPorts('ABCDEF');

export const F0: FamilyFacts = {
  core: 'cortex-m0',
  header: 'stm32f0xx',
  registers: {
    peripherals: {
      RCC: peripheral(RCC_BASE, { ...RCC_F0_F1_F3, CFGR3: 0x30, CR2: 0x34 }),
      SYSCFG: peripheral(0x4001_0000, { CFGR1: 0x00 }),
    },
    bits: {
      ...CLOCK_BITS,
      RCC_AHBENR_DMA1EN: 1,
      RCC_APB2ENR_SYSCFGCOMPEN: 1,
      SYSCFG_CFGR1_MEM_MODE: 3,
      ...portEnables(F0_PORTS.enableBit, F0_PORTS.ports),
    },
  },
  ports: F0_PORTS,
  remap: {
    register: 'CFGR1',
    mask: 3,
    value: 1,
    clock: { register: 'APB2ENR', bit: 'RCC_APB2ENR_SYSCFGCOMPEN' },
  },
  clocks: {
    ...HSI,
    stop: STOP,
    stopped: ['RCC_CR_PLLRDY'],
    pulse: [
      ['AHBRSTR', 0x017e_0000],
      ['APB2RSTR', ALL],
      ['APB1RSTR', ALL],
    ],
    values: [
      ['CFGR2', 0],
      ['CFGR3', 0],
      ['CR2', 0x80],
      ['CIR', 0x00ff_0000],
      ['AHBENR', 0x14],
      ['APB2ENR', 0],
      ['APB1ENR', 0],
    ],
    latencyMask: 0x7,
    dma: [DMA1],
  },
  resetHz: 8_000_000,
  source: 'RM0091 §2.5, §6.4, §9.1.1, §10.4',
};

const F3_PORTS = ahbPorts('ABCDEF');

export const F3: FamilyFacts = {
  core: 'cortex-m4',
  header: 'stm32f3xx',
  registers: {
    peripherals: {
      RCC: peripheral(RCC_BASE, { ...RCC_F0_F1_F3, CFGR3: 0x30 }),
      SYSCFG: peripheral(0x4001_0000, { CFGR1: 0x00 }),
    },
    bits: {
      ...CLOCK_BITS,
      ...bits('RCC_AHBENR_', { DMA1EN: 0, DMA2EN: 1 }),
      RCC_APB2ENR_SYSCFGEN: 1,
      SYSCFG_CFGR1_MEM_MODE: 3,
      ...portEnables(F3_PORTS.enableBit, F3_PORTS.ports),
    },
  },
  ports: F3_PORTS,
  remap: { register: 'CFGR1', mask: 3, value: 1, clock: { register: 'APB2ENR', bit: 'RCC_APB2ENR_SYSCFGEN' } },
  clocks: {
    ...HSI,
    stop: STOP,
    stopped: ['RCC_CR_PLLRDY'],
    pulse: [
      ['AHBRSTR', 0x31fe_0000],
      ['APB2RSTR', ALL],
      ['APB1RSTR', ALL],
    ],
    values: [
      ['CFGR2', 0],
      ['CFGR3', 0],
      ['CIR', 0x00ff_0000],
      ['AHBENR', 0x14],
      ['APB2ENR', 0],
      ['APB1ENR', 0],
    ],
    latencyMask: 0x7,
    dma: [DMA1, DMA2],
  },
  resetHz: 8_000_000,
  source: 'RM0316 §2.6, §9.4, §12.1.1, §13.5; RM0313 for F373',
};

const F4_PORTS: PortFacts = {
  kind: 'moder',
  base: 0x4002_0000,
  step: 0x400,
  enableRegister: 'AHB1ENR',
  enableBit: 'RCC_AHB1ENR_GPIO*EN',
  ports: portBits('ABCDEFGHI'),
};

/** @param ahb1 RCC_AHB1ENR after a reset: bit 20 keeps the clock of CCM RAM on where there is one */
export function f2f4(header: string, core: 'cortex-m3' | 'cortex-m4', ahb1: number, source: string): FamilyFacts {
  return {
    core,
    header,
    registers: {
      peripherals: {
        RCC: peripheral(0x4002_3800, RCC_F2_F4_F7),
        SYSCFG: peripheral(0x4001_3800, { MEMRMP: 0x00 }),
      },
      bits: {
        ...CLOCK_BITS,
        ...bits('RCC_CR_', { PLLI2SON: 26, PLLI2SRDY: 27, PLLSAION: 28 }),
        RCC_APB2ENR_SYSCFGEN: 0x4000,
        SYSCFG_MEMRMP_MEM_MODE: 3,
        ...portEnables(F4_PORTS.enableBit, F4_PORTS.ports),
      },
    },
    ports: F4_PORTS,
    remap: { register: 'MEMRMP', mask: 3, value: 1, clock: { register: 'APB2ENR', bit: 'RCC_APB2ENR_SYSCFGEN' } },
    clocks: {
      ...HSI,
      // A part without PLLSAI has a reserved bit there, which stays 0.
      stop: [...STOP, 'RCC_CR_PLLI2SON', 'RCC_CR_PLLSAION'],
      stopped: ['RCC_CR_PLLRDY'],
      pulse: [
        ['AHB1RSTR', 0x22e0_17ff],
        ['AHB2RSTR', 0x0000_00f1],
        ['AHB3RSTR', 0x0000_0003],
        ['APB1RSTR', ALL],
        ['APB2RSTR', ALL],
      ],
      values: [
        ['PLLCFGR', 0x2400_3010],
        ['CIR', 0x00ff_0000],
        ['AHB1ENR', ahb1],
        ['AHB2ENR', 0],
        ['AHB3ENR', 0],
        ['APB1ENR', 0],
        ['APB2ENR', 0],
      ],
      // With the wait states prefetch and both caches, which are off after a reset.
      latencyMask: 0x70f,
    },
    resetHz: 16_000_000,
    source,
  };
}
