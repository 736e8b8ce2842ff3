/**
 * The microcontroller that stands for each row of the chip table in the tests of the bootloader jump: registers of its
 * family, memories of its own row in the virtual table. It knows nothing of the generated code.
 */
import type { Chip } from '@sureflash/chips';
import { type ChipFacts, microcontrollerChips, romRows } from '@sureflash/virtual';
import {
  CACHES,
  F0_F3_SWING,
  F1_SWING,
  F4_SWING,
  G0_SWING,
  H5_SWING,
  H7_SWING,
  hseSwing,
  L1_SWING,
  L4_SWING,
  U5_SWING,
  watchdog,
} from './full-swing.ts';

export interface JumpModel {
  readonly facts: ChipFacts;
  /** C statements that bring an application into full swing: clock from the PLL, DMA, a port, caches, watchdog. */
  readonly fullSwing: readonly string[];
  /** FLASH_ACR, which holds wait states and caches. */
  readonly accessControl: number;
}

const named = (name: string): ChipFacts => {
  const facts = microcontrollerChips.get(name);
  if (!facts) throw new Error(`no registers of ${name}`);
  return facts;
};

const ACR = { f1: 0x4002_2000, f4: 0x4002_3c00, h7: 0x5200_2000 } as const;
const model = (facts: ChipFacts, fullSwing: readonly string[], accessControl: number = ACR.f1): JumpModel => ({
  facts,
  fullSwing,
  accessControl,
});

/** The same RCC at another place, with registers at other offsets. */
function movedRcc({ rcc }: ChipFacts, start: number, offsets: Readonly<Record<string, number>> = {}): ChipFacts['rcc'] {
  const kept = rcc.registers.filter(([offset, name]) => name in offsets || !Object.values(offsets).includes(offset));
  return { ...rcc, start, registers: kept.map(([offset, name, reset = 0]) => [offsets[name] ?? offset, name, reset]) };
}

const F407 = named('STM32F407');
const G0B1 = named('STM32G0B1');
const L476 = named('STM32L476');
const U585 = named('STM32U585');
const H743 = named('STM32H743');

/** RM0490 §6.4: as G0, without the PLL. */
const C0 = { ...G0B1, name: 'STM32C071' };
/** RM0503 §5.4: enables of ports and of SYSCFG stand behind those of G0. */
const U0 = {
  ...G0B1,
  name: 'STM32U083',
  rcc: movedRcc(G0B1, 0x4002_1000, { IOPENR: 0x4c, APBENR2: 0x60, CCIPR: 0x88, BDCR: 0x90, CSR: 0x94 }),
};
/** RM0434 §8.4: RCC is at another place, and SYSCFG has no clock of its own. */
const WB = {
  ...L476,
  name: 'STM32WB55',
  rcc: movedRcc(L476, 0x5800_0000),
  plain: L476.plain.map(({ enable, ...facts }) => (facts.name === 'SYSCFG' || !enable ? facts : { ...facts, enable })),
};
/** RM0438 §9.8: RCC as on L4, ports and flash as on U5. */
const L5 = {
  ...U585,
  name: 'STM32L552',
  rcc: L476.rcc,
  ports: { ...U585.ports, letters: 'ABCDEFGH', enable: ['AHB2ENR', 0] as const },
  plain: L476.plain.filter(({ name }) => name !== 'DMA1'),
};
/** RM0487: taken as on U5, at another place. */
const U3 = { ...U585, name: 'STM32U385', rcc: movedRcc(U585, 0x4003_0c00) };
/** RM0455 §8.7, RM0477 §7.8: enables stand 0x60 behind those of H743. */
const H7A3 = {
  ...H743,
  name: 'STM32H7A3',
  romVectors: 0x1ff0_a000,
  rcc: movedRcc(H743, 0x5802_4400, { AHB4ENR: 0x140 }),
};
const H7S3 = {
  ...H7A3,
  name: 'STM32H7S3',
  systemMemory: [[0x1ff1_8000, 0x8000]] as const,
  romVectors: 0x1ff1_8000,
};
/** AN2606: the vector table stands 0x80 behind the start of system memory. Nothing else of its registers is known. */
const C5 = {
  ...named('STM32H563'),
  name: 'STM32C562',
  systemMemory: [[0x0bf8_0000, 0x8600]] as const,
  romVectors: 0x0bf8_0080,
};

