/** Chooses how a chip's flash is driven: by the loader in its RAM, or by registers where that does not run. */
import {
  type Chip,
  type FlashController,
  flashControllerOf,
  plainFlashAddress,
  quickerClock,
  SECURE_FLASH_DISTANCE,
  sectorCode,
  secureFlashOf,
  watchdogAddress,
} from '@sureflash/chips';
import type { CortexCore } from '../cortex/core.ts';
import { FlashError, hasCode } from '../errors.ts';
import { ByRegisters } from '../loaders/by-registers.ts';
import { controllerWords } from '../loaders/controller-words.ts';
import type { BankBytes, FlashAlgorithm, SectorSeries } from '../loaders/flash-algorithm.ts';
import type { ControllerWords } from '../loaders/mailbox.ts';
import { RamLoader } from '../loaders/ram-loader.ts';
import { workAreas } from '../loaders/work-area.ts';
import type { Clock } from '../ports/clock.ts';
import { hex, type Range, type Sector } from '../target/geometry.ts';
import type { Chunk, Slowness } from '../target/target.ts';
import type { DebugProbe } from './debug-probe.ts';
import { assureReadable, makeAllSecure } from './worlds.ts';

export interface FlashAccessParts {
  readonly probe: DebugProbe;
  readonly core: CortexCore;
  readonly clock: Clock;
  readonly chip: Chip;
  /** Bytes at once that the supply allows (F2, F4, F7). */
  readonly atOnce: number;
  /** Why no code may run in the chip's RAM; absent where it may. */
  readonly noRam: string | undefined;
  /** The sectors of each bank, under their plain names. */
  readonly banks: readonly (readonly Range[])[];
  /** TrustZone is on, and a debugger reaches the secure world: all pages are driven from there. */
  readonly isSecure: boolean;
}

const SRAM = 0x2000_0000;
/** Three commands of about 0.17 ms each (a V2 writes a G070 by 65,536 of them in 11 s, stlink #1205). */
const UNIT_MS = 0.5;
const WHY_NO_LOADER = {
  'probe/refused': 'the chip lets no debugger use its RAM',
  'core/ram-changed': 'something else in the chip writes to its RAM',
  'core/fault': 'its core takes a fault when it runs code in RAM',
  'core/stuck': 'its core does not run code in RAM',
} as const;

export class FlashAccess {
  readonly controller: FlashController;
  readonly words: ControllerWords;
  /** That of the non-secure world where there are two: option bytes and the rest of the chip know no other. */
  readonly plain: FlashController;
  readonly #parts: FlashAccessParts;
  #algorithm: FlashAlgorithm | undefined;
  #slowBecause: string | undefined;

  /** @throws FlashError `device/not-programmable` where nobody states how the flash of this chip is driven */
  constructor(parts: FlashAccessParts) {
    const plain = flashControllerOf(parts.chip);
    const controller = parts.isSecure ? secureFlashOf(parts.chip)?.controller : plain;
    if (!controller) {
      const detail = `no public source that is known here says how the flash of ${parts.chip.names[0] ?? parts.chip.id} is programmed`;
      throw new FlashError('device/not-programmable', { detail, cannotDetach: true });
    }
    this.plain = plain ?? controller;
    this.controller = controller;
    this.words = controllerWords(controller, { atOnce: parts.atOnce });
    this.#parts = parts;
  }

  /** Ready to erase and program; the core is halted or runs the loader. */
  async algorithm(): Promise<FlashAlgorithm> {
    if (!this.#algorithm) {
      this.#algorithm = await this.#choose();
      // To choose may have taken a reset.
      await this.openWorlds();
    }
    return this.#algorithm;
  }

