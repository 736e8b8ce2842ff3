/** The flash on the bus: its cells where they can be seen, the controller behind stores, and a bank that makes readers wait. */

import { busFault, type Core, type Device, type MemoryMap, type Region } from '../core/index.ts';
import type { Flash } from '../flash/flash.ts';
import type { ChipFacts, Target } from './chip.ts';
import type { FlashController, FlashPort } from './flash-port.ts';
import { allViews, cellsAt, type FlashViews, newFlashViews, seenAt, type View, viewAt } from './flash-views.ts';
import type { TrustZone } from './trust-zone.ts';
import { createZonedFlash, joinedExtents } from './zoned-flash.ts';

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
  /** Absent on chips with one world. */
  readonly zone: TrustZone | undefined;
}

export interface FlashBus {
  readonly controller: FlashController;
  /** Until when the controller is busy, in ms of the model's clock. */
  readonly busyUntil: number;
  showAtZero(target: Target): void;
  /** Closes the cells to everybody, or opens them: reads are bus errors, erases and programs are refused. */
  close(closed: boolean): void;
  /** Cells changed from outside. */
  changed(address: number, length: number): void;
  reset(): void;
  readonly registers: Region;
  /** The worlds are as the option bytes say. */
  loadZone(): void;
}

/** What its functions work on. */
interface BusState {
  readonly parts: FlashBusParts;
  readonly views: FlashViews;
  readonly controller: FlashController;
  busyUntil: number;
  isClosed: boolean;
  /** Names of what stands in front of pages of the other world. */
  hidden: readonly string[];
}

export function createFlashBus(parts: FlashBusParts): FlashBus {
  const { chip, flash, bus } = parts;
  const port: FlashPort = {
    flash,
    options: parts.options,
    isForbidden: (index) => flash.isProtected(index),
    isClosed: () => state.isClosed,
    accepts: () => true,
    now: () => parts.now(),
    changed: (address, length) => cellsChanged(state, address, length),
    busy: (address, until) => becomeBusy(state, address, until),
    reloadOptions: () => parts.reloadOptions(),
  };
  const { zone } = parts;
  const state: BusState = {
    parts,
    views: newFlashViews(chip, flash),
    controller: zone ? createZonedFlash(chip, port, zone, () => hideOtherWorld(state)) : chip.controller(port),
    busyUntil: 0,
    isClosed: false,
    hidden: [],
  };
  const { controller, views } = state;
  for (const view of views.fixed) bus.map(cellRegion(controller, view, `flash at 0x${view.start.toString(16)}`));
  if (chip.options.at !== undefined) bus.map(optionRegion(controller, parts.options, chip.options.at));
  const { start, registers: device } = controller;
  const registers: Region = { name: 'FLASH', start, length: 0x400, device, neverExecuted: true };
  bus.map(registers);
  return {
    controller,
    get busyUntil() {
      return state.busyUntil;
    },
    changed: (address, length) => cellsChanged(state, address, length),
    showAtZero: (target) => showAtZero(state, target),
    close: (closed) => close(state, closed),
    reset() {
      state.busyUntil = 0;
      controller.reset();
      for (const { start } of flash.memories) bus.unmap(nameOfBusy(start));
    },
    registers,
    loadZone() {
      zone?.load(parts.options);
      hideOtherWorld(state);
    },
  };
}

/**
 * A secure core, or a debugger in its stead, reads 0 from pages that are not secure, under either of their names: until the
 * SAU is switched on, which this core cannot do, all addresses are secure (RM0438 §6.5.5; DDI0553, SAU_CTRL).
 */
function hideOtherWorld(state: BusState): void {
  const { parts, views, controller } = state;
  const { bus, zone, flash, core } = parts;
  for (const name of state.hidden) bus.unmap(name);
  state.hidden = [];
  if (!zone?.isOn || zone.core !== 'secure') return;
  const open = flash.sectors.filter(({ index }) => !zone.isSecure(index));
  state.hidden = joinedExtents(open).flatMap(({ start, end }) =>
    views.fixed.flatMap((view) => {
      if (start < view.cells || end > view.cells + view.bytes.length) return [];
      const [at, name] = [seenAt(view, start), `non-secure flash at 0x${seenAt(view, start).toString(16)}`];
      const device: Device = {
        read: () => 0,
        write: (offset, width, value) => controller.write(start + offset, width, value),
      };
      bus.map({ name, start: at, length: end - start, device });
      return [name];
    }),
  );
  bus.invalidateAll();
  core.attend();
}

