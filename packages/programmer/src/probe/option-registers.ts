/**
 * The option bytes of a chip behind a probe, read and changed by the registers of its flash interface, shown as its ROM bootloader
 * would show them. It plans nothing.
 */
import {
  type Chip,
  decodeOptionBytes,
  encodeOptionBytes,
  openOptionValues,
  optionAccessOf,
  optionBlockBytes,
} from '@sureflash/chips';
import type { CortexCore } from '../cortex/core.ts';
import { readWord, writeWord } from '../cortex/debug-access.ts';
import { FlashError, hasCode } from '../errors.ts';
import { controllerWords } from '../loaders/controller-words.ts';
import { untilIdle } from '../loaders/finish-operation.ts';
import { unlockFlash } from '../loaders/unlock.ts';
import type { Clock } from '../ports/clock.ts';
import type { Range, Region } from '../target/geometry.ts';
import { attach } from './attach.ts';
import type { DebugProbe } from './debug-probe.ts';
import type { FlashAccess } from './flash-access.ts';
import { writeOptionHalfWords, writeOptionWords } from './option-memory.ts';
import {
  type OptionFacts,
  optionFactsOf,
  readOptionBlock,
  readOptionBlocks,
  readOptionRegister,
} from './option-reading.ts';
import { withOptionUnit } from './option-units.ts';

export interface OptionRegistersParts {
  readonly probe: DebugProbe;
  readonly core: CortexCore;
  readonly clock: Clock;
  readonly flash: FlashAccess;
}

/** Taking read protection away erases everything: 32 s on an F4 with 2 MB at x8 (DS8626, table 40). */
const CHANGE = { name: 'change option bytes', stuckMs: 60_000, pollMs: 1 } as const;

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

const HALF_OPEN =
  'at RDP level 0.5 its secure world opens over level 1 alone: set RDP to level 1, which closes all of it, and then remove that, which erases everything';
const RDP_HALF_OPEN = 0x55;

/** RM0438 §6.6.2, RM0456 §7.6.2: with TrustZone on, level 0.5 leads to level 1 and not to 0. */
function isHalfOpen(layout: OptionFacts['layout'], blocks: readonly Uint8Array[]): boolean {
  const values = new Map(decodeOptionBytes(layout, blocks).map(({ field, value }) => [field.name, value]));
  return values.get('TZEN') === 1 && values.get('RDP') === RDP_HALF_OPEN;
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
    const bytes = await readOptionBlock(this.#parts.probe, this.#facts, block);
    const from = start - (this.#facts.layout.blocks[block] ?? 0);
    return bytes.slice(from, from + end - start);
  }

  /** Changes a whole block and loads it, by a reset; the core stands at its first instruction then. */
  async write(address: number, bytes: Uint8Array): Promise<void> {
    const { access } = this.#facts;
    await this.#unlock();
    const { probe } = this.#parts;
    const memory = { probe, done: async (at: number) => await this.#done(at), control: access.start.register };
    if (access.kind === 'half-words') await writeOptionHalfWords(memory, address, bytes);
    else if (access.kind === 'words') await writeOptionWords(memory, address, bytes);
    else await this.#writeRegisters(this.#blockAt(address), bytes);
    await this.#load();
  }

  /** Takes read protection away, and protection against writing with it. */
  async open(): Promise<void> {
    const { layout, access } = this.#facts;
    if (access.staysClosed)
      throw new FlashError('device/not-programmable', { detail: access.staysClosed, cannotDetach: true });
    const read = await readOptionBlocks(this.#parts.probe, this.#facts);
    if (isHalfOpen(layout, read))
      throw new FlashError('device/not-programmable', { detail: HALF_OPEN, cannotDetach: true });
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

  async #unlock(): Promise<void> {
    const { probe, flash } = this.#parts;
    const { access } = this.#facts;
    await flash.stop();
    const words = flash.isSecure ? controllerWords(flash.plain, { atOnce: 1 }) : flash.words;
    if (access.needsFlashKey) await unlockFlash(probe, flash.plain, words);
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
      const before = wanted.get(place.register) ?? (await readOptionRegister(probe, this.#facts, place.register));
      wanted.set(place.register, withOptionUnit(layout, bytes, place, before));
    }
    const { register, bits } = access.start;
    if (access.kind === 'at-once') {
      await writeWord(probe, register, bits);
      for (const [option, value] of wanted) {
        await writeWord(probe, option, value);
        await this.#done(option);
      }
      await writeWord(probe, register, 0);
      return;
    }
    for (const [option, value] of wanted) await writeWord(probe, option, value);
    await writeWord(probe, register, ((wanted.get(register) ?? 0) | bits) >>> 0);
    await this.#done(register);
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
      // OPTWRE of F0 and F3 is written as it is: a 0 would lock before the launch.
      const { lock } = this.#facts.access;
      if (launch) await writeWord(probe, launch.register, launch.bits | (lock.isOpenBit ? lock.bits : 0));
      await core.resetAndHalt();
    } catch (error) {
      if (!hasCode(error, 'probe/refused', 'core/stuck')) throw error;
      await attach(probe, core, undefined);
    }
  }
}
