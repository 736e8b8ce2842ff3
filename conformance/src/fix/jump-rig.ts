/** Builds a program around a generated jump, runs it on the chip's model, and tells how the ROM was entered. */
import { bootloaderEntryOf, CHIPS, type Chip } from '@sureflash/chips';
import { elfSymbols } from '@sureflash/image';
import { bootloaderJump, CORE_FLAGS, type GeneratedFile, type JumpStyle } from '@sureflash/programmer/fix';
import { createMicrocontroller, type Microcontroller, type RomEntry } from '@sureflash/virtual';
import { type JumpModel, jumpModelOf } from './jump-models.ts';
import { link, type Optimisation, type Place } from './toolchain.ts';

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
  /** Changes option bytes before the chip starts. */
  readonly options?: (bytes: Uint8Array) => void;
}

export function chipOf(id: string): Chip {
  const chip = CHIPS.find((each) => each.id === id);
  if (!chip) throw new Error(`no chip ${id}`);
  return chip;
}

export const flagsOf = (chip: Chip): readonly string[] => {
  const entry = bootloaderEntryOf(chip);
  return CORE_FLAGS[entry?.possible ? entry.core : 'cortex-m0plus']?.split(' ') ?? [];
};

const FLASH = { start: 0x0800_0000, bytes: 0x8000 };
const RAM_START = 0x2000_0000;

/** The RAM that a program is linked to: the bank that the ROM's stack lies in too, as far as 64 KB. */
function ramOf({ facts }: JumpModel): Place {
  const own = facts.ram.find(([start]) => start === RAM_START);
  return { start: RAM_START, bytes: Math.min(0x1_0000, own?.[1] ?? 0) };
}

export interface RunningJump {
  readonly model: JumpModel;
  readonly microcontroller: Microcontroller;
  /** End of the program's RAM, and the loop that the application ends in; absent where the linker left it out. */
  readonly ramEnd: number;
  readonly application: number | undefined;
  /** FLASH_ACR as a reset leaves it. */
  readonly accessControl: number;
}

/** @returns the program on its chip, just powered on */
export function start(program: JumpProgram): RunningJump {
  const chip = chipOf(program.chip);
  const { when, style = 'cmsis', optimisation = '-Os', main, change = (text) => text, high = [] } = program;
  const model = jumpModelOf(chip);
  const made = bootloaderJump({ chip, when, style });
  const files: GeneratedFile[] = [
    ...made.headers,
    ...made.files.map(({ name, text }) => ({ name, text: name.endsWith('.c') ? change(text) : text })),
    { name: 'main.c', text: main },
  ];
  const ram = ramOf(model);
  const elf = link({ flags: flagsOf(chip), optimisation, files, flash: FLASH, ram });
  const application = [...elfSymbols(elf)].find(({ name }) => name === 'application_runs');
  const microcontroller = createMicrocontroller(model.facts);
  microcontroller.loadElf(elf);
  program.options?.(microcontroller.options);
  for (const pin of high) microcontroller.pull(pin, true);
  microcontroller.powerOn();
  return {
    model,
    microcontroller,
    ramEnd: ram.start + ram.bytes,
    application: application && (application.address & ~1) >>> 0,
    accessControl: microcontroller.core.debugPort.read(model.accessControl, 4),
  };
}

/** Long enough for every wait of the tests at the fastest clock. */
const MOST_CYCLES = 12_000_000;
const JUMP_SLICE_MS = 0.25;

export interface Arrival {
  readonly rom: boolean;
  readonly application: boolean;
}

/** Runs to the ROM's entry or to the loop `application_runs`. */
export function arrival({ microcontroller, application }: RunningJump, cycles = MOST_CYCLES): Arrival {
  const { core } = microcontroller;
  const end = core.cycles + cycles;
  while (core.cycles < end && core.state !== 'locked up') {
    microcontroller.run(JUMP_SLICE_MS);
    if (microcontroller.romEntries.length > 0) return { rom: true, application: false };
    const pc = core.registers.read('pc');
    if (application !== undefined && pc >= application && pc < application + 4)
      return { rom: false, application: true };
  }
  return { rom: false, application: false };
}

/** What a ROM that was entered with BOOT0 high would find, and each register that a program may have left otherwise. */
const expectedEntry = ({ model: { facts } }: RunningJump): Partial<RomEntry> => ({
  msp: facts.romStack,
  control: 0,
  primask: 0,
  faultmask: 0,
  basepri: 0,
  exception: 0,
  ...(facts.core !== 'm0' && { vtor: facts.remap ? 0 : facts.romVectors }),
  sysTick: { control: 0, reload: 0 },
  enabledInterrupts: [],
  pendingInterrupts: [],
  changedClocks: [],
  changedPeripherals: [],
  ...(facts.remap && { remap: 'system' }),
});

/** What is not as it is after a reset with BOOT0 high, at the ROM's first instruction. Empty: all is well. */
export function entryFaults(run: RunningJump): string[] {
  const { microcontroller, model, accessControl } = run;
  const [entry] = microcontroller.romEntries;
  if (!entry) return ['the ROM was not entered'];
  const found = { ...entry, accessControl: microcontroller.core.debugPort.read(model.accessControl, 4) };
  return Object.entries({ ...expectedEntry(run), accessControl })
    .map(([what, wanted]) => [what, JSON.stringify(found[what as keyof typeof found]), JSON.stringify(wanted)] as const)
    .filter(([, is, wanted]) => is !== wanted)
    .map(([what, is, wanted]) => `${what} is ${is}, not ${wanted}`);
}
