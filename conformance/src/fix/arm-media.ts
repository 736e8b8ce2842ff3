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

export interface ArmMedia extends MediaInterface {
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

export function armMedia({ facts, flash, elf, layout }: ArmMediaOptions): ArmMedia {
  let real: Machine | undefined;
  let twin: Machine | undefined;
  let pending: { callback: Callback; args: readonly number[]; bytes: Uint8Array; since: number } | undefined;

  const machines = (): { real: Machine; twin: Machine } => {
    if (!real || !twin) throw new Error('the chip has no power');
    return { real, twin };
  };
  const carryOut = (untilMs?: number): void => {
    if (!pending) return;
    const { callback, args, bytes } = pending;
    const machine = machines().real;
    put(machine, bytes);
    const { done } = machine.call(callback, args, untilMs);
    if (done) pending = undefined;
  };
  /** On both; the twin at once, the chip when its time has come. */
  const begin = (
    callback: Callback,
    args: readonly number[],
    now: number,
    bytes: Uint8Array = new Uint8Array(0),
  ): MediaResult => {
    carryOut();
    const { twin: ahead } = machines();
    put(ahead, bytes);
    const { result, ms } = ahead.call(callback, args);
    pending = { callback, args, bytes, since: now };
    return { ok: result === USBD_OK, endsAt: now + ms };
  };
  const atOnce = (callback: Callback, args: readonly number[]): { machine: Machine; result: number } => {
    carryOut();
    const machine = machines().real;
    machines().twin.call(callback, args);
    return { machine, result: machine.call(callback, args).result };
  };

  return {
    layout,
    get chip() {
      return machines().real.chip;
    },
    powerOn() {
      pending = undefined;
      real = machineOf(facts, flash, elf);
      twin = machineOf(facts, copyOf(flash, facts), elf);
    },
    cut(now) {
      if (!real) return;
      if (pending) carryOut(Math.max(0, now - pending.since));
      flash.powerCut(real.chip.now());
      pending = undefined;
      real = undefined;
      twin = undefined;
    },
    settle: () => carryOut(),
    erase: (address, now) => begin('erase', [address], now),
    write: (address, bytes, now) => begin('write', [machines().real.scratch, address, bytes.length], now, bytes),
    read(address, length) {
      const { machine, result } = atOnce('read', [address, machines().real.scratch, length]);
      if (result === 0) return undefined;
      const { debugPort } = machine.chip.core;
      return Uint8Array.from({ length }, (_, index) => debugPort.read(result + index, 1));
    },
    pollMs(command) {
      const { machine } = atOnce('status', [0, COMMAND[command], machines().real.scratch]);
      const { debugPort } = machine.chip.core;
      return [1, 2, 3].reduce((ms, index) => ms + debugPort.read(machine.scratch + index, 1) * 256 ** (index - 1), 0);
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
function copyOf(flash: Flash, { cells }: ChipFacts): Flash {
  const copy = new Flash(cells);
  if (cells.kind === 'plain') {
    for (const { start, bytes } of flash.memories) copy.load(start, bytes);
    return copy;
  }
  const unit = Math.max(cells.programBytes, 4);
  const erased = cells.erasedByte ?? 0xff;
  for (const { start, bytes } of flash.memories) {
    for (let at = 0; at < bytes.length; at += unit) {
      const part = bytes.subarray(at, at + unit);
      if (part.some((byte) => byte !== erased)) copy.load(start + at, part);
    }
  }
  return copy;
}

/** The loader's bytes in flash, from its first address on. */
export function imageOf(elf: Uint8Array): { readonly address: number; readonly bytes: Uint8Array }[] {
  return parseFirmware(elf).image.segments.map(({ address, bytes }) => ({ address, bytes }));
}
