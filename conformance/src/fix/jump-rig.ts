/** Builds a program around a generated jump, runs it on the chip of these tests, and tells how the ROM was entered. */
import { bootloaderEntryOf, CHIPS, type Chip } from '@sureflash/chips';
import { elfSymbols, parseFirmware } from '@sureflash/image';
import { bootloaderJump, CORE_FLAGS, type GeneratedFile, type JumpStyle } from '@sureflash/programmer/fix';
import { FAMILIES, type Family } from './silicon/families.ts';
import { createSilicon, runTo, type Silicon } from './silicon/silicon.ts';
import { link, type Optimisation } from './toolchain.ts';

export const FLASH = 0x0800_0000;

export interface JumpProgram {
  readonly chip: string;
  readonly when: string;
  readonly style?: JumpStyle;
  readonly optimisation?: Optimisation;
  /** C with `main`, and `before_data` if it wants to look first. */
  readonly main: string;
  /** Changes the generated source: what a mutant is. */
  readonly change?: (source: string) => string;
  /** Pins that are high. */
  readonly high?: readonly string[];
}

/** Where the RAM of a test program is: the bank that the ROM's stack lies in too. */
const RAM = { start: 0x2000_0000, bytes: 0x1_0000 };

export function chipOf(id: string): Chip {
  const chip = CHIPS.find((each) => each.id === id);
  if (!chip) throw new Error(`no chip ${id}`);
  return chip;
}

export function familyOf(id: string): Family {
  const family = FAMILIES[id];
  if (!family) throw new Error(`no silicon for ${id}`);
  return family;
}

export const flagsOf = (chip: Chip): readonly string[] => {
  const entry = bootloaderEntryOf(chip);
  return CORE_FLAGS[entry?.possible ? entry.core : 'cortex-m0plus']?.split(' ') ?? [];
};

/** Chips with less RAM than 64 KB end earlier. */
function ramOf(chip: Chip): { start: number; bytes: number } {
  const own = chip.ram.find(({ start }) => start === RAM.start);
  return { start: RAM.start, bytes: Math.min(RAM.bytes, own ? own.end - own.start : RAM.bytes) };
}

/** System memory from its first address on, which is what a remap shows at address 0. */
function romOf({ systemMemory, bootloaderVectors }: Chip): { start: number; bytes: number } {
  const own = systemMemory.find(({ start, end }) => start <= bootloaderVectors && bootloaderVectors < end);
  const start = own?.start ?? bootloaderVectors;
  return { start, bytes: (own?.end ?? bootloaderVectors + 0x4000) - start };
}

export interface Running {
  readonly silicon: Silicon;
  /** Address of a symbol of the program; absent where the linker left it out. */
  readonly symbol: (name: string) => number | undefined;
}

/** @returns the program on its chip, just powered on */
export function start(program: JumpProgram): Running {
  const chip = chipOf(program.chip);
  const family = familyOf(program.chip);
  const { when, style = 'cmsis', optimisation = '-Os', main, change = (text) => text, high = [] } = program;
  const made = bootloaderJump({ chip, when, style });
  const files: GeneratedFile[] = [
    ...made.headers,
    ...made.files.map(({ name, text }) => ({ name, text: name.endsWith('.c') ? change(text) : text })),
    { name: 'main.c', text: main },
  ];
  const ram = ramOf(chip);
  const flash = { start: FLASH, bytes: 0x1_0000 };
  const elf = link({ flags: flagsOf(chip), optimisation, files, flash, ram });
  const { image } = parseFirmware(elf);
  const content = image.read({ start: FLASH, end: image.range?.end ?? FLASH });
  const vectors = chip.bootloaderVectors;
  const silicon = createSilicon({
    family,
    flash: { ...flash, content },
    ram: [ram],
    rom: { ...romOf(chip), vectors, stack: 0x2000_0800 },
    pins: new Map(high.map((pin) => [pin, true])),
  });
  silicon.powerOn();
  const symbols = [...elfSymbols(elf)];
  const symbol = (name: string): number | undefined => {
    const found = symbols.find((each) => each.name === name);
    return found && (found.address & ~1) >>> 0;
  };
  return { silicon, symbol };
}

/** Long enough for every wait of the tests at 64 MHz. */
const MOST_CYCLES = 12_000_000;

export interface Arrival {
  readonly rom: boolean;
  readonly application: boolean;
}

/** Runs to the ROM's entry or to the loop `application_runs`. */
export function arrival({ silicon, symbol }: Running, cycles = MOST_CYCLES): Arrival {
  const application = symbol('application_runs');
  const end = silicon.core.cycles + cycles;
  while (silicon.core.cycles < end) {
    if (runTo(silicon, silicon.romEntry, 4000)) return { rom: true, application: false };
    const pc = silicon.core.registers.read('pc');
    if (application !== undefined && pc >= application && pc < application + 4)
      return { rom: false, application: true };
  }
  return { rom: false, application: false };
}

/** What is not as it is after a reset with BOOT0 high, at the ROM's first instruction. Empty: all is well. */
export function entryFaults({ silicon }: Running, chip: Chip, family: Family): string[] {
  const { core, rcc, syscfg, ports, dma, violations } = silicon;
  const faults: string[] = [...violations];
  const expect = (what: string, found: number, wanted: number): void => {
    if (found >>> 0 !== wanted >>> 0)
      faults.push(`${what} is 0x${(found >>> 0).toString(16)}, not 0x${(wanted >>> 0).toString(16)}`);
  };
  const { registers, debugPort } = core;
  expect('MSP', registers.read('msp'), 0x2000_0800);
  expect('CONTROL', registers.control, 0);
  expect('PRIMASK', registers.primask, 0);
  expect('FAULTMASK', registers.faultmask, 0);
  expect('BASEPRI', registers.basepri, 0);
  expect('IPSR', registers.exception, 0);
  expect('SysTick CTRL', debugPort.read(0xe000_e010, 4) & 0x7, 0);
  expect('SysTick LOAD', debugPort.read(0xe000_e014, 4), 0);
  expect('NVIC ISER', debugPort.read(0xe000_e100, 4), 0);
  expect('NVIC ISPR', debugPort.read(0xe000_e200, 4), 0);
  if (family.core !== 'm0') expect('VTOR', registers.vtor, family.syscfg ? 0 : chip.bootloaderVectors);
  if (family.syscfg) {
    expect('SYSCFG remap', syscfg?.get(family.syscfg.at) ?? 0, 1);
    expect('the word at 0', core.bus.read32(0), 0x2000_0800);
  }
  for (const [offset, value] of Object.entries(family.rcc.reset)) {
    if (family.rcc.writeOnly?.includes(Number(offset))) continue;
    if (rcc.get(Number(offset)) !== value >>> 0)
      expect(`RCC+0x${Number(offset).toString(16)}`, rcc.get(Number(offset)), value);
  }
  ports.forEach((port) => {
    expect(`${port.name} mode`, port.get(0), family.gpio.mode);
    expect(`${port.name} pulls`, port.get(12), 0);
  });
  if (dma && family.dma) {
    for (let channel = 0; channel < family.dma.channels; channel++) {
      expect(`DMA channel ${channel}`, dma.get(family.dma.first + family.dma.step * channel), 0);
    }
  }
  return faults;
}
