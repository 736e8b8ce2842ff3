/** One chip of these tests: a core of the virtual package, its memories and the peripherals that generated code touches. */
import { type Core, createCore, createMemoryMap, type Device, type MemoryMap, type Region } from '@sureflash/virtual';
import type { ClockBit, Family, Rcc } from './families.ts';
import { type Bank, bank } from './registers.ts';

export interface SiliconPlace {
  readonly start: number;
  readonly bytes: number;
}

export interface SiliconOptions {
  readonly family: Family;
  readonly flash: SiliconPlace & { readonly content: Uint8Array };
  readonly ram: readonly SiliconPlace[];
  readonly rom: SiliconPlace & { readonly vectors: number; readonly stack: number };
  /** Other memory that is only read: flash size, option bytes. */
  readonly fixed?: readonly { readonly start: number; readonly bytes: Uint8Array }[];
  /** Levels of pins by port letter and number; others are low. */
  readonly pins?: ReadonlyMap<string, boolean>;
  /** Takes over the registers of the flash controller, and stores into flash. */
  readonly controller?: (silicon: Pick<Silicon, 'core'>) => {
    readonly registers: Bank;
    readonly store: Device['write'];
  };
}

export interface Silicon {
  readonly core: Core;
  readonly bus: MemoryMap;
  readonly rcc: Bank;
  readonly syscfg: Bank | undefined;
  readonly ports: readonly Bank[];
  readonly dma: Bank | undefined;
  readonly flashRegisters: Bank;
  readonly flashBytes: Uint8Array;
  /** System resets since power-on. */
  readonly resets: number;
  /** What the watchdog was told. */
  readonly watchdog: readonly number[];
  /** Things that real silicon does not forgive. */
  readonly violations: readonly string[];
  /** Address of the ROM's first instruction. */
  readonly romEntry: number;
  powerOn(): void;
}

const LOOP = [0xfe, 0xe7];

