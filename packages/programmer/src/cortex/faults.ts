/** Fault status registers in words (ARMv7-M B3.2.15 to B3.2.17; ARMv6-M has none of them and reads as 0). Pure. */

type FlagRow = readonly [bit: number, words: string];

const CFSR_FLAGS: readonly FlagRow[] = [
  [0, 'an instruction was fetched where none may be executed'],
  [1, 'data was accessed where the memory protection forbids it'],
  [3, 'memory protection, while returning from an exception'],
  [4, 'memory protection, while entering an exception'],
  [8, 'the bus refused an instruction fetch'],
  [9, 'the bus refused an access'],
  [10, 'the bus refused an earlier write'],
  [11, 'the bus refused, while returning from an exception'],
  [12, 'the bus refused, while entering an exception'],
  [16, 'an instruction that does not exist'],
  [17, 'not Thumb code'],
  [18, 'a wrong return from an exception'],
  [19, 'an instruction of a coprocessor that is off'],
  [24, 'an unaligned access'],
  [25, 'a division by zero'],
];

const HFSR_FLAGS: readonly FlagRow[] = [
  [1, 'the bus refused the vector table'],
  [30, 'a fault that no handler takes'],
];

export interface FaultStatus {
  readonly cfsr: number;
  readonly hfsr: number;
}

/** @returns each fault that the registers name, as a clause; empty where they name none */
export function faultWords({ cfsr, hfsr }: FaultStatus): string[] {
  const named = (value: number, rows: readonly FlagRow[]): string[] =>
    rows.filter(([bit]) => ((value >>> bit) & 1) === 1).map(([, words]) => words);
  return [...named(cfsr, CFSR_FLAGS), ...named(hfsr, HFSR_FLAGS)];
}
