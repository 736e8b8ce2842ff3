/**
 * A microcontroller: core, memories and registers of one chip. It starts from reset as its pins and option bytes say,
 * runs for model milliseconds, and tells where its program landed. The ROM is a stub that reports how it was entered.
 */

import { type Core, createCore, createMemoryMap, type MemoryMap } from '../core/index.ts';
import { Flash } from '../flash/flash.ts';
import type { ChipFacts, Target } from './chip.ts';
import { inertRegion, memoryDevicesOf, stubsOf, systemAlias } from './chip-memories.ts';
import { buildPeripherals, type Peripherals } from './chip-peripherals.ts';
import { elfSegments } from './elf.ts';
import { createFlashBus, type FlashBus } from './flash-bus.ts';
import type { Level } from './gpio.ts';
import { type Landing, landingOf, loadInto, startOf } from './landing.ts';
import type { ResetCause } from './rcc.ts';
import { describeEntry, type RomEntry } from './rom-entry.ts';

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
  const { hseHz = 8_000_000, seed = 1, inert = [], bornAt = 0, cached = false } = options;
  const flash = options.flash ?? new Flash(chip.cells, seed);
  const optionBytes = Uint8Array.from(chip.options.initial);
  const bus = createMemoryMap([]);
  const pins = { boot0: false, boot1: false };
  const romEntries: RomEntry[] = [];
  const resets: ResetCause[] = [];
  const time = { ms: bornAt, cycle: 0, hz: 1 };
  let pendingReset: ResetCause | undefined;
  let remap: Target = 'flash';
  let bootedFrom: Target = 'flash';
  let enteredBy: 'reset' | 'jump' = 'jump';
  let held = false;

  const now = () => time.ms + ((core.cycles - time.cycle) * 1000) / time.hz;
  const request = (cause: ResetCause) => {
    pendingReset = cause;
    core.attend();
  };
  const core: Core = createCore({
    core: chip.core,
    bus,
    interrupts: chip.interrupts,
    onResetRequest: () => reset('software'),
    traps: new Map(stubsOf(chip).map((address) => [address, () => enterRom()])),
  });
  const flashBus: FlashBus = createFlashBus({
    chip,
    flash,
    bus,
    core,
    now,
    hz: () => time.hz,
    options: optionBytes,
    cached,
    reloadOptions: () => request('option bytes'),
  });
  const peripherals = buildPeripherals(chip, {
    hseHz,
    now,
    clockChanged({ hz }) {
      Object.assign(time, { ms: now(), cycle: core.cycles, hz });
      core.attend();
    },
    remapChanged: (target) => showAtZero(target),
    remapReset: () => showAtZero(bootedFrom),
  });
  const { watchdog } = peripherals;

  const showAtZero = (target: Target): void => {
    remap = target;
    if (chip.aliasAtZero) flashBus.showAtZero(target);
    core.attend();
  };
  const enterRom = (): void => {
    romEntries.push(
      describeEntry({
        core,
        peripherals,
        interrupts: chip.interrupts,
        remap: chip.aliasAtZero ? remap : undefined,
        by: enteredBy,
        at: now(),
      }),
    );
    enteredBy = 'jump';
  };
  const start = (): void => {
    if (chip.protectedSectors) flash.protect(chip.protectedSectors(optionBytes));
    const first = flash.memories[0]?.bytes.subarray(0, 4) ?? new Uint8Array(4);
    const where = chip.boot({ ...pins, options: optionBytes, empty: first.every((byte) => byte === 0xff) });
    if (typeof where !== 'number') {
      bootedFrom = where;
      showAtZero(where);
    }
    const vectors = typeof where === 'number' ? where : chip.aliasAtZero ? 0 : startOf(chip, where);
    enteredBy =
      where === 'system' ||
      chip.systemMemory.some(([from, bytes]) => vectors >= from && vectors < from + bytes) ||
      vectors === systemAlias(chip)
        ? 'reset'
        : 'jump';
    core.reset(vectors);
  };
  const reset = (cause: ResetCause = 'pin'): void => {
    pendingReset = undefined;
    flash.powerCut(now());
    resets.push(cause);
    flashBus.reset();
    peripherals.reset(cause);
    start();
  };

  const holdReset = (low: boolean): void => {
    if (low === held) return;
    if (low) reset('pin');
    else start();
    held = low;
  };
  const load = (address: number, bytes: Uint8Array): void => {
    loadInto(flash, address, bytes);
    flashBus.changed(address, bytes.length);
  };

  for (const region of memoryDevicesOf(chip, seed)) bus.map(region);
  for (const { name, start: at, length } of inert) bus.map(inertRegion(name, at, length));
  for (const region of peripherals.regions) bus.map(region);
  peripherals.reset('power');
  core.powerOn();
  start();

  return {
    core,
    bus,
    flash,
    peripherals,
    options: optionBytes,
    now,
    load,
    loadElf(file) {
      for (const { address, bytes } of elfSegments(file)) load(address, bytes);
    },
    pull(pin, level) {
      if (pin === 'BOOT0') pins.boot0 = level === true;
      else if (pin === 'BOOT1') pins.boot1 = level === true;
      else peripherals.pull(pin, level);
    },
    powerOn() {
      flash.powerCut(now());
      romEntries.length = 0;
      resets.length = 0;
      flashBus.reset();
      peripherals.reset('power');
      core.powerOn();
      start();
    },
    reset,
    holdReset,
    get flashBusyUntil() {
      return flashBus.busyUntil;
    },
    run(ms) {
      if (held) time.ms += ms;
      const target = held ? now() : now() + ms;
      while (now() < target) {
        if (pendingReset) reset(pendingReset);
        if (now() >= watchdog.due) reset('watchdog');
        const until = Math.min(target, watchdog.due);
        const cycles = Math.ceil(((until - now()) * time.hz) / 1000);
        core.run(Math.min(Math.max(1, cycles), SLICE_CYCLES));
      }
    },
    skip(ms) {
      time.ms += ms;
      watchdog.delay(ms);
    },
    get landing() {
      return landingOf(chip, core);
    },
    romEntries,
    resets,
  };
}

/** A program that switches its clock, starts its watchdog or asks for a reset is looked after this often. */
const SLICE_CYCLES = 100_000;