const H7 = model(H743, H7_SWING, ACR.h7);

/** By family of the chip table; a row of its own where its registers differ. */
const JUMP_MODELS: Readonly<Record<string, JumpModel>> = {
  F0: model(named('STM32F072'), F0_F3_SWING),
  F1: model(named('STM32F105'), F1_SWING),
  F2: model({ ...F407, core: 'm3', rcc: withAhb1(F407, 0) }, F4_SWING, ACR.f4),
  F3: model(named('STM32F303'), F0_F3_SWING),
  F4: model({ ...named('STM32F446'), rcc: withAhb1(named('STM32F446'), 0) }, F4_SWING, ACR.f4),
  F7: model(named('STM32F767'), [CACHES, ...F4_SWING], ACR.f4),
  L1: model(named('STM32L152'), L1_SWING, ACR.f4),
  L4: model(L476, L4_SWING),
  'L4+': model(L476, L4_SWING),
  G0: model(G0B1, G0_SWING),
  G4: model(named('STM32G431'), L4_SWING),
  H5: model(named('STM32H563'), H5_SWING),
  H7,
  U5: model(U585, U5_SWING),
  C0: model(C0, hseSwing(0x4002_1000, 0x4002_1008, [1, 8, 0x38])),
  U0: model(U0, hseSwing(0x4002_1000, 0x4002_1008, [1, 8, 0x38])),
  WB: model(WB, hseSwing(0x5800_0000, 0x5800_0008, [2, 8, 0xc])),
  L5: model(L5, hseSwing(0x4002_1000, 0x4002_1008, [2, 8, 0xc])),
  U3: model(U3, [watchdog()]),
  C5: model(C5, [watchdog()]),
};
const APART: Readonly<Record<string, JumpModel>> = {
  stm32f405: model(F407, F4_SWING, ACR.f4),
  stm32f427: model(F407, F4_SWING, ACR.f4),
  stm32f469: model(F407, F4_SWING, ACR.f4),
  stm32h7a3: { ...H7, facts: H7A3, fullSwing: [watchdog(0x5800_4800), CACHES] },
  stm32h7s3: { ...H7, facts: H7S3, fullSwing: [watchdog(0x5800_4800), CACHES] },
};

/** RCC_AHB1ENR after a reset: only with CCM RAM is bit 20 set (RM0090 §7.3.10). */
function withAhb1({ rcc }: ChipFacts, reset: number): ChipFacts['rcc'] {
  return {
    ...rcc,
    registers: rcc.registers.map((each) => (each[1] === 'AHB1ENR' ? ([each[0], 'AHB1ENR', reset] as const) : each)),
  };
}

/**
 * @returns the microcontroller of a row: RAM and system memory are its own, by the virtual table; the ROM's vectors stand
 * as far behind the start of system memory as in its family. @throws Error where there is none
 */
export function jumpModelOf({ id, family, names, devId }: Chip): JumpModel {
  const found = APART[id] ?? JUMP_MODELS[family];
  const rows = romRows.filter(({ profile }) => profile.devId === devId);
  const row = rows.find(({ name }) => names.includes(name)) ?? rows[0];
  if (!found || !row) throw new Error(`no model of ${id}`);
  const { facts } = found;
  const [own] = row.profile.systemMemory;
  const [base] = facts.systemMemory;
  if (!own || !base) throw new Error(`no system memory of ${id}`);
  const romVectors = facts.romVectors - base[0] + own.start;
  return {
    ...found,
    facts: {
      ...facts,
      ram: row.profile.ram.map(({ start, bytes }) => [start, bytes] as const),
      systemMemory: row.profile.systemMemory.map(({ start, bytes }) => [start, Math.floor(bytes / 4) * 4] as const),
      romVectors,
      romStack: 0x2000_0800,
      boot: (inputs) => bootOf(facts, inputs, romVectors),
    },
  };
}

/** Where a chip of the family starts, with the vectors of this row. */
function bootOf(
  facts: ChipFacts,
  inputs: Parameters<ChipFacts['boot']>[0],
  romVectors: number,
): ReturnType<ChipFacts['boot']> {
  const where = facts.boot(inputs);
  return where === facts.romVectors ? romVectors : where;
}
