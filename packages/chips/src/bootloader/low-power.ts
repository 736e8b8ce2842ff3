/** L1, L4, G0, G4: families whose RCC user code can bring back to its state after a reset (their reference manuals). */
import type { ClockFacts, FamilyFacts, PortFacts, RemapFacts } from './entry.ts';
import { bits, peripheral, portBits, portEnables, RCC_G0_C0, RCC_L4_G4 } from './registers.ts';

const RCC_BASE = 0x4002_1000;
const SYSCFG_BASE = 0x4001_0000;
const ALL = 0xffff_ffff;

export const SYSCFG_MEMRMP: RemapFacts = {
  register: 'MEMRMP',
  mask: 7,
  value: 1,
  clock: { register: 'APB2ENR', bit: 'RCC_APB2ENR_SYSCFGEN' },
};

const L1_PORTS: PortFacts = {
  kind: 'moder',
  base: 0x4002_0000,
  step: 0x400,
  enableRegister: 'AHBENR',
  enableBit: 'RCC_AHBENR_GPIO*EN',
  ports: { A: 0, B: 1, C: 2, D: 3, E: 4, H: 5, F: 6, G: 7 },
  places: { A: 0, B: 1, C: 2, D: 3, E: 4, H: 5, F: 6, G: 7 },
};

const L1_CR = { HSION: 0, MSION: 8, MSIRDY: 9, HSEON: 16, HSEBYP: 18, PLLON: 24, PLLRDY: 25, CSSON: 28 };

export const L1: FamilyFacts = {
  core: 'cortex-m3',
  header: 'stm32l1xx',
  registers: {
    peripherals: {
      RCC: peripheral(0x4002_3800, {
        CR: 0x00,
        ICSCR: 0x04,
        CFGR: 0x08,
        CIR: 0x0c,
        AHBRSTR: 0x10,
        APB2RSTR: 0x14,
        APB1RSTR: 0x18,
        AHBENR: 0x1c,
        APB2ENR: 0x20,
        APB1ENR: 0x24,
        CSR: 0x34,
      }),
      SYSCFG: peripheral(SYSCFG_BASE, { MEMRMP: 0x00 }),
    },
    bits: {
      ...bits('RCC_CR_', L1_CR),
      RCC_CFGR_SWS: 0x0c,
      RCC_APB2ENR_SYSCFGEN: 1,
      SYSCFG_MEMRMP_MEM_MODE: 3,
      ...portEnables(L1_PORTS.enableBit, L1_PORTS.ports),
    },
  },
  ports: L1_PORTS,
  remap: { ...SYSCFG_MEMRMP, mask: 3 },
  clocks: {
    start: ['RCC_CR_MSION', 'RCC_CR_MSIRDY'],
    // MSI range 5, 2.097 MHz; the trimming bits stay.
    before: [{ register: 'ICSCR', clear: 0xe000, set: 0xa000 }],
    select: { value: 0, status: 0 },
    stop: ['RCC_CR_PLLON', 'RCC_CR_CSSON', 'RCC_CR_HSEBYP', 'RCC_CR_HSEON', 'RCC_CR_HSION'],
    stopped: ['RCC_CR_PLLRDY'],
    pulse: [
      // FLITFRST, bit 15, would reset the interface that this code is fetched through.
      ['AHBRSTR', 0x0300_10ff],
      ['APB2RSTR', ALL],
      ['APB1RSTR', ALL],
    ],
    values: [
      ['CIR', 0x00ff_0000],
      ['AHBENR', 0x8000],
      ['APB2ENR', 0],
      ['APB1ENR', 0],
    ],
    // With the wait state prefetch, which is off after a reset.
    latencyMask: 0x3,
  },
  resetHz: 2_097_000,
  source: 'RM0038 §2.7, §6.3, §7.4, §8.5',
};

const ahb2Ports = (base: number, letters: string): PortFacts => ({
  kind: 'moder',
  base,
  step: 0x400,
  enableRegister: 'AHB2ENR',
  enableBit: 'RCC_AHB2ENR_GPIO*EN',
  ports: portBits(letters),
});
export const L5_PORTS = ahb2Ports(0x4202_0000, 'ABCDEFGH');
export const WB_PORTS = ahb2Ports(0x4800_0000, 'ABCDEH');
const L4_PORTS = ahb2Ports(0x4800_0000, 'ABCDEFGHI');
const G4_PORTS = ahb2Ports(0x4800_0000, 'ABCDEFG');