export function createSilicon(options: SiliconOptions): Silicon {
  const { family, flash, ram, rom, fixed = [], pins = new Map() } = options;
  const violations: string[] = [];
  const watchdog: number[] = [];
  let resets = 0;
  const flashBytes = new Uint8Array(flash.bytes).fill(0xff);
  flashBytes.set(flash.content);
  const romBytes = romContent(rom);
  const bus = createMemoryMap([]);
  const banks: Bank[] = [];
  const isOn = (clock: ClockBit | undefined): boolean => !clock || ((rcc.get(clock[0]) >>> clock[1]) & 1) === 1;
  const rcc = rccBank(family, { violations, resetBits: (offset, value) => resetByBits(offset, value) });
  const syscfg = syscfgBank(
    family,
    () => isOn(family.syscfg?.clock),
    (mode) => mapZero(mode),
  );
  const ports = portBanks(family, pins, isOn);
  const dma = dmaBank(family, () => isOn(family.dma?.clock));
  const core = createCore({
    core: family.core,
    bus,
    // As many as the NVIC of the architecture can have: what a chip lacks of them reads as 0.
    interrupts: { m0: 32, 'm0+': 32, m3: 240, m4: 240, m7: 240, m23: 240, m33: 496 }[family.core],
    onResetRequest: () => {
      resets += 1;
      resetAll();
    },
  });
  const controlled = options.controller?.({ core });
  const flashRegisters =
    controlled?.registers ?? bank({ name: 'FLASH', base: family.flash.base, registers: family.flash.reset });
  banks.push(rcc, flashRegisters, ...ports, ...(syscfg ? [syscfg] : []), ...(dma ? [dma] : []));
  const iwdg = bank({
    name: 'IWDG',
    base: 0x4000_3000,
    registers: { 0: 0, 4: 0, 8: 0xfff, 12: 0 },
    onWrite: (offset, value) => {
      if (offset === 0) watchdog.push(value);
      return offset === 0 ? 0 : value;
    },
  });
  if (family.hasWatchdog) banks.push(iwdg);

  const flashRegion = (start: number, name: string): Region => ({
    name,
    start,
    length: flash.bytes,
    bytes: flashBytes,
    writable: false,
    ...(controlled && { device: { read: () => 0, write: controlled.store } }),
  });
  const romRegion = (start: number, name: string): Region => ({
    name,
    start,
    length: rom.bytes,
    bytes: romBytes,
    writable: false,
  });

  function mapZero(mode: number): void {
    bus.unmap('zero');
    if (ram.some(({ start }) => start === 0)) return;
    bus.map(mode === 1 ? romRegion(0, 'zero') : flashRegion(0, 'zero'));
  }

  /** Bits of reset registers reach what is modelled: ports, SYSCFG, DMA. */
  function resetByBits(offset: number, value: number): void {
    const hits = (clock: ClockBit | undefined, index = 0) =>
      clock?.[0] === offset && ((value >>> (clock[1] + index)) & 1) === 1;
    ports.forEach((port, index) => {
      if (hits(family.gpio.reset, index)) port.reset();
    });
    if (syscfg && hits(family.syscfg?.reset)) {
      syscfg.reset();
      mapZero(0);
    }
    if (hits(family.dma?.reset)) dma?.reset();
  }

  function resetAll(): void {
    for (const each of banks) each.reset();
    mapZero(0);
    core.reset(flash.start);
  }

  bus.map(flashRegion(flash.start, 'flash'));
  bus.map(romRegion(rom.start, 'system memory'));
  ram.forEach(({ start, bytes }, index) => {
    // What RAM holds after power-on is chance.
    const content = Uint8Array.from({ length: bytes }, (_, i) => (i * 73 + index * 31 + 17) & 0xff);
    bus.map({ name: `ram ${index}`, start, length: bytes, bytes: content, writable: true });
  });
  fixed.forEach(({ start, bytes }, index) => {
    const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4 + 4);
    whole.set(bytes);
    bus.map({ name: `fixed ${index}`, start, length: whole.length, bytes: whole, writable: false });
  });
  for (const each of banks)
    bus.map({ name: each.name, start: each.base, length: lengthOf(each.name), device: each, neverExecuted: true });
  mapZero(0);

  return {
    core,
    bus,
    rcc,
    syscfg,
    ports,
    dma,
    flashRegisters,
    flashBytes,
    get resets() {
      return resets;
    },
    watchdog,
    violations,
    romEntry: rom.vectors + 0x40,
    powerOn() {
      for (const each of banks) each.reset();
      mapZero(0);
      core.powerOn(flash.start);
    },
  };
}

const lengthOf = (name: string): number => (name === 'FLASH' ? 0x200 : 0x400);

/** A ROM that only shows how it was entered: its vectors, and an endless loop at its first instruction. */
function romContent({ start, bytes, vectors, stack }: SiliconOptions['rom']): Uint8Array {
  const content = new Uint8Array(bytes);
  const view = new DataView(content.buffer);
  const at = vectors - start;
  view.setUint32(at, stack, true);
  view.setUint32(at + 4, vectors + 0x40 + 1, true);
  content.set(LOOP, at + 0x40);
  return content;
}

interface RccHooks {
  readonly violations: string[];
  readonly resetBits: (offset: number, value: number) => void;
}

function rccBank({ rcc }: Family, { violations, resetBits }: RccHooks): Bank {
  const self: Bank = bank({
    name: 'RCC',
    base: rcc.base,
    registers: rcc.reset,
    onRead: (offset, value) => (rcc.writeOnly?.includes(offset) ? 0 : value),
    onWrite(offset, value, before) {
      resetBits(offset, value);
      if (rcc.clears?.includes(offset)) return value & 0xff00_ffff & 0xffff_ff00;
      if (offset === 0 && rcc.ready.length > 0) return controlAfter(rcc, self, value, violations);
      if (rcc.select && offset === rcc.select.at) return selected(rcc, self, value, before);
      return value;
    },
  });
  return self;
}

