/**
 * The debug commands of an ST-LINK, F2 and a second byte: what each does on SWD and what comes back. Numbers are those of the
 * public clients (OpenOCD, pyOCD, probe-rs). It knows nothing of USB.
 */

import { bytesOfWords, type CommandOutcome, NO_REPLY, reply, status, valued } from './answers.ts';
import { batchBytes, runBatch } from './batch.ts';
import type { DebugState } from './debug-state.ts';
import { type Feature, hasFeature } from './firmware.ts';
import { readMemory, writeMemory } from './memory-commands.ts';
import { apStatus, dpStatus, memoryStatus, STLINK_STATUS } from './status.ts';

type Command = (state: DebugState, parameters: DataView) => CommandOutcome;
interface CommandRow {
  readonly run: Command;
  readonly since?: Feature;
}

const AIRCR = 0xe000_ed0c;
const SYSRESETREQ = 0x05fa_0004;
const DP_PORT = 0xffff;
const AP_IDR = 0xfc;
const DP_SELECT = 8;

/** By second byte. Parameters are what stands behind it. */
export const DEBUG_COMMANDS: ReadonlyMap<number, CommandRow> = new Map<number, CommandRow>([
  [0x07, { run: (state, view) => readMemory(state, view, 4) }],
  [0x08, { run: (state, view) => writeMemory(state, view, 4) }],
  [0x0c, { run: (state, view) => readMemory(state, view, 1) }],
  [0x0d, { run: (state, view) => writeMemory(state, view, 1) }],
  [0x47, { run: (state, view) => readMemory(state, view, 2), since: 'memory16' }],
  [0x48, { run: (state, view) => writeMemory(state, view, 2), since: 'memory16' }],
  [0x50, { run: (state, view) => writeMemory(state, view, 4, true), since: 'memory16' }],
  [0x54, { run: (state, view) => readMemory(state, view, 4, true), since: 'csw' }],
  [0x20, { run: (state, view) => enter(state, view, false) }],
  [0x30, { run: (state, view) => enter(state, view, true) }],
  [0x21, { run: leave }],
  [0x22, { run: ({ link }) => reply(...bytesOfWords(link.readDp(0).value)) }],
  [0x31, { run: readIdentities }],
  [0x32, { run: ({ link }) => status(memoryStatus(link.writeWord(AIRCR, SYSRESETREQ).ack)) }],
  [0x33, { run: readCoreRegister }],
  [0x34, { run: writeCoreRegister }],
  [0x35, { run: writeDebugRegister }],
  [0x36, { run: readDebugRegister }],
  [0x3a, { run: readAllRegisters }],
  [0x3b, { run: ({ last }) => status(last.status) }],
  [
    0x3e,
    { run: ({ last }) => reply(last.status, 0, 0, 0, ...bytesOfWords(last.faultAddress, 0)), since: 'lastStatus2' },
  ],
  [0x3c, { run: driveReset }],
  // Trace is off: it neither starts nor has anything to give.
  [0x40, { run: () => status(STLINK_STATUS.NO_TRACE), since: 'voltage' }],
  [0x41, { run: () => status(STLINK_STATUS.OK), since: 'voltage' }],
  [0x42, { run: () => reply(0, 0), since: 'voltage' }],
  [0x43, { run: setDivisor, since: 'swdClock' }],
  [0x44, { run: () => status(STLINK_STATUS.OK), since: 'dapRegisters' }],
  [0x45, { run: readDap, since: 'dapRegisters' }],
  [0x46, { run: writeDap, since: 'dapRegisters' }],
  [0x4b, { run: openPort, since: 'accessPorts' }],
  [0x4c, { run: closePort, since: 'accessPorts' }],
  [0x51, { run: takeBatch, since: 'batch' }],
  [0x52, { run: giveBatch, since: 'batch' }],
  [0x61, { run: setClock, since: 'comClock' }],
  [0x62, { run: listClocks, since: 'comClock' }],
]);

