/**
 * The firmware of an ST-LINK: its modes and the commands around debugging, one command at a time, in model time. It knows
 * nothing of USB; whoever carries it gives it bytes and the time, and gets bytes.
 */

import type { Clock } from '../clock.ts';
import type { SwdTarget } from '../swd/index.ts';
import { type DebugState, debugCommand, type Outcome, reply } from './commands.ts';
import { extendedVersionBytes, type FirmwareVersion, hasFeature, parseFirmware, versionBytes } from './firmware.ts';
import { createSwdLink } from './link.ts';
import type { StLinkModel } from './models.ts';
import { STATUS } from './status.ts';

/** What goes wrong with one command. */
export type Disturbance =
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
  /** Called with each command before it is done, and how many there were before it. */
  readonly onCommand?: (command: Uint8Array, count: number) => Disturbance | undefined;
}

export interface StLinkProbe {
  readonly model: StLinkModel;
  readonly firmware: FirmwareVersion;
  readonly target: SwdTarget;
  /** Commands since it was made. */
  readonly commands: number;
  /** Clock time in ms until which it works on what it was given. */
  readonly busyUntil: number;
  /** SWD's clock in kHz. */
  readonly khz: number;
  /** Takes 16 bytes of a command, or its data. @returns what is to be sent, if anything */
  receive(bytes: Uint8Array): Uint8Array | undefined;
  /** A bus reset: a command whose data have not come is forgotten. */
  busReset(): void;
  /** Forgets everything but the target: the firmware starts anew. */
  restart(): void;
}

const COMMAND_BYTES = 16;
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
const NOTHING: Outcome = { kind: 'nothing' };
const BLOCK_COMMANDS = new Set([0x07, 0x08, 0x0c, 0x0d, 0x47, 0x48, 0x50, 0x54]);

export function createStLinkProbe(options: StLinkProbeOptions): StLinkProbe {
  const { model, target, clock, wrapsAtPage = false, onCommand } = options;
  const firmware = parseFirmware(options.firmware ?? model.firmware);
  const newState = (): DebugState => ({
    model,
    firmware,
    target,
    link: createSwdLink(target, model.pace, model.defaultKhz),
    wrapsAtPage,
    entered: false,
    last: { status: STATUS.OK, faultAddress: 0 },
    ports: new Set(),
  });
  let state = newState();
  let inDfu = model.modeAtStart === MODE.DFU;
  let expected: Extract<Outcome, { kind: 'takes' }> | undefined;
  let muted = false;
  let commands = 0;
  let busyUntil = 0;

  const restart = (): void => {
    state = newState();
    inDfu = model.modeAtStart === MODE.DFU;
    expected = undefined;
    muted = false;
  };
  const mode = () => (inDfu ? MODE.DFU : state.entered ? MODE.DEBUG : MODE.MASS);
  const perform = (command: Uint8Array): Outcome => {
    const [first, second = 0] = command;
    if (first === FIRST.VERSION) return reply(...versionBytes(model, firmware));
    if (first === FIRST.MODE) return reply(mode(), 0);
    if (first === FIRST.VERSION_EX && model.generation > 2) return reply(...extendedVersionBytes(model, firmware));
    if (first === FIRST.DFU && second === DFU_EXIT) {
      inDfu = false;
      return NOTHING;
    }
    // In DFU mode F7 is not answered (recorded of V2J28S7); that the others are not either is a guess.
    if (inDfu) return NOTHING;
    if (first === FIRST.VOLTAGE && hasFeature(model, firmware, 'voltage')) return voltage(target.supplyMv);
    if (first === FIRST.SWIM || first === FIRST.DFU) return NOTHING;
    if (first !== FIRST.DEBUG) return reply(STATUS.UNKNOWN_COMMAND, 0);
    return debugCommand(state, second, new DataView(command.buffer, command.byteOffset + 2, COMMAND_BYTES - 2));
  };
  const disturbed = (command: Uint8Array): Outcome | undefined => {
    const disturbance = onCommand?.(command, commands);
    if (!disturbance) return undefined;
    const { kind } = disturbance;
    if (kind === 'status') return refused(state, command, disturbance.code);
    if (kind === 'target power') powerCycle(target);
    if (kind === 'target reset') target.microcontroller.reset('pin');
    if (kind === 'probe reset') restart();
    if (kind === 'mute') muted = true;
    if (kind !== 'lost reply') return kind === 'mute' || kind === 'probe reset' ? NOTHING : undefined;
    const outcome = perform(command);
    return outcome.kind === 'reply' ? NOTHING : outcome;
  };
  /** Time that the target's clock has gone on, and the probe's own. */
  const timed = (work: () => Uint8Array | undefined): Uint8Array | undefined => {
    target.pass(Math.max(0, clock.now() - target.time));
    const before = target.time;
    const result = work();
    target.pass(model.pace.commandMs);
    busyUntil = clock.now() + target.time - before;
    return result;
  };
  return {
    model,
    firmware,
    target,
    get commands() {
      return commands;
    },
    get busyUntil() {
      return busyUntil;
    },
    get khz() {
      return state.link.khz;
    },
    busReset() {
      expected = undefined;
    },
    restart,
    receive(bytes) {
      if (muted) return undefined;
      return timed(() => {
        const taking = expected;
        expected = undefined;
        if (taking) {
          taking.take(bytes.subarray(0, taking.bytes));
          return undefined;
        }
        const command = new Uint8Array(COMMAND_BYTES);
        command.set(bytes.subarray(0, COMMAND_BYTES));
        const outcome = disturbed(command) ?? perform(command);
        commands += 1;
        if (outcome.kind === 'takes') expected = outcome;
        return outcome.kind === 'reply' ? Uint8Array.from(outcome.bytes) : undefined;
      });
    },
  };
}

function voltage(supplyMv: number): Outcome {
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
function refused(state: DebugState, command: Uint8Array, code: number): Outcome {
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
