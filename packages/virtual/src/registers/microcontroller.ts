/**
 * A microcontroller: core, memories and registers of one chip. It starts from reset as its pins and option bytes say,
 * runs for model milliseconds, and tells where its program landed. The ROM is a stub that reports how it was entered.
 */

import type { Core, MemoryMap } from '../core/index.ts';
import type { Flash } from '../flash/flash.ts';
import type { ChipFacts } from './chip.ts';
import { assembleChip, type ChipParts, governanceOf, timeOf } from './chip-parts.ts';
import type { Peripherals } from './chip-peripherals.ts';
import { cyclePower, holdChip, noteRomEntry, powerUp, resetChip } from './chip-reset.ts';
import { elfSegments } from './elf.ts';
import type { Level } from './gpio.ts';
import { type Landing, landingOf, loadInto } from './landing.ts';
import type { ResetCause } from './rcc.ts';
import type { RomEntry } from './rom-entry.ts';
import type { TrustZone, World } from './trust-zone.ts';

export interface MicrocontrollerOptions {
  /** Share the cells with a ROM model; absent, cells of its own, erased. */
  readonly flash?: Flash;
  /** Crystal on HSE; absent, 8 MHz. */
  readonly hseHz?: number;
  /** What the model's clock shows at power-on, for a flash that others use too; absent, 0. */
  readonly bornAt?: number;
  /**
   * The core does not wait for a flash that is busy, as with code in a cache (the ART accelerator of F4, the caches of
   * M7): code that does not wait for BSY by itself is found out. Absent, false.
   */
  readonly cached?: boolean;
  /** Decides what RAM holds at power-on. */
  readonly seed?: number;
  /**
   * The world of the core of a chip with TrustZone on; absent, secure. 'non-secure': a secure program, which is not modelled,
   * has started the other one, has switched the SAU on and has given it all RAM.
   */
  readonly world?: World;
  /**
   * Peripherals that this model does not have, as registers that keep what is written: a scenario that needs DMA or a
   * timer to look switched on names them. Nothing in them runs.
   */
  readonly inert?: readonly { readonly name: string; readonly start: number; readonly length: number }[];
}

export interface Microcontroller {
  readonly core: Core;
  readonly bus: MemoryMap;
  readonly flash: Flash;
  readonly peripherals: Peripherals;
  /** The option bytes, or the words of the option registers. */
  readonly options: Uint8Array;
  /** Absent on chips with one world. */
  readonly zone: TrustZone | undefined;
  /** Ms of the model's clock. */
  now(): number;
  /** Puts bytes into the flash as a factory would; throws `RangeError` where there is no flash. */
  load(address: number, bytes: Uint8Array): void;
  /** The same with the segments of an ELF file. */
  loadElf(file: Uint8Array): void;
  /** Drives a pin from outside, as 'PA9', or lets go of it. BOOT0 and BOOT1 are looked at by resets. */
  pull(pin: string, level: Level): void;
  powerOn(): void;
  reset(cause?: ResetCause): void;
  /** Holds NRST low from outside, or lets go of it: the core starts when it rises. Reset flags count one reset. */
  holdReset(low: boolean): void;
  /** Ms of the model's clock until which the flash is busy with what was last asked of it. */
  readonly flashBusyUntil: number;
  /** Closes the flash to everybody, as read protection does when a debugger has come, or opens it. */
  closeFlash(closed: boolean): void;
  /** Lets model time pass. Throws `NotModelledError` where the program needs what this model does not have. */
  run(ms: number): void;
  /** Time that passes for the cells alone: core, timers and watchdog stand still. */
  skip(ms: number): void;
  readonly landing: Landing;
  /** Entries into the ROM since power-on, oldest first. */
  readonly romEntries: readonly RomEntry[];
  /** Causes of resets since power-on, oldest first. */
  readonly resets: readonly ResetCause[];
}

export function createMicrocontroller(chip: ChipFacts, options: MicrocontrollerOptions = {}): Microcontroller {
  const {
    hseHz = 8_000_000,
    seed = 1,
    inert = [],
    bornAt = 0,
    cached = false,
    world = 'secure',
    flash: shared,
  } = options;
  const ways = {
    resetRequested: (parts: ChipParts) => resetChip(parts, 'software'),
    romEntered: noteRomEntry,
  };
  const parts = assembleChip(chip, { flash: shared, hseHz, seed, inert, bornAt, cached, world, ...ways });
  const { core, bus, flash, flashBus, peripherals, romEntries, resets } = parts;
  const load = (address: number, bytes: Uint8Array): void => {
    loadInto(flash, address, bytes);
    flashBus.changed(address, bytes.length);
  };
  powerUp(parts);
  return {
    core,
    bus,
    flash,
    peripherals,
    options: parts.options,
    zone: parts.zone,
    now: () => timeOf(parts),
    load,
    loadElf(file) {
      for (const { address, bytes } of elfSegments(file)) load(address, bytes);
    },
    pull: (pin, level) => pull(parts, pin, level),
    powerOn: () => cyclePower(parts),
    reset: (cause = 'pin') => resetChip(parts, cause),
    holdReset: (low) => holdChip(parts, low),
    get flashBusyUntil() {
      return flashBus.busyUntil;
    },
    closeFlash: (closed) => flashBus.close(closed),
    run: (ms) => run(parts, ms),
    skip: (ms) => skip(parts, ms),
    get landing() {
      return landingOf(chip, core);
    },
    romEntries,
    resets,
  };
}

function skip({ time, peripherals }: ChipParts, ms: number): void {
  time.ms += ms;
  peripherals.watchdog.delay(ms);
}

function pull({ boot, peripherals }: ChipParts, pin: string, level: Level): void {
  if (pin === 'BOOT0') boot.boot0 = level === true;
  else if (pin === 'BOOT1') boot.boot1 = level === true;
  else peripherals.pull(pin, level);
}

/** DBGMCU holds the watchdog while the core is halted, where that was asked for (RM0090 §38.16.2). */
function isWatchdogFrozen(parts: ChipParts): boolean {
  const { freeze } = governanceOf(parts.chip);
  if (freeze === undefined || parts.core.state !== 'halted') return false;
  return ((parts.peripherals.get(`DBGMCU.${freeze.register}`) >>> freeze.bit) & 1) === 1;
}

/** A program that switches its clock, starts its watchdog or asks for a reset is looked after this often. */
const SLICE_CYCLES = 100_000;

/** Lets the core run, and resets it when it asked for that or its watchdog runs out; held in reset, time passes alone. */
function run(parts: ChipParts, ms: number): void {
  const { core, time, boot } = parts;
  const { watchdog } = parts.peripherals;
  if (boot.held) {
    time.ms += ms;
    return;
  }
  const target = timeOf(parts) + ms;
  while (timeOf(parts) < target) {
    if (boot.pending) resetChip(parts, boot.pending);
    if (timeOf(parts) >= watchdog.due && !isWatchdogFrozen(parts)) resetChip(parts, 'watchdog');
    const isFrozen = isWatchdogFrozen(parts);
    const until = isFrozen ? target : Math.min(target, watchdog.due);
    const before = timeOf(parts);
    const cycles = Math.ceil(((until - before) * time.hz) / 1000);
    core.run(Math.min(Math.max(1, cycles), SLICE_CYCLES));
    if (isFrozen) watchdog.delay(timeOf(parts) - before);
  }
}
