/**
 * The callbacks of a generated media file, run as ARM code on the chip's model. The class needs to know at once how long a
 * callback takes and what it returns, while a power failure may cut it in the middle: so each call runs at once on a twin
 * of the chip, and on the chip itself only when its time has come.
 */
import { elfSymbols, parseFirmware } from '@sureflash/image';
import {
  type ChipFacts,
  createMicrocontroller,
  Flash,
  type MediaInterface,
  type MediaResult,
  type Microcontroller,
} from '@sureflash/virtual';

/** USBD_DFU_MediaTypeDef, in bytes. */
const CALLBACK = { init: 4, erase: 12, write: 16, read: 20, status: 24 } as const;
type Callback = keyof typeof CALLBACK;
const USBD_OK = 0;
const COMMAND = { erase: 0, program: 1 } as const;
/** Longer than any sector takes. */
const LONGEST_CALL_MS = 60_000;
/** How often the code is looked after: at first, and at last. */
const SLICE_MS = 0.02;
const LONGEST_SLICE_MS = 0.5;
/** B to itself. */
const BRANCH_TO_SELF = [0xfe, 0xe7] as const;

/** Firmware around a media file: a buffer for its callbacks, and a loop to come back to. */
export const MEDIA_MAIN = `#include "usbd_dfu_if.h"
uint8_t scratch[4096] __attribute__((aligned(8)));
USBD_DFU_MediaTypeDef *volatile media;
__attribute__((noinline, noreturn)) void idle(void) { scratch[0] = 0u; for (;;) {} }
int main(void) { media = &USBD_DFU_fops_FS; idle(); }
`;

/** A chip with the loader running in it, and calls into its callbacks. */
export interface Machine {
  readonly chip: Microcontroller;
  call(
    callback: Callback,
    args: readonly number[],
    untilMs?: number,
  ): { readonly result: number; readonly ms: number; readonly done: boolean };
  readonly scratch: number;
}

/** @throws Error from a call in which the code takes a fault, locks up or does not come back */
export function machineOf(facts: ChipFacts, flash: Flash, elf: Uint8Array): Machine {
  const chip = createMicrocontroller(facts, { flash });
  const { core } = chip;
  const symbols = new Map([...elfSymbols(elf)].map(({ name, address }) => [name, address]));
  const place = (name: string): number => ((symbols.get(name) ?? 0) & ~1) >>> 0;
  const [unexpected, scratch, table] = [place('unexpected'), place('scratch'), place('USBD_DFU_fops_FS')];
  const idleLoop = loopAt(flash, place('idle'));
  const idles = (): boolean => {
    const pc = core.registers.read('pc');
    if (pc >= unexpected && pc < unexpected + 4)
      throw new Error(`the loader took a fault: CFSR 0x${core.faultStatus.cfsr.toString(16)}`);
    if (core.state === 'locked up') throw new Error('the loader locked up');
    return pc === idleLoop;
  };
  chip.powerOn();
  for (let slice = 0; slice < 500 && !idles(); slice += 1) chip.run(0.1);
  if (!idles()) throw new Error('the loader did not come to its loop');
  let running: number | undefined;
  return {
    chip,
    scratch,
    call(callback, args, untilMs = Number.POSITIVE_INFINITY) {
      const { registers, debugPort } = core;
      if (running === undefined) {
        const entry = debugPort.read(table + CALLBACK[callback], 4);
        args.forEach((value, index) => {
          if (index === 0) registers.write(0, value);
          else if (index === 1) registers.write(1, value);
          else registers.write(2, value);
        });
        registers.write('lr', (idleLoop | 1) >>> 0);
        registers.write('pc', (entry & ~1) >>> 0);
        running = chip.now();
      }
      const began = running;
      let slice = SLICE_MS;
      do {
        if (chip.now() - began >= untilMs) return { result: 0, ms: chip.now() - began, done: false };
        chip.run(slice);
        slice = Math.min(LONGEST_SLICE_MS, 1.5 * slice);
        if (chip.now() - began > LONGEST_CALL_MS) throw new Error(`${callback} did not return`);
      } while (!idles());
      running = undefined;
      return { result: registers.read(0), ms: chip.now() - began, done: true };
    },
  };
}

/** A callback that changes the flash, and when it began and ends. */
export interface FlashCall {
  readonly callback: 'erase' | 'write';
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly since: number;
  readonly endsAt: number;
}

export interface ArmMedia extends MediaInterface {
  /** What the flash was asked for last and has not been made to carry out: its cells are as before. */
  readonly pending: FlashCall | undefined;
  /** The chip starts its program: at power-on, and after a cut. */
  powerOn(): void;
  /** The power goes away at `now`, in the middle of whatever runs. */
  cut(now: number): void;
  /** Lets everything that was begun end. */
  settle(): void;
  /** The chip that runs. */
  readonly chip: Microcontroller;
}

export interface ArmMediaOptions {
  readonly facts: ChipFacts;
  readonly flash: Flash;
  readonly elf: Uint8Array;
  readonly layout: string;
}

