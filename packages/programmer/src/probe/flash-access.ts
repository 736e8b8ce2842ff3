/** Chooses how a chip's flash is driven: by the loader in its RAM, or by registers where that does not run. */
import {
  type Chip,
  type FlashController,
  flashControllerOf,
  quickerClock,
  sectorCode,
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
import type { DebugProbe } from './debug-probe.ts';

export interface FlashAccessParts {
  readonly probe: DebugProbe;
  readonly core: CortexCore;
  readonly clock: Clock;
  readonly chip: Chip;
  /** Bytes at once that the supply allows (F2, F4, F7). */
  readonly atOnce: number;
  /** The sectors of each bank. */
  readonly banks: readonly (readonly Range[])[];
}

const SRAM = 0x2000_0000;

export class FlashAccess {
  readonly controller: FlashController;
  readonly words: ControllerWords;
  readonly #parts: FlashAccessParts;
  #algorithm: FlashAlgorithm | undefined;

  /** @throws FlashError `device/not-programmable` where nobody states how the flash of this chip is driven */
  constructor(parts: FlashAccessParts) {
    const controller = flashControllerOf(parts.chip);
    if (!controller) {
      const detail = `no public source that is known here says how the flash of ${parts.chip.names[0] ?? parts.chip.id} is programmed`;
      throw new FlashError('device/not-programmable', { detail });
    }
    this.controller = controller;
    this.words = controllerWords(controller, { atOnce: parts.atOnce });
    this.#parts = parts;
  }

  /** Ready to erase and program; the core is halted or runs the loader. */
  async algorithm(): Promise<FlashAlgorithm> {
    this.#algorithm ??= await this.#choose();
    return this.#algorithm;
  }

  /** Nothing runs any more. */
  async stop(): Promise<void> {
    await this.#algorithm?.stop();
  }

  async #choose(): Promise<FlashAlgorithm> {
    const { probe: access, core, clock, chip } = this.#parts;
    const { controller, words } = this;
    const shared = {
      access,
      core,
      clock,
      controller,
      words,
      watchdog: watchdogAddress(chip),
      quicker: quickerClock(chip),
    };
    const ram = chip.ram.find(({ start }) => start >= SRAM);
    for (const area of ram ? workAreas(ram) : []) {
      const loader = new RamLoader({ ...shared, area });
      try {
        await loader.start();
        return loader;
      } catch (error) {
        if (!hasCode(error, 'probe/refused', 'core/fault', 'core/stuck')) throw error;
        await core.resetAndHalt();
        // Less RAM is no help to a core that does not run the code.
        if (error.code !== 'probe/refused') break;
      }
    }
    return new ByRegisters(shared);
  }

  /** @returns the bank of an address, and which set of registers serves it */
  bankOf(address: number): { readonly bank: number; readonly end: number; readonly registers: number } {
    const { banks } = this.#parts;
    const bank = banks.findIndex(
      (sectors) => (sectors[0]?.start ?? 0) <= address && address < (sectors.at(-1)?.end ?? 0),
    );
    if (bank < 0) throw new RangeError(`no bank has ${hex(address)}`);
    const end = banks[bank]?.at(-1)?.end ?? address;
    return { bank, end, registers: this.words.banks.length > 1 ? bank : 0 };
  }

  /** @returns those of the bytes that belong to the bank in which they begin */
  firstBankOf(address: number, bytes: Uint8Array): BankBytes {
    const { end, registers } = this.bankOf(address);
    return { address, bytes: bytes.subarray(0, end - address), registers };
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
      const number = this.#parts.banks[bank]?.findIndex(({ start }) => start === sector.start) ?? 0;
      const { first, step } = sectorCode(this.controller, bank, number);
      const series = { address: sector.start, step: size, code: first, codeStep: step, registers, count: 1 };
      found.push({ series, sectors: [sector] });
    }
    return found;
  }
}
