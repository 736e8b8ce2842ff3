/** The parts of one chip, put together: core, memories, flash and peripherals, and the time that they share. Nothing runs here. */

import { type Core, createCore, createMemoryMap, type MemoryMap } from '../core/index.ts';
import { Flash } from '../flash/flash.ts';
import type { ChipFacts, Target } from './chip.ts';
import { inertRegion, memoryDevicesOf, secureNames, stubsOf } from './chip-memories.ts';
import { buildPeripherals, type Peripherals } from './chip-peripherals.ts';
import { createFlashBus, type FlashBus } from './flash-bus.ts';
import type { ClockSource, ResetCause } from './rcc.ts';
import type { RomEntry } from './rom-entry.ts';
import { TrustZone, type World } from './trust-zone.ts';
import { type WatchdogGovernance, watchdogGovernance } from './watchdog-governance.ts';

export interface ChipParts {
  readonly chip: ChipFacts;
  readonly core: Core;
  readonly bus: MemoryMap;
  readonly flash: Flash;
  readonly flashBus: FlashBus;
  readonly peripherals: Peripherals;
  /** The option bytes, or the words of the option registers. */
  readonly options: Uint8Array;
  /** Ms of the model's clock at a cycle of the core, and the cycles to a second since. */
  readonly time: { ms: number; cycle: number; hz: number };
  readonly boot: BootState;
  readonly romEntries: RomEntry[];
  readonly resets: ResetCause[];
  /** Absent on chips with one world. */
  readonly zone: TrustZone | undefined;
}

/** From where a chip starts and started, and what is to reset it. */
export interface BootState {
  boot0: boolean;
  boot1: boolean;
  /** What address 0 shows. */
  remap: Target;
  /** What the boot pins made of it at the last reset. */
  bootedFrom: Target;
  /** What leads to the next entry into the ROM. */
  enteredBy: 'reset' | 'jump';
  /** A reset that the program asked for, once it has been run to here. */
  pending: ResetCause | undefined;
  /** NRST is held low. */
  held: boolean;
}

export interface ChipPartsOptions {
  readonly flash?: Flash | undefined;
  readonly hseHz: number;
  readonly bornAt: number;
  readonly cached: boolean;
  readonly seed: number;
  /** Of the core, where a chip has two. */
  readonly world: World;
  readonly inert: readonly { readonly name: string; readonly start: number; readonly length: number }[];
  /** SYSRESETREQ. */
  resetRequested(parts: ChipParts): void;
  /** The core is at the first instruction of the ROM. */
  romEntered(parts: ChipParts): void;
}

/** @returns the parts as they are before power-on */
export function assembleChip(chip: ChipFacts, options: ChipPartsOptions): ChipParts {
  const { flash = new Flash(chip.cells, options.seed), hseHz, cached } = options;
  const bus = createMemoryMap([]);
  const time = { ms: options.bornAt, cycle: 0, hz: 1 };
  const now = () => timeOf(parts);
  const core = createCore({
    core: chip.core,
    bus,
    interrupts: chip.interrupts,
    onResetRequest: () => options.resetRequested(parts),
    traps: new Map(stubsOf(chip).map((address) => [address, () => options.romEntered(parts)])),
  });
  const optionBytes = Uint8Array.from(chip.options.initial);
  const reloadOptions = () => {
    parts.boot.pending = 'option bytes';
    core.attend();
  };
  // OTP may lie in the midst of the system memory (RM0431): what is mapped later comes first.
  for (const region of memoryDevicesOf(chip, options.seed)) bus.map(region);
  const zone = chip.trustZone && new TrustZone(chip.trustZone, flash, options.world);
  const flashBus = createFlashBus({
    chip,
    flash,
    bus,
    core,
    now,
    hz: () => time.hz,
    options: optionBytes,
    cached,
    reloadOptions,
    zone,
  });
  const peripherals = peripheralsOf(chip, hseHz, () => parts);
  const parts: ChipParts = {
    chip,
    core,
    bus,
    flash,
    flashBus,
    peripherals,
    options: optionBytes,
    time,
    boot: newBootState(),
    zone,
    romEntries: [],
    resets: [],
  };
  mapPeripherals(parts, options.inert);
  return parts;
}

/** @param partsOf the chip, as soon as it is one */
function peripheralsOf(chip: ChipFacts, hseHz: number, partsOf: () => ChipParts): Peripherals {
  return buildPeripherals(chip, {
    hseHz,
    now: () => timeOf(partsOf()),
    clockChanged: (clock) => clockChanged(partsOf(), clock),
    remapChanged: (target) => showAtZero(partsOf(), target),
    remapReset: () => showAtZero(partsOf(), partsOf().boot.bootedFrom),
  });
}

function clockChanged(parts: ChipParts, { hz }: ClockSource): void {
  const { core, time } = parts;
  Object.assign(time, { ms: timeOf(parts), cycle: core.cycles, hz });
  core.attend();
}

function mapPeripherals({ chip, bus, flashBus, peripherals, zone }: ChipParts, inert: ChipPartsOptions['inert']): void {
  for (const { name, start, length } of inert) bus.map(inertRegion(name, start, length));
  for (const region of peripherals.regions) bus.map(region);
  if (!zone) return;
  for (const region of secureNames(chip, bus, [...peripherals.regions, flashBus.registers])) bus.map(region);
}

function newBootState(): BootState {
  return {
    boot0: false,
    boot1: false,
    remap: 'flash',
    bootedFrom: 'flash',
    enteredBy: 'jump',
    pending: undefined,
    held: false,
  };
}

/** Ms of the model's clock. */
export function timeOf({ core, time }: Pick<ChipParts, 'core' | 'time'>): number {
  return time.ms + ((core.cycles - time.cycle) * 1000) / time.hz;
}

/** What freezes and starts the watchdog of a chip. */
export const governanceOf = ({ name, watchdog }: ChipFacts): WatchdogGovernance =>
  watchdog.governance ?? watchdogGovernance(name);

/** Shows a memory at address 0, on chips where that is a choice. */
export function showAtZero({ chip, core, flashBus, boot }: ChipParts, target: Target): void {
  boot.remap = target;
  if (chip.aliasAtZero) flashBus.showAtZero(target);
  core.attend();
}
