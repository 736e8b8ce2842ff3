/** Reads option bytes by the registers of the flash interface, as the ROM bootloader of the chip would show them. It changes nothing. */
import {
  type Chip,
  decodeOptionBytes,
  isOpen,
  type OptionAccess,
  type OptionLayout,
  optionAccessOf,
  optionBlockBytes,
  optionLayoutOf,
} from '@sureflash/chips';
import { readWord } from '../cortex/debug-access.ts';
import type { DebugProbe } from './debug-probe.ts';
import { isOptionMemory } from './option-memory.ts';
import { putOptionUnit } from './option-units.ts';

/** What the table of a chip says of its option bytes. */
export interface OptionFacts {
  readonly layout: OptionLayout;
  readonly access: OptionAccess;
}

/** @returns `undefined` where nothing known here reaches them */
export function optionFactsOf(chip: Chip): OptionFacts | undefined {
  const [layout, access] = [optionLayoutOf(chip), optionAccessOf(chip)];
  return layout && access && { layout, access };
}

/** @returns a whole block; what no field is about reads as 0 */
export async function readOptionBlock(probe: DebugProbe, facts: OptionFacts, block: number): Promise<Uint8Array> {
  const { layout, access } = facts;
  const length = optionBlockBytes(layout, block);
  if (isOptionMemory(access)) return await probe.readMemory(layout.blocks[block] ?? 0, length, { width: 4 });
  const bytes = new Uint8Array(length);
  const read = new Map<number, number>();
  for (const place of access.places.filter((each) => each.block === block)) {
    const word = read.get(place.register) ?? (await readOptionRegister(probe, facts, place.register));
    read.set(place.register, word);
    putOptionUnit(layout, bytes, place, word);
  }
  return bytes;
}

/** @returns all blocks in their order */
export async function readOptionBlocks(probe: DebugProbe, facts: OptionFacts): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for (const block of facts.layout.blocks.keys()) blocks.push(await readOptionBlock(probe, facts, block));
  return blocks;
}

/** @returns a register without the bits that lock and start */
export async function readOptionRegister(
  probe: DebugProbe,
  { access }: OptionFacts,
  register: number,
): Promise<number> {
  const word = await readWord(probe, register);
  const others = register === access.start.register ? access.lock.bits | access.start.bits : 0;
  return (word & ~others) >>> 0;
}

/** @returns whether the option bytes leave the flash open to reads; `undefined` where they do not tell */
export async function optionsLeaveOpen(probe: DebugProbe, facts: OptionFacts): Promise<boolean | undefined> {
  const { layout } = facts;
  const field = layout.fields.find(({ name }) => name === layout.readProtection.field);
  if (!field) return undefined;
  const blocks: (Uint8Array | undefined)[] = layout.blocks.map(() => undefined);
  blocks[field.block] = await readOptionBlock(probe, facts, field.block);
  return isOpen(layout, decodeOptionBytes(layout, blocks));
}
