/** The flash on the bus: its cells where they can be seen, the controller behind stores, and a bank that makes readers wait. */

import { busFault, type Core, type Device, type MemoryMap, type Region } from '../core/index.ts';
import type { Flash } from '../flash/flash.ts';
import type { ChipFacts, Target } from './chip.ts';
import type { FlashController } from './flash-port.ts';

export interface FlashBusParts {
  readonly chip: ChipFacts;
  readonly flash: Flash;
  readonly bus: MemoryMap;
  readonly core: Core;
  readonly options: Uint8Array;
  now(): number;
  /** The core's clock. */
  hz(): number;
  reloadOptions(): void;
  /** Instructions and data come from a cache, so that nobody waits for a busy flash. */
  readonly cached: boolean;
}

export interface FlashBus {
  readonly controller: FlashController;
  /** Until when the controller is busy, in ms of the model's clock. */
  readonly busyUntil: number;
  showAtZero(target: Target): void;
  /** Cells changed from outside. */
  changed(address: number, length: number): void;
  reset(): void;
}

/** A place at which cells can be seen: from `start` on, those of the flash from `cells` on. */
interface View {
  readonly start: number;
  readonly cells: number;
  readonly bytes: Uint8Array;
}

export function createFlashBus(parts: FlashBusParts): FlashBus {
  const { chip, flash, bus, core } = parts;
  const views: View[] = flash.memories.map(({ start, bytes }) => ({ start, cells: start, bytes }));
  const first = views[0];
  if (!first) throw new RangeError('a chip without flash');
  for (const { of, at } of chip.aliases ?? []) {
    if (of === 'flash') views.push({ ...first, start: at });
  }
  let atZero: View | undefined;
  let busyUntil = 0;
  const changed = (address: number, length: number): void => {
    for (const { start, cells } of atZero ? [...views, atZero] : views) bus.invalidate(address - cells + start, length);
    core.attend();
  };
  const controller = chip.controller({
    flash,
    now: () => parts.now(),
    changed,
    eraseSectors(sectors) {
      // One after the other in the cells; the time is that of a mass erase.
      for (const { start, end } of sectors) {
        flash.erase(start, parts.now());
        changed(start, end - start);
      }
      return parts.now() + chip.cells.massEraseMs;
    },
    options: parts.options,
    reloadOptions: () => parts.reloadOptions(),
    busy(address, until) {
      busyUntil = until;
      // Whoever runs from the bank that is busy waits at its next fetch (RM0008 §3.3.3, RM0351 §3.3.6).
      if (parts.cached) return;
      const here = viewOf(core.executingFrom);
      if (here && sameBank(flash, address, core.executingFrom - here.start + here.cells)) wait(until);
      else if (flash.contains(address)) hideBank(address, until);
    },
  });
  const viewOf = (address: number): View | undefined =>
    [...views, ...(atZero ? [atZero] : [])].find(
      ({ start, bytes }) => address >= start && address < start + bytes.length,
    );
  const wait = (until: number): void => {
    // A probe that reads while the core is halted is not held up here.
    if (core.state !== 'halted') core.stall(Math.max(0, Math.ceil(((until - parts.now()) * parts.hz()) / 1000)));
  };
  const storeDevice = (view: View): Device => ({
    read: (offset) => {
      throw busFault(view.start + offset);
    },
    write: (offset, width, value) => controller.write(view.cells + offset, width, value),
  });
  const regionOf = (view: View, name: string): Region => ({
    name,
    start: view.start,
    length: view.bytes.length,
    bytes: view.bytes,
    device: storeDevice(view),
  });
  /** Puts a device in front of the bank that makes the first reader wait, and then goes away. */
  const hideBank = (address: number, until: number): void => {
    const bank = bankOf(flash, address);
    const name = `busy flash at 0x${bank.start.toString(16)}`;
    const view = viewOf(bank.start);
    if (!view) return;
    const offset = bank.start - view.cells;
    bus.map({
      name,
      start: bank.start,
      length: bank.length,
      device: {
        read(at, width) {
          wait(until);
          bus.unmap(name);
          const address = bank.start + at;
          return width === 4 ? bus.read32(address) >>> 0 : width === 2 ? bus.read16(address) : bus.read8(address);
        },
        write: (at, width, value) => controller.write(view.cells + offset + at, width, value),
      },
    });
  };
  views.forEach((view) => {
    bus.map(regionOf(view, `flash at 0x${view.start.toString(16)}`));
  });
  const { at } = chip.options;
  if (at !== undefined) {
    bus.map({
      name: 'option bytes',
      start: at,
      length: parts.options.length,
      bytes: parts.options,
      device: {
        read: (offset) => parts.options[offset] ?? 0,
        write: (offset, width, value) => {
          if (!controller.writeOption) throw busFault(at + offset);
          controller.writeOption(offset, width, value);
        },
      },
    });
  }
  bus.map({ name: 'FLASH', start: controller.start, length: 0x400, device: controller.registers, neverExecuted: true });
  return {
    controller,
    get busyUntil() {
      return busyUntil;
    },
    changed,
    showAtZero(target) {
      atZero = target === 'flash' ? { ...first, start: 0 } : undefined;
      bus.map(
        atZero
          ? regionOf(atZero, 'flash at 0')
          : otherAtZero(bus, target === 'system' ? chip.romVectors : (chip.ram[0]?.[0] ?? 0)),
      );
      bus.unmap(atZero ? 'memory at 0' : 'flash at 0');
    },
    reset() {
      busyUntil = 0;
      controller.reset();
      for (const { start } of flash.memories) bus.unmap(`busy flash at 0x${start.toString(16)}`);
    },
  };
}

function otherAtZero(bus: MemoryMap, from: number): Region {
  const mapped = bus.at(from);
  if (!mapped) throw new RangeError('nothing to show at 0');
  const offset = (from - mapped.start) & ~3;
  return {
    name: 'memory at 0',
    start: 0,
    length: mapped.length - offset,
    bytes: mapped.bytes.subarray(offset),
    writable: mapped.writable,
  };
}

/** Banks can be read while the other one is busy. A chip with one region of cells has one, unless it is cut in halves. */
function bankOf(flash: Flash, address: number): { start: number; length: number } {
  const memory = flash.memories.find(({ start, bytes }) => address >= start && address < start + bytes.length);
  return { start: memory?.start ?? 0, length: memory?.bytes.length ?? 0 };
}

function sameBank(flash: Flash, one: number, other: number): boolean {
  return bankOf(flash, one).start === bankOf(flash, other).start;
}
