/**
 * The option bytes of a chip behind a probe, read and changed by the registers of its flash interface, shown as its ROM bootloader
 * would show them. It plans nothing.
 */
import {
  type Chip,
  encodeOptionBytes,
  type OptionAccess,
  type OptionLayout,
  type OptionPlace,
  openOptionValues,
  optionAccessOf,
  optionBlockBytes,
  optionLayoutOf,
} from '@sureflash/chips';
import type { CortexCore } from '../cortex/core.ts';
import { readWord, writeWord } from '../cortex/debug-access.ts';
import { hasCode } from '../errors.ts';
import { untilIdle } from '../loaders/finish-operation.ts';
import { unlockFlash } from '../loaders/unlock.ts';
import type { Clock } from '../ports/clock.ts';
import type { Range, Region } from '../target/geometry.ts';
import { attach } from './attach.ts';
import type { DebugProbe } from './debug-probe.ts';
import type { FlashAccess } from './flash-access.ts';

export interface OptionRegistersParts {
  readonly probe: DebugProbe;
  readonly core: CortexCore;
  readonly clock: Clock;
  readonly flash: FlashAccess;
}

/** What the table of a chip says of its option bytes. */
interface OptionFacts {
  readonly layout: OptionLayout;
  readonly access: OptionAccess;
}

/** Taking read protection away erases everything: 32 s on an F4 with 2 MB at x8 (DS8626, table 40). */
const CHANGE = { name: 'change option bytes', stuckMs: 60_000, pollMs: 1 } as const;
/** CR of F0, F1 and F3 (PM0075 §3.5). */
const HALF_WORD_CR = { OPTPG: 1 << 4, OPTER: 1 << 5, STRT: 1 << 6, OPTWRE: 1 << 9 } as const;

/** @returns the option bytes as a memory of the chip; `undefined` where nothing known here reaches them */
export function optionRegionOf(chip: Chip): Region | undefined {
  const facts = optionFactsOf(chip);
  if (!facts) return undefined;
  const sectors = facts.layout.blocks.map((start, index) => {
    const end = start + optionBlockBytes(facts.layout, index);
    return { start, end, index, readable: true, erasable: false, writable: true };
  });
  const ends = sectors.map(({ end }) => end);
  const start = Math.min(...facts.layout.blocks);
  const sorted = sectors.sort((a, b) => a.start - b.start).map((sector, index) => ({ ...sector, index }));
  return {
    name: 'Option bytes',
    kind: 'option-bytes',
    start,
    end: Math.max(...ends),
    sectors: sorted,
    writeSize: 4,
    erasedValue: 0xff,
    cells: 'plain',
  };
}

/** Whether what is reached of one chip is reached of the other alike. */
export function hasOptionsOf(chip: Chip, other: Chip): boolean {
  const reached = (each: Chip): string => JSON.stringify([optionAccessOf(each), optionRegionOf(each)]);
  return reached(chip) === reached(other);
}

function optionFactsOf(chip: Chip): OptionFacts | undefined {
  const [layout, access] = [optionLayoutOf(chip), optionAccessOf(chip)];
  return layout && access && { layout, access };
}

/** Every method throws `probe/*`, `core/*`, `flash/stuck`. */
export class OptionRegisters {
  readonly #parts: OptionRegistersParts;
  readonly #facts: OptionFacts;

  constructor(parts: OptionRegistersParts, chip: Chip) {
    const facts = optionFactsOf(chip);
    if (!facts) throw new RangeError(`nothing known here reaches the option bytes of ${chip.id}`);
    this.#parts = parts;
    this.#facts = facts;
  }

  /** The bytes of a part of a block, as the ROM bootloader shows them; what no field is about reads as 0. */
  async read({ start, end }: Range): Promise<Uint8Array> {
    const block = this.#blockAt(start);
    const bytes = await this.#readBlock(block);
    const from = start - (this.#facts.layout.blocks[block] ?? 0);
    return bytes.slice(from, from + end - start);
  }

  /** Changes a whole block and loads it, by a reset; the core stands at its first instruction then. */
  async write(address: number, bytes: Uint8Array): Promise<void> {
    const { access } = this.#facts;
    await this.#unlock();
    if (access.kind === 'half-words') await this.#writeHalfWords(address, bytes);
    else await this.#writeRegisters(this.#blockAt(address), bytes);
    await this.#load();
  }

  /** Takes read protection away, and protection against writing with it. */
  async open(): Promise<void> {
    const { layout } = this.#facts;
    const read: Uint8Array[] = [];
    for (const block of layout.blocks.keys()) read.push(await this.#readBlock(block));
    const next = encodeOptionBytes(layout, read, openOptionValues(layout));
    const order = [...layout.blocks.keys()].sort((a, b) => b - a);
    for (const block of order) {
      const [address, bytes] = [layout.blocks[block], next[block]];
      if (address !== undefined && bytes) await this.write(address, bytes);
    }
  }

  #blockAt(address: number): number {
    const { layout } = this.#facts;
    return layout.blocks.findIndex((start, block) => {
      return address >= start && address < start + optionBlockBytes(layout, block);
    });
  }

  async #readBlock(block: number): Promise<Uint8Array> {
    const { layout, access } = this.#facts;
    const length = optionBlockBytes(layout, block);
    if (access.kind === 'half-words') {
      return await this.#parts.probe.readMemory(layout.blocks[block] ?? 0, length, { width: 4 });
    }
    const bytes = new Uint8Array(length);
    const read = new Map<number, number>();
    for (const place of access.places.filter((each) => each.block === block)) {
      const word = read.get(place.register) ?? (await this.#readRegister(place.register));
      read.set(place.register, word);
      putUnit(layout, bytes, place, word);
    }
    return bytes;
  }

  /** Without the bits that lock and start. */
  async #readRegister(register: number): Promise<number> {
    const { access } = this.#facts;
    const word = await readWord(this.#parts.probe, register);
    const others = register === access.start.register ? access.lock.bits | access.start.bits : 0;
    return (word & ~others) >>> 0;
  }

  async #unlock(): Promise<void> {
    const { probe, flash } = this.#parts;
    const { access } = this.#facts;
    await flash.stop();
    if (access.needsFlashKey) await unlockFlash(probe, flash.controller, flash.words);
    const isSet = ((await readWord(probe, access.lock.register)) & access.lock.bits) !== 0;
    if (isSet === (access.lock.isOpenBit ?? false)) return;
    for (const key of access.keys) await writeWord(probe, access.key, key);
  }

