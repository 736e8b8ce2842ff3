/** Where bytes are put in a chip's memories, where a program starts, and where it is now. It runs nothing. */

import type { Core } from '../core/index.ts';
import type { Flash } from '../flash/flash.ts';
import type { ChipFacts, Target } from './chip.ts';

/** Where a program is, or why it is nowhere. */
export type Landing = 'flash' | 'system memory' | 'ram' | 'locked up' | 'elsewhere';

/** @throws RangeError where there is no flash */
export function loadInto(flash: Flash, address: number, bytes: Uint8Array): void {
  let placed = 0;
  for (const memory of flash.memories) {
    const from = Math.max(address, memory.start);
    const to = Math.min(address + bytes.length, memory.start + memory.bytes.length);
    if (from >= to) continue;
    flash.load(from, bytes.subarray(from - address, to - address));
    placed += to - from;
  }
  if (placed !== bytes.length) throw new RangeError(`no flash at 0x${address.toString(16)} for ${bytes.length} bytes`);
}

export function startOf(chip: ChipFacts, target: Target): number {
  if (target === 'system') return chip.romVectors;
  return (target === 'flash' ? chip.cells.regions[0]?.start : chip.ram[0]?.[0]) ?? 0;
}

export function landingOf(chip: ChipFacts, core: Core): Landing {
  if (core.state === 'locked up') return 'locked up';
  const pc = core.registers.read('pc');
  const within = ([start, length]: readonly [number, number]) => pc >= start && pc < start + length;
  if (chip.systemMemory.some(within)) return 'system memory';
  if (chip.ram.some(within)) return 'ram';
  const name = core.bus.at(pc)?.region.name ?? '';
  return name.startsWith('flash') ? 'flash' : 'elsewhere';
}
