/** The parts of one chip, put together: core, memories, flash and peripherals, and the time that they share. Nothing runs here. */

import { type Core, createCore, createMemoryMap, type MemoryMap } from '../core/index.ts';
import { Flash } from '../flash/flash.ts';
import type { ChipFacts, Target } from './chip.ts';
import { inertRegion, memoryDevicesOf, stubsOf } from './chip-memories.ts';
import { buildPeripherals, type Peripherals } from './chip-peripherals.ts';
import { createFlashBus, type FlashBus } from './flash-bus.ts';
import type { ResetCause } from './rcc.ts';
import type { RomEntry } from './rom-entry.ts';
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
  readonly inert: readonly { readonly name: string; readonly start: number; readonly length: number }[];
  /** SYSRESETREQ. */
  resetRequested(parts: ChipParts): void;
  /** The core is at the first instruction of the ROM. */
  romEntered(parts: ChipParts): void;
}

/** @returns the parts as they are before power-on */
export function assembleChip(chip: ChipFacts, options: ChipPartsOptions): ChipParts {
  const { flash = new Flash(chip.cells, options.seed), hseHz } = options;
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
  const flashBus = createFlashBus({
    chip,
    flash,
    bus,
    core,
    now,
    hz: () => time.hz,
    options: optionBytes,
    cached: options.cached,
    reloadOptions,
  });
  const peripherals = buildPeripherals(chip, {
    hseHz,
    now,
    clockChanged({ hz }) {
      Object.assign(time, { ms: now(), cycle: core.cycles, hz });
      core.attend();
    },
    remapChanged: (target) => showAtZero(parts, target),
    remapReset: () => showAtZero(parts, parts.boot.bootedFrom),
  });
  const logs = { romEntries: [], resets: [] };
  const boot = newBootState();
  const parts: ChipParts = { chip, core, bus, flash, flashBus, peripherals, options: optionBytes, time, boot, ...logs };
  for (const { name, start, length } of options.inert) bus.map(inertRegion(name, start, length));
  for (const region of peripherals.regions) bus.map(region);
  return parts;
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