/** Cells that can be read, with a controller behind stores. */
function cellRegion(controller: FlashController, view: View, name: string): Region {
  const { start, bytes } = view;
  const device: Device = {
    read: (offset) => {
      throw busFault(start + offset);
    },
    write: (offset, width, value) => controller.write(cellsAt(view, start + offset), width, value),
  };
  return { name, start, length: bytes.length, bytes, device };
}

/** Option bytes that are memory. */
function optionRegion(controller: FlashController, options: Uint8Array, start: number): Region {
  const device: Device = {
    read: (offset) => options[offset] ?? 0,
    write: (offset, width, value) => {
      if (!controller.writeOption) throw busFault(start + offset);
      controller.writeOption(offset, width, value);
    },
  };
  return { name: 'option bytes', start, length: options.length, bytes: options, device };
}

/** What was decoded of these cells is stale, wherever they are seen. */
function cellsChanged({ parts, views }: BusState, address: number, length: number): void {
  for (const view of allViews(views)) parts.bus.invalidate(seenAt(view, address), length);
  parts.core.attend();
}

function showAtZero(state: BusState, target: Target): void {
  const { parts, views, controller } = state;
  const { bus, chip } = parts;
  views.atZero = target === 'flash' ? { ...views.first, start: 0 } : undefined;
  if (views.atZero) {
    bus.map(cellRegion(controller, views.atZero, 'flash at 0'));
    bus.unmap('memory at 0');
    showClosed(state, views.atZero);
  } else {
    bus.map(otherAtZero(bus, target === 'system' ? chip.romVectors : (chip.ram[0]?.[0] ?? 0)));
    bus.unmap('flash at 0');
    bus.unmap('closed flash at 0x0');
  }
}

function close(state: BusState, closed: boolean): void {
  if (closed === state.isClosed) return;
  state.isClosed = closed;
  const { parts, views } = state;
  for (const view of views.fixed) showClosed(state, view);
  if (views.atZero) showClosed(state, views.atZero);
  parts.core.attend();
}

/** Puts a device that refuses in front of cells that are closed, or takes it away. */
function showClosed({ parts, controller, isClosed }: BusState, view: View): void {
  const { bus } = parts;
  const { start, bytes } = view;
  const name = `closed flash at 0x${start.toString(16)}`;
  bus.invalidate(start, bytes.length);
  if (!isClosed) {
    bus.unmap(name);
    return;
  }
  const { device } = cellRegion(controller, view, name);
  bus.map({ name, start, length: bytes.length, ...(device && { device }) });
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

/** Cells from `address` on are being changed. Whoever runs from that bank waits at its next fetch (RM0008 §3.3.3, RM0351 §3.3.6). */
function becomeBusy(state: BusState, address: number, until: number): void {
  const { parts, views } = state;
  const { flash, core } = parts;
  state.busyUntil = until;
  if (parts.cached) return;
  const here = viewAt(views, core.executingFrom);
  if (here && sameBank(flash, address, cellsAt(here, core.executingFrom))) wait(parts, until);
  else if (flash.contains(address)) hideBank(state, address, until);
}

function wait(parts: FlashBusParts, until: number): void {
  const { core } = parts;
  // A probe that reads while the core is halted is not held up here.
  if (core.state !== 'halted') core.stall(Math.max(0, Math.ceil(((until - parts.now()) * parts.hz()) / 1000)));
}

/** Puts a device in front of a bank that makes the first reader wait, and then goes away. */
function hideBank({ parts, views, controller }: BusState, address: number, until: number): void {
  const { bus, flash } = parts;
  const { start, length } = bankOf(flash, address);
  const view = viewAt(views, start);
  if (!view) return;
  const name = nameOfBusy(start);
  const device: Device = {
    read(offset, width) {
      wait(parts, until);
      bus.unmap(name);
      const at = start + offset;
      return width === 4 ? bus.read32(at) >>> 0 : width === 2 ? bus.read16(at) : bus.read8(at);
    },
    write: (offset, width, value) => controller.write(cellsAt(view, start + offset), width, value),
  };
  bus.map({ name, start, length, device });
}

function nameOfBusy(start: number): string {
  return `busy flash at 0x${start.toString(16)}`;
}

/** Banks can be read while the other one is busy. A chip with one region of cells has one, unless it is cut in halves. */
function bankOf(flash: Flash, address: number): { start: number; length: number } {
  const memory = flash.memories.find(({ start, bytes }) => address >= start && address < start + bytes.length);
  return { start: memory?.start ?? 0, length: memory?.bytes.length ?? 0 };
}

function sameBank(flash: Flash, one: number, other: number): boolean {
  return bankOf(flash, one).start === bankOf(flash, other).start;
}