  async #writeRegisters(block: number, bytes: Uint8Array): Promise<void> {
    const { probe } = this.#parts;
    const { layout, access } = this.#facts;
    const wanted = new Map<number, number>();
    for (const place of access.places) {
      if (place.block !== block || place.shownOnly) continue;
      const before = wanted.get(place.register) ?? (await this.#readRegister(place.register));
      wanted.set(place.register, withUnit(layout, bytes, place, before));
    }
    for (const [register, value] of wanted) await writeWord(probe, register, value);
    const { register, bits } = access.start;
    await writeWord(probe, register, ((wanted.get(register) ?? 0) | bits) >>> 0);
    await this.#done(register);
  }

  async #writeHalfWords(address: number, bytes: Uint8Array): Promise<void> {
    const { probe } = this.#parts;
    const { register } = this.#facts.access.start;
    const { OPTPG, OPTER, STRT, OPTWRE } = HALF_WORD_CR;
    await writeWord(probe, register, OPTWRE | OPTER);
    await writeWord(probe, register, OPTWRE | OPTER | STRT);
    await this.#done(register);
    await writeWord(probe, register, OPTWRE | OPTPG);
    // Read protection stands first: without it the chip would close at the next reset.
    for (let at = 0; at + 1 < bytes.length; at += 2) {
      const unit = bytes.subarray(at, at + 2);
      if (unit.every((byte) => byte === 0xff)) continue;
      await probe.writeMemory(address + at, Uint8Array.of(unit[0] ?? 0xff, 0), { width: 2 });
      await this.#done(address + at);
    }
    await writeWord(probe, register, OPTWRE);
  }

  async #done(address: number): Promise<void> {
    const { probe, clock } = this.#parts;
    const { busy } = this.#facts.access;
    await untilIdle({ access: probe, clock }, busy, { ...CHANGE, address });
  }

  /** The chip takes over what was written. It may lose its debug connection with that. */
  async #load(): Promise<void> {
    const { probe, core } = this.#parts;
    const { launch } = this.#facts.access;
    await core.catchResets();
    try {
      if (launch) await writeWord(probe, launch.register, launch.bits | this.#launchKeeps());
      await core.resetAndHalt();
    } catch (error) {
      if (!hasCode(error, 'probe/refused', 'core/stuck')) throw error;
      await attach(probe, core, undefined);
    }
  }

  /** OPTWRE is written as it is: a 0 would lock before the launch. */
  #launchKeeps(): number {
    return this.#facts.access.kind === 'half-words' ? HALF_WORD_CR.OPTWRE : 0;
  }
}

/** Puts what a register holds into its unit, with the complement where the chip always has one. */
function putUnit(
  { unit, complement }: Pick<OptionLayout, 'unit' | 'complement'>,
  bytes: Uint8Array,
  { at, upper }: OptionPlace,
  word: number,
): void {
  const value = upper ? word >>> 16 : word;
  for (let i = 0; i < unit; i++) {
    const byte = (value >>> (8 * i)) & 0xff;
    bytes[at + i] = byte;
    if (complement === 'always') bytes[at + unit + i] = ~byte & 0xff;
  }
}

/** @returns the register with its unit as in `bytes` */
function withUnit(
  { unit }: Pick<OptionLayout, 'unit'>,
  bytes: Uint8Array,
  { at, upper }: OptionPlace,
  before: number,
): number {
  let value = 0;
  for (let i = 0; i < unit; i++) value |= (bytes[at + i] ?? 0) << (8 * i);
  if (unit === 4) return value >>> 0;
  return (upper ? (before & 0xffff) | (value << 16) : (before & 0xffff_0000) | value) >>> 0;
}