const CR_HIGH = { HSEON: 16, HSEBYP: 18, CSSON: 19, PLLON: 24, PLLRDY: 25 };
const SYSCFG_BITS = { RCC_APB2ENR_SYSCFGEN: 1, SYSCFG_MEMRMP_MEM_MODE: 7 };

/** What L4 and G4 share: FLASHRST, bit 8 of AHB1RSTR, stays alone, as the code runs from flash. */
const L4_G4_PULSE: ClockFacts['pulse'] = [
  ['AHB1RSTR', 0x0003_101f],
  ['AHB2RSTR', ALL],
  ['AHB3RSTR', ALL],
  ['APB1RSTR1', ALL],
  ['APB1RSTR2', ALL],
  ['APB2RSTR', ALL],
];

export const L4: FamilyFacts = {
  core: 'cortex-m4',
  header: 'stm32l4xx',
  registers: {
    peripherals: {
      RCC: peripheral(RCC_BASE, { ...RCC_L4_G4, PLLSAI1CFGR: 0x10, PLLSAI2CFGR: 0x14 }),
      SYSCFG: peripheral(SYSCFG_BASE, { MEMRMP: 0x00 }),
    },
    bits: {
      ...bits('RCC_CR_', {
        ...CR_HIGH,
        MSION: 0,
        MSIRDY: 1,
        MSIPLLEN: 2,
        HSION: 8,
        HSIKERON: 9,
        HSIASFS: 11,
        PLLSAI1ON: 26,
        PLLSAI2ON: 28,
      }),
      RCC_CFGR_SWS: 0x0c,
      ...SYSCFG_BITS,
      ...portEnables(L4_PORTS.enableBit, L4_PORTS.ports),
    },
  },
  ports: L4_PORTS,
  remap: SYSCFG_MEMRMP,
  clocks: {
    start: ['RCC_CR_MSION', 'RCC_CR_MSIRDY'],
    // MSI range 6, 4 MHz, where the application chose it in RCC_CR; MSIRGSEL, bit 3, only ever rises.
    before: [{ register: 'CR', clear: 0xf0, set: 0x60 }],
    select: { value: 0, status: 0 },
    stop: [
      'RCC_CR_PLLON',
      'RCC_CR_PLLSAI1ON',
      'RCC_CR_PLLSAI2ON',
      'RCC_CR_CSSON',
      'RCC_CR_HSEBYP',
      'RCC_CR_HSEON',
      'RCC_CR_HSION',
      'RCC_CR_HSIKERON',
      'RCC_CR_HSIASFS',
      'RCC_CR_MSIPLLEN',
    ],
    stopped: ['RCC_CR_PLLRDY'],
    pulse: L4_G4_PULSE,
    values: [
      ['PLLCFGR', 0x1000],
      ['PLLSAI1CFGR', 0x1000],
      ['PLLSAI2CFGR', 0x1000],
      ['CIER', 0],
      ['CICR', ALL],
      ['CCIPR', 0],
      ['AHB1ENR', 0x100],
      ['AHB2ENR', 0],
      ['AHB3ENR', 0],
      ['APB1ENR1', 0],
      ['APB1ENR2', 0],
      ['APB2ENR', 0],
    ],
    latencyMask: 0xf,
  },
  resetHz: 4_000_000,
  source: 'RM0351 §2.6, §6.4, §8.4, §9.2; RM0394, RM0432',
  guesses: ['PLLSAI2CFGR is written on parts without a second PLLSAI too, where it is reserved'],
};