/** An oscillator that drives the system cannot be turned off (RM0008 §8.3.1 and its like). */
function controlAfter(rcc: Rcc, self: Bank, value: number, violations: string[]): number {
  let after = value >>> 0;
  const { select } = rcc;
  if (select) {
    const used = (self.get(select.at) >>> select.sws) & ((1 << select.bits) - 1);
    const needed = select.needs[used];
    if (needed !== undefined && ((after >>> needed) & 1) === 0) {
      violations.push(`RCC_CR bit ${needed} cleared while it drives the system`);
      after |= 1 << needed;
    }
  }
  for (const [on, ready] of rcc.ready) {
    after = ((after >>> on) & 1) === 1 ? after | (1 << ready) : after & ~(1 << ready);
  }
  return after >>> 0;
}

function selected({ select }: Rcc, self: Bank, value: number, before: number): number {
  if (!select) return value;
  const mask = (1 << select.bits) - 1;
  const wanted = value & mask;
  const needed = select.needs[wanted];
  const runs = needed !== undefined && ((self.get(0) >>> needed) & 1) === 1;
  const status = runs ? wanted : (before >>> select.sws) & mask;
  return ((value & ~(mask << select.sws)) | (status << select.sws)) >>> 0;
}

function syscfgBank({ syscfg }: Family, isClocked: () => boolean, remap: (mode: number) => void): Bank | undefined {
  if (!syscfg) return undefined;
  const { base, at, mask } = syscfg;
  return bank({
    name: 'SYSCFG',
    base,
    registers: { [at]: 0 },
    isClocked,
    onWrite(_, value) {
      remap(value & mask);
      return value;
    },
  });
}

function portBanks({ gpio }: Family, pins: ReadonlyMap<string, boolean>, isOn: (clock: ClockBit) => boolean): Bank[] {
  return Array.from({ length: gpio.ports }, (_, index) => {
    const letter = String.fromCharCode(65 + index);
    const input = (): number =>
      Array.from({ length: 16 }, (_each, bit) => (pins.get(`P${letter}${bit}`) ? 1 << bit : 0)).reduce(
        (a, b) => a | b,
        0,
      );
    const crl = gpio.kind === 'crl';
    const idr = crl ? 0x08 : 0x10;
    const registers = crl
      ? { 0: gpio.mode, 4: gpio.mode, 8: 0, 12: 0, 16: 0 }
      : { 0: gpio.mode, 4: 0, 8: 0, 12: 0, 16: 0, 20: 0, 24: 0 };
    const self: Bank = bank({
      name: `GPIO${letter}`,
      base: gpio.base + 0x400 * index,
      registers,
      isClocked: () => isOn([gpio.clock[0], gpio.clock[1] + index]),
      onRead(offset, value) {
        if (offset !== idr) return value;
        return input() & inputsOf(self, crl);
      },
    });
    return self;
  });
}

/** Pins in analogue mode read as 0 (RM0351 §8.3.12); the others as they are. */
function inputsOf(port: Bank, crl: boolean): number {
  let mask = 0;
  for (let pin = 0; pin < 16; pin++) {
    const mode = crl ? (port.get(pin < 8 ? 0 : 4) >>> (4 * (pin % 8))) & 0xf : (port.get(0) >>> (2 * pin)) & 3;
    if (crl ? mode !== 0 : mode !== 3) mask |= 1 << pin;
  }
  return mask;
}

function dmaBank({ dma }: Family, isClocked: () => boolean): Bank | undefined {
  if (!dma) return undefined;
  const registers = Object.fromEntries(
    Array.from({ length: dma.first / 4 + (dma.step / 4) * dma.channels }, (_, i) => [4 * i, 0]),
  );
  return bank({ name: 'DMA1', base: dma.base, registers, isClocked });
}

/** Runs until the core stands at `address`, in slices. @returns whether it came there before `cycles` had passed */
export function runTo({ core }: Silicon, address: number, cycles: number): boolean {
  const end = core.cycles + cycles;
  while (core.cycles < end) {
    core.run(2000);
    const pc = core.registers.read('pc');
    if (pc === address) return true;
    if (core.state === 'locked up') return false;
  }
  return false;
}