export function debugCommand(state: DebugState, code: number, parameters: DataView): CommandOutcome {
  const row = DEBUG_COMMANDS.get(code);
  if (!row || (row.since !== undefined && !hasFeature(state.model, state.firmware, row.since))) {
    return status(STLINK_STATUS.UNKNOWN_COMMAND);
  }
  return row.run(state, parameters);
}

const ENTER_SWD = 0xa3;

function enter(state: DebugState, view: DataView, answers: boolean): CommandOutcome {
  // A4 is JTAG, which is not here. That it is refused so is a guess.
  const dpidr = view.getUint8(0) === ENTER_SWD ? state.link.connect() : undefined;
  state.entered = dpidr !== undefined;
  if (!answers) return NO_REPLY;
  return status(state.entered ? STLINK_STATUS.OK : STLINK_STATUS.GET_IDCODE_ERROR);
}

function leave(state: DebugState): CommandOutcome {
  state.entered = false;
  state.ports.clear();
  return NO_REPLY;
}

function readIdentities({ link }: DebugState): CommandOutcome {
  const { ack, value } = link.readDp(0);
  return valued(dpStatus(ack), value, 0);
}

function readCoreRegister({ link }: DebugState, view: DataView): CommandOutcome {
  const { ack, value } = link.readCore(view.getUint8(0));
  return valued(coreStatus(ack), value);
}

function writeCoreRegister({ link }: DebugState, view: DataView): CommandOutcome {
  return status(coreStatus(link.writeCore(view.getUint8(0), view.getUint32(1, true)).ack));
}

/** 08 where registers cannot be had is recorded of V2J38; that a core which runs leads to it is a guess. */
function coreStatus(ack: Parameters<typeof memoryStatus>[0]): number {
  return ack === 'fault' ? STLINK_STATUS.COMMAND_ERROR : memoryStatus(ack);
}

/** R0–R15, xPSR, MSP, PSP, the masks, and a word that is always 0. */
const ALL_REGISTERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20];

function readAllRegisters({ link }: DebugState): CommandOutcome {
  const read = ALL_REGISTERS.map((register) => link.readCore(register));
  const failed = read.find(({ ack }) => ack !== 'ok');
  return valued(coreStatus(failed?.ack ?? 'ok'), ...read.map(({ value }) => value), 0);
}

function readDebugRegister({ link }: DebugState, view: DataView): CommandOutcome {
  const { ack, value } = link.readWord(view.getUint32(0, true));
  return valued(memoryStatus(ack), value);
}

function writeDebugRegister({ link }: DebugState, view: DataView): CommandOutcome {
  return status(memoryStatus(link.writeWord(view.getUint32(0, true), view.getUint32(4, true)).ack));
}

/** How long a pulse on NRST lasts: a guess. */
const PULSE_MS = 1;

function driveReset({ target }: DebugState, view: DataView): CommandOutcome {
  const how = view.getUint8(0);
  if (how > 2) return status(STLINK_STATUS.COMMAND_ERROR);
  target.pullReset(how !== 1);
  if (how === 2) {
    target.pass(PULSE_MS);
    target.pullReset(false);
  }
  return status(STLINK_STATUS.OK);
}

function setDivisor({ model, link }: DebugState, view: DataView): CommandOutcome {
  const divisor = view.getUint16(0, true);
  const clock = model.clocks.find((each) => each.divisor === divisor);
  if (!clock) return status(STLINK_STATUS.BAD_FREQUENCY);
  link.khz = clock.khz;
  return status(STLINK_STATUS.OK);
}

/** V3: protocol (0 SWD), then the kHz that are wanted. It takes the next lower clock, or its lowest. */
function setClock({ model, link }: DebugState, view: DataView): CommandOutcome {
  const wanted = view.getUint32(2, true);
  const clock = model.clocks.find(({ khz }) => khz <= wanted) ?? model.clocks.at(-1);
  if (view.getUint8(0) === 0 && clock) link.khz = clock.khz;
  return valued(STLINK_STATUS.OK, clock?.khz ?? 0);
}