/** Two chips with the same loader: one is ahead and tells what a call returns and when, the other carries it out in time. */
function pairOf({ facts, flash, elf }: ArmMediaOptions) {
  let machines: { readonly real: Machine; readonly ahead: Machine } | undefined;
  let pending: FlashCall | undefined;
  const both = () => {
    if (!machines) throw new Error('the chip has no power');
    return machines;
  };
  const start = (
    machine: Machine,
    { callback, address, bytes }: Omit<FlashCall, 'since' | 'endsAt'>,
    untilMs?: number,
  ) => {
    put(machine, bytes);
    return machine.call(callback, callback === 'erase' ? [address] : [machine.scratch, address, bytes.length], untilMs);
  };
  const carryOut = (untilMs?: number): void => {
    if (pending && start(both().real, pending, untilMs).done) pending = undefined;
  };
  return {
    get real() {
      return both().real;
    },
    get pending() {
      return pending;
    },
    carryOut,
    powerOn() {
      pending = undefined;
      machines = { real: machineOf(facts, flash, elf), ahead: machineOf(facts, copyOf(flash, facts), elf) };
    },
    cut(now: number) {
      if (!machines) return;
      if (pending) carryOut(Math.max(0, now - pending.since));
      flash.powerCut(machines.real.chip.now());
      pending = undefined;
      machines = undefined;
    },
    /** On the one that is ahead at once; on the chip when its time has come. */
    begin(call: Omit<FlashCall, 'endsAt'>): MediaResult {
      carryOut();
      const { result, ms } = start(both().ahead, call);
      pending = { ...call, endsAt: call.since + ms };
      return { ok: result === USBD_OK, endsAt: pending.endsAt };
    },
    atOnce(callback: Callback, args: readonly number[]): number {
      carryOut();
      both().ahead.call(callback, args);
      return both().real.call(callback, args).result;
    },
  };
}

export function armMedia(options: ArmMediaOptions): ArmMedia {
  const pair = pairOf(options);
  const read = (address: number): number => pair.real.chip.core.debugPort.read(address, 1);
  return {
    layout: options.layout,
    get pending() {
      return pair.pending;
    },
    get chip() {
      return pair.real.chip;
    },
    powerOn: () => pair.powerOn(),
    cut: (now) => pair.cut(now),
    settle: () => pair.carryOut(),
    erase: (address, since) => pair.begin({ callback: 'erase', address, bytes: new Uint8Array(0), since }),
    write: (address, bytes, since) => pair.begin({ callback: 'write', address, bytes, since }),
    read(address, length) {
      const result = pair.atOnce('read', [address, pair.real.scratch, length]);
      return result === 0 ? undefined : Uint8Array.from({ length }, (_, index) => read(result + index));
    },
    pollMs(command) {
      const { scratch } = pair.real;
      pair.atOnce('status', [0, COMMAND[command], scratch]);
      return [1, 2, 3].reduce((ms, index) => ms + read(scratch + index) * 256 ** (index - 1), 0);
    },
  };
}

/** The endless loop of the function at `address`. */
function loopAt(flash: Flash, address: number): number {
  const code = flash.peek(address, 32);
  for (let at = 0; at < code.length; at += 2)
    if (code[at] === BRANCH_TO_SELF[0] && code[at + 1] === BRANCH_TO_SELF[1]) return address + at;
  throw new Error('the loader has no loop to come back to');
}

export function put({ chip, scratch }: Machine, bytes: Uint8Array): void {
  bytes.forEach((byte, index) => {
    chip.core.debugPort.write(scratch + index, 1, byte);
  });
}

/** Cells with the same content; units that are erased stay blank. */
function copyOf(flash: Flash, facts: ChipFacts): Flash {
  const copy = new Flash(facts.cells);
  for (const { address, bytes } of cellsHeldBy(flash, facts)) copy.load(address, bytes);
  return copy;
}

/** A copy of what the cells hold, without units that are erased where blank and erased differ. */
export function cellsHeldBy(flash: Flash, { cells }: ChipFacts): { address: number; bytes: Uint8Array }[] {
  if (cells.kind === 'plain')
    return flash.memories.map(({ start, bytes }) => ({ address: start, bytes: bytes.slice() }));
  const unit = Math.max(cells.programBytes, 4);
  const erased = cells.erasedByte ?? 0xff;
  return flash.memories.flatMap(({ start, bytes }) => {
    const held: { address: number; bytes: Uint8Array }[] = [];
    for (let at = 0; at < bytes.length; at += unit) {
      const part = bytes.subarray(at, at + unit);
      if (part.some((byte) => byte !== erased)) held.push({ address: start + at, bytes: part.slice() });
    }
    return held;
  });
}

/** The loader's bytes in flash, from its first address on. */
export function imageOf(elf: Uint8Array): { readonly address: number; readonly bytes: Uint8Array }[] {
  return parseFirmware(elf).image.segments.map(({ address, bytes }) => ({ address, bytes }));
}
