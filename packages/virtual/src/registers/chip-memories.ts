/** A chip's RAM and system memory as regions: noise at power-on, and a ROM that is undefined but for its entry. */

import type { MemoryMap, Region } from '../core/index.ts';
import { randomBytes } from '../random.ts';
import type { ChipFacts } from './chip.ts';
import { createPeripheral, plain } from './peripheral.ts';

/** From the ROM's vector table to its first instruction: behind a table of 128 words. */
const STUB_OFFSET = 0x200;
/** NOP, where the trap is, and B to itself. */
const STUB = [0xbf00, 0xe7fe];

export function memoryDevicesOf(chip: ChipFacts, seed: number): Region[] {
  const ram = chip.ram.map(([start, length]) => ({
    name: `RAM at 0x${start.toString(16)}`,
    start,
    length,
    bytes: randomBytes(seed + start, length),
    writable: true,
  }));
  const system = chip.systemMemory.map((extent) => systemRegion(chip, extent));
  const alias = systemAlias(chip);
  const first = system[0];
  if (alias === undefined || !first) return [...ram, ...system];
  return [...ram, ...system, { ...first, name: `system memory at 0x${alias.toString(16)}`, start: alias }];
}

/** RAM and peripherals under the names that they have for the secure world: bit 28 is set (RM0438 §2.3, RM0456 §2.3, RM0481 §2.3). */
export function secureNames({ ram }: ChipFacts, bus: MemoryMap, peripherals: readonly Region[]): Region[] {
  const rams = ram.flatMap(([start]) => bus.at(start)?.region ?? []);
  return [...rams, ...peripherals]
    .filter(({ start }) => start >= FIRST_RAM && start < PERIPHERALS_END)
    .map((region) => ({ ...region, name: `secure ${region.name}`, start: region.start + SECURE }));
}
const SECURE = 0x1000_0000;
const FIRST_RAM = 0x2000_0000;
const PERIPHERALS_END = 0x5000_0000;

/** Where else the system memory can be seen. */
export function systemAlias(chip: ChipFacts): number | undefined {
  return chip.aliases?.find(({ of }) => of === 'system')?.at;
}

/** The first instruction of the stub, at every place at which it can be reached. */
export function stubsOf(chip: ChipFacts): number[] {
  const alias = systemAlias(chip);
  const stub = chip.romVectors + STUB_OFFSET;
  return alias === undefined ? [stub] : [stub, alias + STUB_OFFSET];
}

/** Undefined instructions all over, but for the vector table and the stub. */
function systemRegion({ romVectors, romStack }: ChipFacts, [start, length]: readonly [number, number]): Region {
  const halves = new Uint16Array(length / 2).fill(0xdeff);
  const at = (romVectors - start) >>> 1;
  if (at >= 0 && at < halves.length) {
    const words = [romStack, (romVectors + STUB_OFFSET) | 1];
    words.forEach((word, index) => {
      halves[at + 2 * index] = word & 0xffff;
      halves[at + 2 * index + 1] = word >>> 16;
    });
    halves.set(STUB, at + STUB_OFFSET / 2);
  }
  return { name: `system memory at 0x${start.toString(16)}`, start, length, bytes: new Uint8Array(halves.buffer) };
}

/** Registers that only keep what they are told. */
export function inertRegion(name: string, start: number, length: number): Region {
  const words = Array.from({ length: length / 4 }, (_, index) => [4 * index, `${name} ${4 * index}`] as const);
  return createPeripheral({ name, start, length, registers: plain(words) }).region;
}