export const G4: FamilyFacts = {
  core: 'cortex-m4',
  header: 'stm32g4xx',
  registers: {
    peripherals: { RCC: peripheral(RCC_BASE, RCC_L4_G4), SYSCFG: peripheral(SYSCFG_BASE, { MEMRMP: 0x00 }) },
    bits: {
      ...bits('RCC_CR_', { ...CR_HIGH, HSION: 8, HSIKERON: 9, HSIRDY: 10 }),
      RCC_CFGR_SWS: 0x0c,
      ...SYSCFG_BITS,
      ...portEnables(G4_PORTS.enableBit, G4_PORTS.ports),
    },
  },
  ports: G4_PORTS,
  remap: SYSCFG_MEMRMP,
  clocks: {
    start: ['RCC_CR_HSION', 'RCC_CR_HSIRDY'],
    select: { value: 0x1, status: 0x4 },
    stop: ['RCC_CR_PLLON', 'RCC_CR_CSSON', 'RCC_CR_HSEBYP', 'RCC_CR_HSEON', 'RCC_CR_HSIKERON'],
    stopped: ['RCC_CR_PLLRDY'],
    pulse: L4_G4_PULSE,
    values: [
      ['PLLCFGR', 0x1000],
      ['CIER', 0],
      ['CICR', ALL],
      ['CCIPR', 0],
      ['CRRCR', 0],
      ['AHB1ENR', 0x100],
      ['AHB2ENR', 0],
      ['AHB3ENR', 0],
      ['APB1ENR1', 0x400],
      ['APB1ENR2', 0],
      ['APB2ENR', 0],
    ],
    latencyMask: 0xf,
  },
  resetHz: 16_000_000,
  source: 'RM0440 §2.6, §7.4, §9.4, §10.2',
};

export const IOP_PORTS: PortFacts = {
  kind: 'moder',
  base: 0x5000_0000,
  step: 0x400,
  enableRegister: 'IOPENR',
  enableBit: 'RCC_IOPENR_GPIO*EN',
  ports: portBits('ABCDEF'),
};

export const SYSCFG_CFGR1: RemapFacts = {
  register: 'CFGR1',
  mask: 3,
  value: 1,
  clock: { register: 'APBENR2', bit: 'RCC_APBENR2_SYSCFGEN' },
};
export const SYSCFG_CFGR1_BITS = { RCC_APBENR2_SYSCFGEN: 1, SYSCFG_CFGR1_MEM_MODE: 3 };

export const G0: FamilyFacts = {
  core: 'cortex-m0plus',
  header: 'stm32g0xx',
  registers: {
    peripherals: { RCC: peripheral(RCC_BASE, RCC_G0_C0), SYSCFG: peripheral(SYSCFG_BASE, { CFGR1: 0x00 }) },
    bits: {
      ...bits('RCC_CR_', { ...CR_HIGH, HSION: 8, HSIKERON: 9, HSIRDY: 10, HSI48ON: 22 }),
      RCC_CFGR_SWS: 0x38,
      ...SYSCFG_CFGR1_BITS,
      ...portEnables(IOP_PORTS.enableBit, IOP_PORTS.ports),
    },
  },
  ports: IOP_PORTS,
  remap: SYSCFG_CFGR1,
  clocks: {
    start: ['RCC_CR_HSION', 'RCC_CR_HSIRDY'],
    // HSIDIV 1.
    before: [{ register: 'CR', clear: 0x3800, set: 0 }],
    select: { value: 0, status: 0 },
    stop: ['RCC_CR_PLLON', 'RCC_CR_CSSON', 'RCC_CR_HSEBYP', 'RCC_CR_HSEON', 'RCC_CR_HSIKERON', 'RCC_CR_HSI48ON'],
    stopped: ['RCC_CR_PLLRDY'],
    pulse: [
      ['IOPRSTR', 0x3f],
      ['AHBRSTR', 0x0005_1003],
      ['APBRSTR1', ALL],
      ['APBRSTR2', ALL],
    ],
    values: [
      ['PLLCFGR', 0x1000],
      ['CIER', 0],
      ['CICR', ALL],
      ['CCIPR', 0],
      ['IOPENR', 0],
      ['AHBENR', 0x100],
      ['APBENR1', 0],
      ['APBENR2', 0],
    ],
    latencyMask: 0x7,
  },
  resetHz: 16_000_000,
  source: 'RM0444 §2.5, §5.4, §7.4, §8.1',
};
