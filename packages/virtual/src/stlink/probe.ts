/**
 * The firmware of an ST-LINK: its modes and the commands around debugging, one command at a time, in model time. It knows
 * nothing of USB; whoever carries it gives it bytes and the time, and gets bytes.
 */

import type { Clock } from '../clock.ts';
import type { SwdTarget } from '../swd/index.ts';
import { type CommandOutcome, NO_REPLY, reply } from './answers.ts';
import { debugCommand } from './commands.ts';
import type { DebugState } from './debug-state.ts';
import { extendedVersionBytes, type FirmwareVersion, hasFeature, parseFirmware, versionBytes } from './firmware.ts';
import { SwdLink } from './link.ts';
import type { StLinkModel } from './models.ts';
import { STLINK_STATUS } from './status.ts';

/** What goes wrong with one command. */
export type StLinkDisturbance =
  /** It is not done; a reply of this status comes back, and 3B and 3E tell it of a block of memory. */
  | { readonly kind: 'status'; readonly code: number }
  /** It is done and its reply gets lost. */
  | { readonly kind: 'lost reply' }
  /** The probe answers nothing from here on, until it is plugged in again. */
  | { readonly kind: 'mute' }
  /** The probe's firmware starts anew. */
  | { readonly kind: 'probe reset' }
  /** The target loses its power for a moment, or is reset, before the command is done. */
  | { readonly kind: 'target power' }
  | { readonly kind: 'target reset' };

export interface StLinkProbeOptions {
  readonly model: StLinkModel;
  readonly target: SwdTarget;
  readonly clock: Pick<Clock, 'now'>;
  /** As 'V2J37M27'; absent, the model's. */
  readonly firmware?: string;
  /** Blocks that are longer than TAR counts come back to their start. Absent, the firmware writes TAR at each page. */
  readonly wrapsAtPage?: boolean;
  /**
   * Until then, in ms of the clock, the firmware programs what a host has copied to its disk, and opens no debug session for
   * anybody else. How it says so is a guess: the status that OpenOCD names "already opened in other mode".
   */
  readonly diskBusyUntil?: number;
  /** Called with each command before it is done, and how many there were before it. */
  readonly onCommand?: (command: Uint8Array, count: number) => StLinkDisturbance | undefined;
}

const COMMAND_BYTES = 16;
/** F2 20 and F2 30. */
const ENTERS = new Set([0x20, 0x30]);
const FIRST = {
  VERSION: 0xf1,
  DEBUG: 0xf2,
  DFU: 0xf3,
  SWIM: 0xf4,
  MODE: 0xf5,
  VOLTAGE: 0xf7,
  VERSION_EX: 0xfb,
} as const;
const DFU_EXIT = 0x07;
const MODE = { DFU: 0, MASS: 1, DEBUG: 2 } as const;
/** The internal reference of 1.2 V as the converter shows it; V = 2.4 × a1 / a0. */
const REFERENCE = 1500;
const BLOCK_COMMANDS = new Set([0x07, 0x08, 0x0c, 0x0d, 0x47, 0x48, 0x50, 0x54]);

export class StLinkProbe {
  readonly model: StLinkModel;
  readonly firmware: FirmwareVersion;
  readonly target: SwdTarget;
  readonly #options: StLinkProbeOptions;
  #state: DebugState;
  #inDfu: boolean;
  #expected: Extract<CommandOutcome, { kind: 'takes' }> | undefined;
  #muted = false;
  #commands = 0;
  #busyUntil = 0;

  /** @throws RangeError for a firmware that is no version */
  constructor(options: StLinkProbeOptions) {
    const { model, target, firmware = model.firmware } = options;
    this.model = model;
    this.target = target;
    this.firmware = parseFirmware(firmware);
    this.#options = options;
    this.#state = this.#newState();
    this.#inDfu = model.modeAtStart === MODE.DFU;
  }

  /** Commands since it was made. */
  get commands(): number {
    return this.#commands;
  }

  /** Clock time in ms until which it works on what it was given. */
  get busyUntil(): number {
    return this.#busyUntil;
  }

  /** SWD's clock in kHz. */
  get khz(): number {
    return this.#state.link.khz;
  }