/** 52 bytes: status, current clock, how many there are at most ten of, and the clocks. */
function listClocks({ model, link }: DebugState): CommandOutcome {
  const clocks = model.clocks.slice(0, 10).map(({ khz }) => khz);
  const padded = [...clocks, ...Array.from({ length: 10 - clocks.length }, () => 0)];
  return valued(STLINK_STATUS.OK, link.khz, clocks.length, ...padded);
}

/** Items of one batch: 64 in V2, 1227 in V3, as OpenOCD limits itself. */
function takeBatch(state: DebugState, view: DataView): CommandOutcome {
  const items = view.getUint32(0, true);
  if (items === 0 || items > (state.model.generation === 2 ? 64 : 1227)) return NO_REPLY;
  return {
    kind: 'takes',
    bytes: batchBytes(items),
    take: (data) => {
      state.batch = runBatch(state.link, items, data);
    },
  };
}

function giveBatch({ batch }: DebugState): CommandOutcome {
  return { kind: 'reply', bytes: batch };
}

function openPort(state: DebugState, view: DataView): CommandOutcome {
  const port = view.getUint8(0);
  const { ack, value } = state.link.readAp(port, AP_IDR);
  if (ack !== 'ok') return status(apStatus(ack));
  if (value === 0) return status(STLINK_STATUS.BAD_AP);
  state.ports.add(port);
  return status(STLINK_STATUS.OK);
}

function closePort(state: DebugState, view: DataView): CommandOutcome {
  return status(state.ports.delete(view.getUint8(0)) ? STLINK_STATUS.OK : STLINK_STATUS.BAD_AP);
}

/** From J28 on an access port has to be opened before its registers are reached. */
function isOpen(state: DebugState, port: number): boolean {
  return state.ports.has(port) || !hasFeature(state.model, state.firmware, 'accessPorts');
}

/** DP registers beyond bank 0 have their bank in bits 7:4. @returns the address, after SELECT has been written */
function inBank({ link, model, firmware }: DebugState, register: number): number {
  const bank = register >>> 4;
  if (bank !== 0 && hasFeature(model, firmware, 'dpBank')) link.writeDp(DP_SELECT, bank);
  return register & 12;
}

function readDap(state: DebugState, view: DataView): CommandOutcome {
  const [port, register] = [view.getUint16(0, true), view.getUint16(2, true)];
  if (port === DP_PORT) {
    const { ack, value } = state.link.readDp(inBank(state, register));
    if (register >>> 4 !== 0) state.link.writeDp(DP_SELECT, 0);
    return valued(dpStatus(ack), value);
  }
  // IDR is told of a port that nobody has opened: that is how pyOCD finds the ports, which ends at the first with 1D.
  if (!isOpen(state, port) && register !== AP_IDR) return valued(STLINK_STATUS.BAD_AP, 0);
  const { ack, value } = state.link.readAp(port, register);
  if (ack === 'ok' && register === AP_IDR && value === 0) return valued(STLINK_STATUS.BAD_AP, 0);
  return valued(apStatus(ack), value);
}

function writeDap(state: DebugState, view: DataView): CommandOutcome {
  const [port, register, value] = [view.getUint16(0, true), view.getUint16(2, true), view.getUint32(4, true)];
  if (port === DP_PORT) {
    const { ack } = state.link.writeDp(inBank(state, register), value);
    if (register >>> 4 !== 0) state.link.writeDp(DP_SELECT, 0);
    return status(dpStatus(ack));
  }
  if (!isOpen(state, port)) return status(STLINK_STATUS.BAD_AP);
  return status(apStatus(state.link.writeAp(port, register, value).ack));
}
