/** Evidence from the error with which a run ended. Pure. */

import { type Observation, seen } from '../diagnosis/observation.ts';
import { type FactsOf, type FlashError, hasCode, type ProbeReason } from '../errors.ts';
import { LEAST_SUPPLY_VOLTS } from '../target/about.ts';

/** @returns nothing for errors that already say all there is to say */
export function observeError(error: FlashError): Observation[] {
  if (hasCode(error, 'usb/gone')) return [seen('left-bus', { operation: 'the run' })];
  if (hasCode(error, 'usb/timeout'))
    return [seen('no-answer', { operation: 'a request', afterMs: error.facts.afterMs })];
  if (hasCode(error, 'usb/transfer')) return [seen('transfer-failed', { detail: error.facts.detail })];
  if (hasCode(error, 'usb/stall')) return [seen('request-refused', { operation: 'a request' })];
  if (hasCode(error, 'usb/busy')) return [seen('host-in-use', { detail: error.facts.detail })];
  if (hasCode(error, 'dfu/stuck')) return [seen('stuck-busy', error.facts)];
  if (hasCode(error, 'dfu/protocol')) return [seen('wrong-answer', error.facts)];
  if (hasCode(error, 'read/short')) return [seen('short-read', error.facts)];
  if (hasCode(error, 'device/unstable-read')) return [seen('reads-unstable', { ...error.facts, again: false })];
  if (hasCode(error, 'device/read-protected')) return [seen('read-protected', protectedOf(error.facts))];
  if (hasCode(error, 'device/no-map')) return [seen('no-map', {})];
  if (hasCode(error, 'verify/erased-otherwise')) return observeErased(error.facts);
  if (hasCode(error, 'plan/read-only')) return [seen('marked-read-only', error.facts)];
  if (hasCode(error, 'plan/outside')) return [observeOutside(error.facts)];
  if (hasCode(error, 'flash/stuck')) return [seen('stuck-busy', error.facts)];
  if (hasCode(error, 'flash/refused')) {
    const { operation, address, flags } = error.facts;
    return [seen('refused', { operation, address, status: flags.join(', ') })];
  }
  const probed = observeProbe(error);
  if (probed) return [probed];
  if (!hasCode(error, 'dfu/status')) return [];
  const { state: _, ...refused } = error.facts;
  return [seen('refused', refused)];
}

function observeOutside({ start, end, available, world }: FactsOf<'plan/outside'>): Observation {
  return world ? seen('file-other-world', { start, end, world }) : seen('file-outside', { start, end, available });
}

function protectedOf({ operation, debugger: byProbe }: FactsOf<'device/read-protected'>) {
  return { operation, ...(byProbe && { debugger: byProbe }) };
}

/** Where every STM32 has its flash; some also have another name for it. */
const FLASH_PLACES = { start: 0x0800_0000, end: 0x1000_0000 } as const;

function observeLine({ operation, status, reason }: RefusedFacts): Observation | undefined {
  if (reason === 'line') return seen('probe-bad-line', { operation, status });
  return reason === 'wait' ? seen('probe-bus-waits', { operation, status }) : undefined;
}

type RefusedFacts = Pick<FactsOf<'probe/refused'>, 'operation' | 'status'> & {
  readonly reason?: ProbeReason | undefined;
};

function observeProbe(error: FlashError): Observation | undefined {
  if (hasCode(error, 'probe/no-target')) {
    const { status, volts, probe, reason, closed, tried } = error.facts;
    if (closed) return seen('probe-debug-closed', { chips: closed });
    if (reason === 'taken') return seen('probe-taken', { status });
    const told = observeLine({ operation: 'connect', status, reason });
    if (told) return told;
    if (volts !== undefined && volts < LEAST_SUPPLY_VOLTS) return seen('probe-no-power', { volts });
    return seen('probe-no-chip', {
      status,
      ...(volts !== undefined && { volts }),
      ...(probe !== undefined && { probe }),
      ...(tried.length > 0 && !tried.includes('under-reset') && { resetUntried: true as const }),
    });
  }
  if (hasCode(error, 'probe/refused')) {
    const { address, status, reason } = error.facts;
    const isFlash = address !== undefined && address >= FLASH_PLACES.start && address < FLASH_PLACES.end;
    return reason === 'fault' && isFlash ? seen('flash-unreadable', { address, status }) : observeLine(error.facts);
  }
  if (hasCode(error, 'core/reset')) {
    const { operation, byWatchdog } = error.facts;
    return seen('chip-reset', { operation, ...(byWatchdog && { byWatchdog }) });
  }
  if (hasCode(error, 'core/ram-changed')) {
    return seen('ram-changed', { operation: error.facts.operation, address: error.facts.address });
  }
  if (hasCode(error, 'core/stuck')) return seen('core-silent', error.facts);
  return undefined;
}

function observeErased({ start, end, erasedStart, erasedEnd }: FactsOf<'verify/erased-otherwise'>): Observation[] {
  if (erasedEnd <= start || erasedStart >= end) return [seen('erased-instead', { start, end, erasedStart, erasedEnd })];
  if (erasedEnd < end) return [seen('partly-erased', { start, end, erasedEnd })];
  return [seen('erased-beyond', { start, end, erasedStart, erasedEnd })];
}