  /** Takes 16 bytes of a command, or its data. @returns what is to be sent, if anything */
  receive(bytes: Uint8Array): Uint8Array | undefined {
    const { target, model } = this;
    const { clock } = this.#options;
    if (this.#muted) return undefined;
    target.pass(Math.max(0, clock.now() - target.time));
    const before = target.time;
    const answer = this.#take(bytes);
    target.pass(model.pace.commandMs);
    this.#busyUntil = clock.now() + target.time - before;
    return answer;
  }

  /** A bus reset: a command whose data have not come is forgotten. */
  busReset(): void {
    this.#expected = undefined;
  }

  /** Forgets everything but the target: the firmware starts anew. */
  restart(): void {
    this.#state = this.#newState();
    this.#inDfu = this.model.modeAtStart === MODE.DFU;
    this.#expected = undefined;
    this.#muted = false;
  }

  #newState(): DebugState {
    const { model, target, firmware } = this;
    const link = new SwdLink(target, model.pace, model.defaultKhz);
    const last = { status: STLINK_STATUS.OK, faultAddress: 0 };
    const { wrapsAtPage = false } = this.#options;
    return {
      model,
      firmware,
      target,
      link,
      wrapsAtPage,
      entered: false,
      last,
      ports: new Set(),
      batch: new Uint8Array(),
    };
  }

  #take(bytes: Uint8Array): Uint8Array | undefined {
    const taking = this.#expected;
    this.#expected = undefined;
    if (taking) {
      taking.take(bytes.subarray(0, taking.bytes));
      return undefined;
    }
    const command = new Uint8Array(COMMAND_BYTES);
    command.set(bytes.subarray(0, COMMAND_BYTES));
    const disturbance = this.#options.onCommand?.(command, this.#commands);
    const outcome = disturbance ? this.#disturbed(command, disturbance) : this.#perform(command);
    this.#commands += 1;
    if (outcome.kind === 'takes') this.#expected = outcome;
    return outcome.kind === 'reply' ? Uint8Array.from(outcome.bytes) : undefined;
  }

  #perform(command: Uint8Array): CommandOutcome {
    const { model, firmware, target } = this;
    const [first, second = 0] = command;
    if (first === FIRST.VERSION) return reply(...versionBytes(model, firmware));
    if (first === FIRST.MODE) return reply(this.#mode, 0);
    if (first === FIRST.VERSION_EX && model.generation > 2) return reply(...extendedVersionBytes(model, firmware));
    if (first === FIRST.DFU && second === DFU_EXIT) {
      this.#inDfu = false;
      return NO_REPLY;
    }
    // In DFU mode F7 is not answered (recorded of V2J28S7); that the others are not either is a guess.
    if (this.#inDfu) return NO_REPLY;
    if (first === FIRST.VOLTAGE && hasFeature(model, firmware, 'voltage')) return voltage(target.supplyMv);
    if (first === FIRST.SWIM || first === FIRST.DFU) return NO_REPLY;
    if (first !== FIRST.DEBUG) return reply(STLINK_STATUS.UNKNOWN_COMMAND, 0);
    if (this.#isDiskBusy && ENTERS.has(second)) return reply(STLINK_STATUS.OTHER_MODE, 0);
    return debugCommand(this.#state, second, new DataView(command.buffer, 2));
  }

  get #isDiskBusy(): boolean {
    const { diskBusyUntil = 0, clock } = this.#options;
    return clock.now() < diskBusyUntil;
  }

  get #mode(): number {
    if (this.#inDfu) return MODE.DFU;
    return this.#state.entered ? MODE.DEBUG : MODE.MASS;
  }

  #disturbed(command: Uint8Array, disturbance: StLinkDisturbance): CommandOutcome {
    switch (disturbance.kind) {
      case 'status':
        return refused(this.#state, command, disturbance.code);
      case 'lost reply': {
        const outcome = this.#perform(command);
        return outcome.kind === 'reply' ? NO_REPLY : outcome;
      }
      case 'mute':
        this.#muted = true;
        return NO_REPLY;
      case 'probe reset':
        this.restart();
        return NO_REPLY;
      case 'target power':
        powerCycle(this.target);
        return this.#perform(command);
      case 'target reset':
        this.target.microcontroller.reset('pin');
        return this.#perform(command);
    }
  }
}

function voltage(supplyMv: number): CommandOutcome {
  const measured = Math.round((supplyMv * REFERENCE) / 2400);
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, REFERENCE, true);
  view.setUint32(4, measured, true);
  return { kind: 'reply', bytes };
}

function powerCycle(target: SwdTarget): void {
  const { supplyMv } = target;
  target.supplyMv = 0;
  target.supplyMv = supplyMv;
}

/** A command that fails: a block of memory fails in its status, everything else in its first byte. */
function refused(state: DebugState, command: Uint8Array, code: number): CommandOutcome {
  const [first, second = 0] = command;
  const length = new DataView(command.buffer).getUint16(6, true);
  if (first !== FIRST.DEBUG || !BLOCK_COMMANDS.has(second)) return reply(code, 0, 0, 0, 0, 0, 0, 0);
  const fails = () => {
    state.last = { status: code, faultAddress: new DataView(command.buffer).getUint32(2, true) };
  };
  if (second === 0x08 || second === 0x0d || second === 0x48 || second === 0x50) {
    return { kind: 'takes', bytes: length, take: fails };
  }
  fails();
  return { kind: 'reply', bytes: new Uint8Array(length) };
}