  /** @returns why flash is written by registers; known as soon as `algorithm` is */
  get slowness(): Slowness | undefined {
    if (this.#slowBecause === undefined) return undefined;
    return { because: this.#slowBecause, unitBytes: this.words.unit, unitMs: UNIT_MS };
  }

  /** From now on flash is written by registers: something else in the chip writes to its RAM. */
  giveUpRam(): void {
    this.#slowBecause = WHY_NO_LOADER['core/ram-changed'];
    this.#algorithm = new ByRegisters(this.#shared);
  }

  /** Makes all pages answer to the world that drives them, after any reset. @throws FlashError as `makeAllSecure` */
  async openWorlds(): Promise<void> {
    const { probe, chip, banks, isSecure } = this.#parts;
    if (isSecure) await makeAllSecure(probe, chip, banks);
  }

  /** Before a read: as `openWorlds`, or where the program runs on, as `assureReadable`. */
  async openForRead(range: Range, isHeld: boolean): Promise<void> {
    if (!this.#parts.isSecure) return;
    await (isHeld ? this.openWorlds() : assureReadable(this.#parts.probe, range));
  }

  get isSecure(): boolean {
    return this.#parts.isSecure;
  }

  /** @returns the address under which the world that drives the flash has a byte of it */
  drivenAddress(address: number): number {
    return this.#parts.isSecure ? plainFlashAddress(address) + SECURE_FLASH_DISTANCE : address;
  }

  /** @returns what was read back while something was programmed, since the last call */
  async readBack(): Promise<Chunk[]> {
    return (await this.#algorithm?.takeReadBack?.()) ?? [];
  }

  /** Nothing runs any more. */
  async stop(): Promise<void> {
    await this.#algorithm?.stop();
  }

  get #shared() {
    const { probe: access, core, clock, chip } = this.#parts;
    const { controller, words } = this;
    return { access, core, clock, controller, words, watchdog: watchdogAddress(chip), quicker: quickerClock(chip) };
  }

  async #choose(): Promise<FlashAlgorithm> {
    const { core, chip, noRam } = this.#parts;
    const shared = this.#shared;
    const ram = noRam === undefined ? chip.ram.find(({ start }) => start >= SRAM) : undefined;
    let because = noRam ?? 'no RAM of this chip is known';
    for (const area of ram ? workAreas(ram) : []) {
      const loader = new RamLoader({ ...shared, area });
      try {
        await loader.start();
        return loader;
      } catch (error) {
        if (!hasCode(error, 'probe/refused', 'core/fault', 'core/stuck', 'core/ram-changed')) throw error;
        await core.resetAndHalt();
        await this.openWorlds();
        because = WHY_NO_LOADER[error.code];
        // Less RAM is no help to a core that does not run the code.
        if (error.code !== 'probe/refused') break;
      }
    }
    this.#slowBecause = because;
    return new ByRegisters(shared);
  }

  /** @returns the bank of an address, and which set of registers serves it */
  bankOf(driven: number): { readonly bank: number; readonly end: number; readonly registers: number } {
    const { banks } = this.#parts;
    const address = plainFlashAddress(driven);
    const bank = banks.findIndex(
      (sectors) => (sectors[0]?.start ?? 0) <= address && address < (sectors.at(-1)?.end ?? 0),
    );
    if (bank < 0) throw new RangeError(`no bank has ${hex(address)}`);
    const end = (banks[bank]?.at(-1)?.end ?? address) + driven - address;
    return { bank, end, registers: this.words.banks.length > 1 ? bank : 0 };
  }

  /** @returns those of the bytes that belong to the bank in which they begin */
  firstBankOf(address: number, bytes: Uint8Array): BankBytes {
    const { end, registers } = this.bankOf(address);
    return { address: this.drivenAddress(address), bytes: bytes.subarray(0, end - address), registers };
  }

  /** Sectors in the order of the call; neighbours of one size and bank become one series. */
  seriesOf(sectors: readonly Sector[]): { readonly series: SectorSeries; readonly sectors: readonly Sector[] }[] {
    const found: { series: SectorSeries & { count: number }; sectors: Sector[] }[] = [];
    for (const sector of sectors) {
      const last = found.at(-1);
      const before = last?.sectors.at(-1);
      const size = sector.end - sector.start;
      const { bank, registers } = this.bankOf(sector.start);
      const follows = before?.end === sector.start && last?.series.step === size;
      if (last && follows && this.bankOf(before.start).bank === bank) {
        last.sectors.push(sector);
        last.series = { ...last.series, count: last.sectors.length };
        continue;
      }
      const number = this.#parts.banks[bank]?.findIndex(({ start }) => start === plainFlashAddress(sector.start)) ?? 0;
      const { first, step } = sectorCode(this.controller, bank, number);
      const address = this.drivenAddress(sector.start);
      const series = { address, step: size, code: first, codeStep: step, registers, count: 1 };
      found.push({ series, sectors: [sector] });
    }
    return found;
  }
}
