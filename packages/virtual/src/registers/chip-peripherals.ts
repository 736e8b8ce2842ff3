/** A chip's peripherals, built from its facts: clocks, ports, watchdog, and those that only keep what they are told. */

import type { Region } from '../core/index.ts';
import { random, seedOf } from '../random.ts';
import type { ChipFacts, PlainFacts, Target } from './chip.ts';
import { createF1Port, createPort, type Level, type Port } from './gpio.ts';
import { constant, createPeripheral, type Peripheral, plain } from './peripheral.ts';
import { type ClockSource, createRcc, type Rcc, type ResetCause } from './rcc.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

export interface Peripherals {
  readonly rcc: Rcc;
  readonly watchdog: Watchdog;
  readonly regions: readonly Region[];
  /** Drives a pin from outside; throws for a pin that the chip does not have. */
  pull(pin: string, level: Level): void;
  /** The level at a pin. */
  level(pin: string): boolean;
  /** A register, as 'RTC.BKP0R'. */
  get(register: string): number;
  reset(cause: ResetCause): void;
  /** Registers that a system reset would change, but for RCC, IWDG and the one that remaps address 0. */
  changed(): string[];
}

export interface PeripheralEvents {
  readonly hseHz: number;
  now(): number;
  clockChanged(clock: ClockSource): void;
  remapChanged(target: Target): void;
  /** MEM_MODE is as the boot pins had it at the last reset (RM0090 §9.2.1). */
  remapReset(): void;
}

export function buildPeripherals(chip: ChipFacts, events: PeripheralEvents): Peripherals {
  const byName = new Map<string, Peripheral>();
  const rcc = createRcc(chip.rcc, {
    hseHz: events.hseHz,
    clockChanged: (clock) => events.clockChanged(clock),
    resetPeripheral(name) {
      byName.get(name)?.reset();
      if (name === chip.remap?.peripheral) events.remapReset();
    },
  });
  const enabled = (enable: readonly [string, number] | undefined) => () =>
    enable === undefined || rcc.enabled(...enable);
  const ports = portsOf(chip, (bit) => enabled([chip.ports.enable[0], chip.ports.enable[1] + bit]));
  const watchdog = createWatchdog({ ...chip.watchdog, now: () => events.now() });
  byName.set('RCC', rcc.peripheral);
  byName.set('IWDG', watchdog.peripheral);
  byName.set('DBGMCU', debugUnit(chip));
  for (const [letter, port] of ports) byName.set(`GPIO${letter}`, port.peripheral);
  for (const facts of chip.plain) byName.set(facts.name, plainPeripheral(chip, facts, enabled(facts.enable), events));
  // A system reset leaves what a debugger has set (RM0090 §38.16.3, RM0008 §31.16.3).
  const kept = new Set(['RCC', 'IWDG', 'DBGMCU', ...chip.plain.filter(({ backup }) => backup).map(({ name }) => name)]);
  return {
    rcc,
    watchdog,
    regions: [...[...byName.values()].map(({ region }) => region), ...identity(chip)],
    pull: (pin, level) => pinOf(ports, pin).port.pull(pinOf(ports, pin).number, level),
    level: (pin) => pinOf(ports, pin).port.level(pinOf(ports, pin).number),
    get(register) {
      const [name = '', field = ''] = register.split('.');
      const peripheral = byName.get(name);
      if (!peripheral) throw new RangeError(`${chip.name} has no ${name} here`);
      return peripheral.values.get(field);
    },
    reset(cause) {
      for (const [name, peripheral] of byName)
        if (!kept.has(name) || (cause === 'power' && name !== 'RCC')) peripheral.reset();
      watchdog.reset();
      rcc.reset(cause);
    },
    changed: () =>
      [...byName]
        .filter(([name]) => !kept.has(name))
        .flatMap(([name, peripheral]) => peripheral.changed().map((register) => `${name}.${register}`))
        .filter((register) => register !== `${chip.remap?.peripheral}.${chip.remap?.register}`),
  };
}

function portsOf({ ports }: ChipFacts, clocked: (index: number) => () => boolean): ReadonlyMap<string, Port> {
  const { letters, start, step = 0x400, f1, moder, moderElsewhere = 0, ospeedr, pupdr } = ports;
  return new Map(
    Array.from(letters).map((letter) => {
      const index = letter.charCodeAt(0) - 'A'.charCodeAt(0);
      const port = (f1 ? createF1Port : createPort)({
        name: `GPIO${letter}`,
        start: start + index * step,
        clocked: clocked(index),
        moder: moder?.[letter] ?? moderElsewhere,
        ospeedr: ospeedr?.[letter] ?? 0,
        pupdr: pupdr?.[letter] ?? 0,
      });
      return [letter, port] as const;
    }),
  );
}

function pinOf(ports: ReadonlyMap<string, Port>, pin: string): { port: Port; number: number } {
  const [, letter = '', number = ''] = /^P([A-Z])(\d{1,2})$/.exec(pin) ?? [];
  const port = ports.get(letter);
  if (!port || Number(number) > 15) throw new RangeError(`no pin ${pin}`);
  return { port, number: Number(number) };
}

function plainPeripheral(
  { remap }: ChipFacts,
  { name, start, length, registers, clears = [] }: PlainFacts,
  clocked: () => boolean,
  events: PeripheralEvents,
): Peripheral {
  const specs = plain(registers);
  for (const spec of Object.values(specs)) {
    if (clears.includes(spec.name)) Object.assign(spec, { write: () => 0 });
  }
  if (remap?.peripheral === name) {
    for (const spec of Object.values(specs)) {
      if (spec.name !== remap.register) continue;
      Object.assign(spec, {
        write: (written: number) => {
          const target = remap.targets[written & 3];
          if (target) events.remapChanged(target);
          return written;
        },
      });
    }
  }
  return createPeripheral({ name, start, registers: specs, clocked, ...(length === undefined ? {} : { length }) });
}

const COMMON_FREEZES = [
  [0x08, 'APB1FZ'],
  [0x0c, 'APB2FZ'],
] as const;

function debugUnit({ dbgmcu }: ChipFacts): Peripheral {
  return createPeripheral({
    name: 'DBGMCU',
    start: dbgmcu.start,
    registers: {
      [0x00]: constant('IDCODE', dbgmcu.idcode),
      ...plain([[0x04, 'CR'], ...(dbgmcu.freezes ?? COMMON_FREEZES)]),
    },
  });
}

/** The flash size in KB and the unique id, where they are not within system memory's own bytes. */
function identity({ name, flashSizeAt, uidAt, cells }: ChipFacts): Region[] {
  const bytes = cells.regions.flatMap(({ sectorBytes }) => sectorBytes).reduce((sum, sector) => sum + sector, 0);
  const word = new Uint8Array(4).fill(0xff);
  new DataView(word.buffer).setUint16(flashSizeAt & 3, bytes / 1024, true);
  const size = { name: 'flash size', start: flashSizeAt & ~3, length: 4, bytes: word };
  return [size, { name: 'unique id', start: uidAt, length: 12, bytes: uniqueId(name) }];
}

/** Place on the wafer, then wafer and lot number in ASCII (RM0090 §39.1), made up for the chip's name. */
function uniqueId(name: string): Uint8Array {
  const next = random(seedOf(name));
  const below = (limit: number) => Math.floor(next() * limit);
  const place = [below(100), 0, below(100), 0, 1 + below(25)];
  return Uint8Array.from([...place, ...Array.from({ length: 7 }, () => 0x30 + below(10))]);
}
