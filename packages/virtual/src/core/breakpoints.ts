/** The Flash Patch and Breakpoint unit, as breakpoints alone (ARMv7-M ARM, C1.11; ARMv6-M's BPU is a part of it). */

import type { Architecture } from './architecture.ts';
import { NotModelledError } from './faults.ts';
import type { Register } from './system-control.ts';

export interface Breakpoints {
  /** By offset from 0xE0002000. */
  readonly registers: ReadonlyMap<number, Register>;
  /** The addresses at which the core is to stop. */
  readonly addresses: ReadonlySet<number>;
}

/** @param changed called with the addresses that became or ceased to be breakpoints */
export function createBreakpoints(
  architecture: Architecture,
  changed: (addresses: Iterable<number>) => void,
): Breakpoints {
  const { breakpoints: count } = architecture;
  const wholeAddresses = architecture.core === 'm7' || architecture.version === 8;
  const comparators = new Uint32Array(count);
  const addresses = new Set<number>();
  let enabled = false;

  const update = (): void => {
    const before = [...addresses];
    addresses.clear();
    if (enabled) {
      for (const comparator of comparators)
        for (const address of addressesOf(comparator, wholeAddresses)) addresses.add(address);
    }
    changed(new Set([...before, ...addresses]));
  };
  const control = (wholeAddresses ? 1 << 28 : 0) | (count << 4);
  const registers = new Map<number, Register>([
    [
      0x000,
      {
        read: () => control | (enabled ? 1 : 0),
        write: (value) => {
          if ((value & 2) === 0) return;
          enabled = (value & 1) !== 0;
          update();
        },
      },
    ],
    [0x004, { read: () => 0, write: () => undefined }],
    [0xfb0, { read: () => 0, write: () => undefined }],
    [0xfb4, { read: () => 0, write: () => undefined }],
  ]);
  for (let index = 0; index < count; index += 1) {
    registers.set(0x008 + 4 * index, {
      read: () => comparators[index] ?? 0,
      write: (value) => {
        comparators[index] = value;
        update();
      },
    });
  }
  return { registers, addresses };
}

/** Version 1 has a word address and a choice of halves, and reaches the code region alone; version 2 has an address. */
function addressesOf(comparator: number, wholeAddresses: boolean): number[] {
  if ((comparator & 1) === 0) return [];
  if (wholeAddresses) return [(comparator & ~1) >>> 0];
  const word = comparator & 0x1fff_fffc;
  const replace = comparator >>> 30;
  if (replace === 0) throw new NotModelledError('a flash patch (FP_COMP.REPLACE of 0)', word);
  return [...(replace & 1 ? [word] : []), ...(replace & 2 ? [word + 2] : [])];
}
