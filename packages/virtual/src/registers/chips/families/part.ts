/** A part of a family by its sizes, and what the models of families share: a clock that nobody switches, banks, write protection. */

import type { AddressExtent, ChipFacts } from '../../chip.ts';
import type { RccSpec } from '../../rcc.ts';
import { banks, type Silicon } from '../cells.ts';

/** What differs between two chips of a family; who asks for a chip states it. */
export interface PartFacts {
  readonly name: string;
  /** Bits 11–0 of DBGMCU_IDCODE. */
  readonly devId: number;
  /** Runs of `[sectors, bytes]` of each bank, one behind the other from 0x08000000 on. */
  readonly banks: readonly (readonly (readonly [count: number, bytes: number])[])[];
  /** The first is at 0x20000000. */
  readonly ram: readonly AddressExtent[];
  readonly flashSizeAt: number;
  readonly uidAt: number;
  /** Of data EEPROM (L0, L1). */
  readonly eepromBytes?: number;
}

/** Which sectors option bytes protect, by their index. */
export type ProtectedSectors = NonNullable<ChipFacts['protectedSectors']>;

/** A family of chips down to the registers of its flash. */
export type FamilyModel = (part: PartFacts) => ChipFacts;

const REVISION = 0x1000_6000;

/** What a part brings of its own. */
export function ownFacts({ name, devId, ram, flashSizeAt, uidAt }: PartFacts, dbgmcu: number) {
  return { name, ram, flashSizeAt, uidAt, dbgmcu: { start: dbgmcu, idcode: (REVISION | devId) >>> 0 } } as const;
}

/** The cells of a part; a sector size that nobody states a time for takes as long as the smallest that is stated. */
export function cellsOf({ banks: each }: PartFacts, silicon: Silicon): ChipFacts['cells'] {
  const [usual = 0] = Object.values(silicon.eraseMs);
  const sizes = each.flat().map(([, bytes]) => [bytes, silicon.eraseMs[bytes] ?? usual] as const);
  return banks({ ...silicon, eraseMs: Object.fromEntries(sizes) }, ...each);
}

export function sectorsIn(bank: PartFacts['banks'][number] | undefined): number {
  return (bank ?? []).reduce((sum, [count]) => sum + count, 0);
}

/** Selects bank 2 by a bit of the control register, where a part has one. */
export function secondBank({ banks: [first, second] }: PartFacts, bit: number) {
  return second ? { bank2: { bit, pages: sectorsIn(first) } } : {};
}

/** At least so many low bits as the pages of a bank need. */
export function pageMaskOf({ banks: [first] }: PartFacts): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, sectorsIn(first)))) - 1;
}

/**
 * A core on the clock of its reset. Registers of the RCC beyond the reset flags are not modelled: whoever touches one stops
 * the run.
 */
export function resetClock(start: number, hz: number, flagsAt: number): RccSpec {
  return {
    start,
    registers: [
      [0x00, 'CR'],
      [flagsAt, 'CSR'],
    ],
    ready: [],
    clockSwitch: { register: 'CR', mask: 0, shift: 0 },
    driving: () => [],
    clock: () => ({ source: 'the clock of its reset', hz }),
    flags: { register: 'CSR', clear: 23, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 25 },
    resets: [],
    backup: [],
  };
}

/** Ports with PA13 and PA14 given to the debug port, as a reset leaves them, and no gate in front of them. */
export const debugPorts = (start: number): ChipFacts['ports'] => ({
  letters: 'AB',
  start,
  enable: ['CR', 0],
  moder: { A: 0xabff_ffff },
  moderElsewhere: 0xffff_ffff,
  pupdr: { A: 0x2400_0000 },
});

/** What newer families have alike: no memory at 0, and a start in flash whatever the pins say. */
export const PLAIN_START = {
  aliasAtZero: false,
  boot: () => 'flash',
  plain: [],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
} as const satisfies Partial<ChipFacts>;

/** The sectors of the bits that are set, where each stands for `sectors` of them from `first` on. */
export function sectorsOfBits(bits: number, { sectors, first }: { readonly sectors: number; readonly first: number }) {
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => ((bits >>> bit) & 1) === 1)
    .flatMap((bit) => Array.from({ length: sectors }, (_, index) => first + bit * sectors + index));
}
