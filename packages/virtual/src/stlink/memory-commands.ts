/** F2 07, 08, 0C, 0D, 47, 48, 50 and 54: blocks of memory, their limits, and what 3B and 3E tell of them afterwards. */

import type { Width } from '../core/index.ts';
import { type CommandOutcome, NO_REPLY } from './answers.ts';
import type { DebugState } from './debug-state.ts';
import { hasFeature } from './firmware.ts';
import type { MemoryResult } from './link.ts';
import { memoryStatus, STLINK_STATUS } from './status.ts';

/** The buffer of a probe, which clients take for the longest block that is read. */
const LONGEST_READ = 6144;
/** Words that are written pass through it: st-flash gives up to 32 KB to one command, probe-rs all that its length can say. */
const LONGEST_WRITE = 0xfffc;

export function readMemory(state: DebugState, view: DataView, width: Width, fixed = false): CommandOutcome {
  const length = view.getUint16(4, true);
  const refused = blockRefusal(state, view, { width, longest: LONGEST_READ });
  // Without an error the data come alone; with one they are what was read before it, and zeros.
  const result = refused ?? state.link.read(blockOf(state, view, width, fixed), length);
  remember(state, result);
  // One byte comes as two: a host that has room for one sees an overflow.
  const bytes = width === 1 && length === 1 ? [result.bytes[0] ?? 0, 0] : result.bytes;
  return { kind: 'reply', bytes };
}

export function writeMemory(state: DebugState, view: DataView, width: Width, fixed = false): CommandOutcome {
  const length = view.getUint16(4, true);
  const block = blockOf(state, view, width, fixed);
  const refused = blockRefusal(state, view, { width, longest: width === 4 ? LONGEST_WRITE : LONGEST_READ });
  if (length === 0) return NO_REPLY;
  return {
    kind: 'takes',
    bytes: length,
    take: (data) => remember(state, refused ?? state.link.write(block, data)),
  };
}

function blockOf(state: DebugState, view: DataView, width: Width, fixed: boolean) {
  const csw = hasFeature(state.model, state.firmware, 'csw') ? view.getUint32(6, true) & 0xffff_ff00 : 0;
  const port = hasFeature(state.model, state.firmware, 'accessPorts') ? view.getUint8(6) : 0;
  const given = csw === 0 ? {} : { csw };
  return { port, address: view.getUint32(0, true), width, fixed, oneTar: state.wrapsAtPage, ...given };
}

/** Blocks that a probe does not carry. Which code it gives is a guess. */
function blockRefusal(
  state: DebugState,
  view: DataView,
  { width, longest }: { readonly width: Width; readonly longest: number },
): (MemoryResult & { code: number }) | undefined {
  const address = view.getUint32(0, true);
  const length = view.getUint16(4, true);
  const no = (code: number) => ({ ack: 'fault' as const, code, bytes: new Uint8Array(length), faultAddress: address });
  if (address % width !== 0 || length % width !== 0) return no(STLINK_STATUS.ALIGNMENT);
  const most = width > 1 ? longest : hasFeature(state.model, state.firmware, 'bytes512') ? 512 : 64;
  return length > most ? no(STLINK_STATUS.COMMAND_ERROR) : undefined;
}

function remember(state: DebugState, result: MemoryResult & { readonly code?: number }): void {
  const { ack, faultAddress, code } = result;
  state.last = { status: code ?? memoryStatus(ack), faultAddress };
}
