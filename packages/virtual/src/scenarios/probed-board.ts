/**
 * The board of the thread with a probe at its debug connector: one chip, two plugs. Its core runs what is in flash, and
 * where it lands decides what is on USB. It is powered by something else than USB.
 */

import { cubeMxStub, fillerProgram } from '../applications/class-applications.ts';
import { CLASS_V2_5_3 } from '../applications/class-version.ts';
import { Board, type Program, type Start } from '../board.ts';
import { type Application, silentApplication } from '../boot.ts';
import { Chip } from '../chip/chip.ts';
import { serialFromUid } from '../chip/serial-number.ts';
import type { Clock } from '../clock.ts';
import { FLASH_START } from '../flash/datasheet.ts';
import type { StLinkName, VirtualStLink } from '../stlink/index.ts';
import { createVirtualStLink } from '../stlink/index.ts';
import { KB } from '../table/row.ts';
import { STM32F105 } from '../table/well-known.ts';
import { bootF105Rom, loadContents, type ScenarioOptions } from './make-board.ts';

export interface ProbedBoardOptions extends ScenarioOptions {
  readonly probe?: StLinkName;
  /** See `SwdTargetOptions`; `LONGEST_RUN_MS` suits a host on the wall's clock. Absent, no limit. */
  readonly longestRunMs?: number;
}

/** On the wall's clock a host that waits for a second would otherwise cost a second of the model's core. */
export const LONGEST_RUN_MS = 50;
/** Longer than start-up code takes before it has decided where to go. */
const LANDING_LOOK_MS = 20;
/** An image that begins with these bytes is taken for the application that was there at first. */
const KNOWN_BYTES = 4 * KB;
const STAYING_STACK = 0x2001_0000;
const VECTORS_BYTES = 0x1e4;
/** B . */
const BRANCH_TO_ITSELF = 0xe7fe;

/** Content as in every scenario; absent, a program that stays where it is, with the class that CubeMX generates. */
export class ProbedBoard {
  /** Its USB plug, pins and cells. */
  readonly board: Board;
  readonly desk: VirtualStLink;
  readonly #clock: Clock;
  readonly #chip: Chip;
  readonly #stub: Uint8Array;
  readonly #generated: Application;
  /** Why the board starts. */
  #by: 'board' | 'probe' | 'landing' = 'landing';
  /** Resets of the core that the board knows of. */
  #resets: number;
  /** How often somebody was sent to look where the program has landed. */
  #looks = 0;

  constructor(clock: Clock, options: ProbedBoardOptions = {}) {
    const { seed = 1, probe = 'v2-1', longestRunMs } = options;
    this.#clock = clock;
    this.#chip = new Chip(STM32F105, { seed });
    loadContents(this.#chip, options.flash ?? [{ address: FLASH_START, bytes: stayingProgram() }]);
    this.#stub = this.#chip.flash.peek(FLASH_START, KNOWN_BYTES);
    this.#generated = cubeMxStub(CLASS_V2_5_3, options.serial ?? serialFromUid(STM32F105.uid.words));
    this.desk = createVirtualStLink({
      probe,
      chip: 'STM32F105',
      clock,
      microcontroller: { flash: this.#chip.flash, seed },
      ...(longestRunMs !== undefined && { longestRunMs }),
      onStart: (why) => this.#started(why),
    });
    const { microcontroller } = this.desk;
    this.#resets = microcontroller.resets.length;
    microcontroller.pull('PA9', true);
    const pins = { boot0: false, vbus: true, key: false };
    this.board = new Board(clock, { chip: this.#chip, pins, start: (begun) => this.#start(begun) });
    this.#by = 'board';
  }

  #started(why: 'reset' | 'resumed'): void {
    const { length } = this.desk.microcontroller.resets;
    const isOwn = length === this.#resets;
    this.#resets = length;
    if (why === 'reset' && !isOwn) this.#begin('probe');
    else this.#look();
  }

  #begin(by: 'probe' | 'landing'): void {
    this.#by = by;
    this.board.reset();
    this.#by = 'board';
  }

  #start(begun: Start): Program {
    const { microcontroller } = this.desk;
    if (this.#by === 'landing') return this.#landed(begun);
    if (this.#by === 'board') this.#catchUp();
    microcontroller.pull('BOOT0', begun.pins.boot0);
    microcontroller.pull('PA9', begun.pins.vbus);
    if (this.#by === 'board') {
      // What a bootloader has written by USB is not what the core has decoded.
      for (const { start, bytes } of this.#chip.flash.memories) microcontroller.bus.invalidate(start, bytes.length);
      microcontroller.reset('pin');
      this.#resets = microcontroller.resets.length;
    }
    this.#look();
    return { name: 'starting', connectMs: 0 };
  }

  #landed(begun: Start): Program {
    if (this.desk.microcontroller.landing === 'system memory') {
      return bootF105Rom({ ...begun, pins: { ...begun.pins, boot0: true } });
    }
    const held = this.#chip.flash.peek(FLASH_START, KNOWN_BYTES);
    const isStub = held.every((byte, at) => byte === this.#stub[at]);
    return (isStub ? this.#generated : silentApplication)(begun, FLASH_START);
  }

  /** In a while: where has the program landed? */
  #look(): void {
    const number = ++this.#looks;
    void this.#clock.sleep(LANDING_LOOK_MS).then(() => {
      if (number !== this.#looks || this.board.program !== 'starting') return;
      this.#catchUp();
      const { microcontroller, target } = this.desk;
      const isRunning = microcontroller.core.state !== 'halted' && !target.isHeldInReset;
      // A loader in RAM belongs to the probe.
      if (number === this.#looks && isRunning && microcontroller.landing !== 'ram') this.#begin('landing');
    });
  }

  #catchUp(): void {
    const { target } = this.desk;
    target.pass(Math.max(0, this.#clock.now() - target.time));
  }
}

function stayingProgram(): Uint8Array {
  const bytes = fillerProgram(FLASH_START, 116 * KB, STAYING_STACK);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(VECTORS_BYTES, BRANCH_TO_ITSELF, true);
  return bytes;
}
