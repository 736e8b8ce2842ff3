/**
 * What a debugger meets at the Serial Wire pins of each chip: DPIDR, access ports, where the ROM table is. Values are
 * those that public sessions with these chips print; a guess is named. It knows no behaviour.
 */

import type { ChipFacts } from '../registers/index.ts';

/** One access port (ADIv5.2, C2). */
export interface AccessPortFacts {
  readonly number: number;
  readonly idr: number;
  /** BASE, with its format and presence bits. */
  readonly base: number;
  /** `core` reaches what the core reaches and its debug registers; `debug` reaches the debug units of the chip alone. */
  readonly reaches: 'core' | 'system' | 'debug';
  /** The debug units of the chip, as this port names them and as the core does. */
  readonly units?: { readonly atPort: number; readonly atCore: number; readonly bytes: number };
  /** It has the private bus of the core beside them. */
  readonly hasPrivateBus?: true;
  /** Bytes within which TAR counts (Cortex-M3 and M4 TRM: 4 KB; ADIv5 promises 1 KB). */
  readonly countsWithin: 1024 | 4096;
  /** Whether CSW.AddrInc can be packed (ADIv5.2, C2.2.7). */
  readonly packs: boolean;
}

export interface DebugFacts {
  readonly dpidr: number;
  readonly ports: readonly AccessPortFacts[];
  readonly romTable: number;
}

const ROM_TABLE = 0xe00f_f000;
const core = (idr: number, countsWithin: 1024 | 4096, packs: boolean): AccessPortFacts => ({
  number: 0,
  idr,
  base: 0xe00f_f003,
  reaches: 'core',
  countsWithin,
  packs,
});

/** By core. Packed transfers: Cortex-M3 and M4 TRM have them; M0's and M0+'s have not; M7's and M33's are a guess. */
const BY_CORE: Readonly<Record<ChipFacts['core'], DebugFacts>> = {
  m0: { dpidr: 0x0bb1_1477, ports: [core(0x0477_0021, 1024, false)], romTable: ROM_TABLE },
  'm0+': { dpidr: 0x0bc1_1477, ports: [core(0x0477_0031, 1024, false)], romTable: ROM_TABLE },
  m3: { dpidr: 0x1ba0_1477, ports: [core(0x1477_0011, 4096, true)], romTable: ROM_TABLE },
  m4: { dpidr: 0x2ba0_1477, ports: [core(0x2477_0011, 4096, true)], romTable: ROM_TABLE },
  m7: { dpidr: 0x5ba0_2477, ports: [core(0x7477_0001, 1024, true)], romTable: ROM_TABLE },
  m23: { dpidr: 0x0be1_2477, ports: [core(0x0477_0031, 1024, false)], romTable: ROM_TABLE },
  m33: { dpidr: 0x0be1_2477, ports: [core(0x1477_0015, 1024, true)], romTable: ROM_TABLE },
};

/** H742 and its like: the core, the AXI bus without the core, and the debug units of the chip on APB-D (RM0433). */
const H7_PORTS: DebugFacts = {
  dpidr: 0x6ba0_2477,
  romTable: 0xe00f_e000,
  ports: [
    { ...core(0x8477_0001, 1024, true), base: 0xe00f_e003 },
    { number: 1, idr: 0x8477_0001, base: 2, reaches: 'system', countsWithin: 1024, packs: true },
    {
      number: 2,
      idr: 0x5477_0002,
      base: 0xe00e_0003,
      reaches: 'debug',
      countsWithin: 1024,
      packs: false,
      units: { atPort: 0xe00e_0000, atCore: 0x5c00_0000, bytes: 0x1_0000 },
      hasPrivateBus: true,
    },
  ],
};

/**
 * H5 has its core behind port 1, and DBGMCU at 0xE0044000 behind port 0, which stays open when the other is locked (RM0481
 * §59.4, §59.12). U5 has its core behind port 0 (RM0456). C5 as H5: a guess, and so is the IDR of port 0.
 */
const H5_PORTS: DebugFacts = {
  ...BY_CORE.m33,
  dpidr: 0x6ba0_2477,
  ports: [
    {
      number: 0,
      idr: 0x5477_0002,
      base: 2,
      reaches: 'debug',
      countsWithin: 1024,
      packs: false,
      units: { atPort: 0xe004_4000, atCore: 0x4402_4000, bytes: 0x400 },
    },
    { ...core(0x8477_0001, 1024, true), number: 1 },
  ],
};

/** H7R and H7S have AXI behind port 0 and the core behind port 1 (OpenOCD's script for them); the debug units are the core's too. */
const H7RS_PORTS: DebugFacts = {
  ...H7_PORTS,
  ports: [
    { number: 0, idr: 0x8477_0001, base: 2, reaches: 'system', countsWithin: 1024, packs: true },
    { ...core(0x8477_0001, 1024, true), base: 0xe00f_e003, number: 1 },
  ],
};

/** WB and WL have the debug port of H7 before an M4 (OpenOCD's scripts for them). */
const W_PORTS: DebugFacts = { ...BY_CORE.m4, dpidr: 0x6ba0_2477 };

/** F2 and L1 have the debug port of an M4 before their M3 (OpenOCD's scripts for them). */
const OLD_M3_PORTS: DebugFacts = { ...BY_CORE.m3, dpidr: BY_CORE.m4.dpidr };

const BY_NAME = [
  [/^STM32(F2|L1)/, OLD_M3_PORTS],
  [/^STM32W(B[135]|L)/, W_PORTS],
  [/^STM32H7[RS]/, H7RS_PORTS],
  [/^STM32H7/, H7_PORTS],
  [/^STM32[HC]5/, H5_PORTS],
] as const;

export function debugFactsOf({ name, core }: ChipFacts): DebugFacts {
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? BY_CORE[core];
}
