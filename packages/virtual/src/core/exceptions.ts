/** Exceptions: which are pending, active and enabled, and which priority decides (ARMv7-M ARM, B1.5). */

import type { Cpu } from './cpu.ts';

export const EXCEPTION = {
  RESET: 1,
  NMI: 2,
  HARD_FAULT: 3,
  MEM_MANAGE: 4,
  BUS_FAULT: 5,
  USAGE_FAULT: 6,
  SECURE_FAULT: 7,
  SVCALL: 11,
  DEBUG_MONITOR: 12,
  PENDSV: 14,
  SYSTICK: 15,
} as const;

/** Number of the first external interrupt. */
export const FIRST_INTERRUPT = 16;

/** A priority that everything preempts. */
const THREAD_PRIORITY = 256;

/** The state of every exception, by number. */
export interface Exceptions {
  /** System exceptions and interrupts. */
  readonly count: number;
  readonly pending: Uint8Array;
  readonly active: Uint8Array;
  readonly enabled: Uint8Array;
  /** Priority bytes as they are written, implemented bits only. */
  readonly priority: Uint8Array;
  /** Numbers of the interrupts whose line is high: pending again whenever they are not active. A reset leaves lines alone. */
  readonly high: Set<number>;
  /** AIRCR.PRIGROUP: the lowest bits of a priority that are sub-priority, less one. */
  group: number;
}

export function newExceptions(interrupts: number): Exceptions {
  const count = FIRST_INTERRUPT + interrupts;
  const exceptions: Exceptions = {
    count,
    pending: new Uint8Array(count),
    active: new Uint8Array(count),
    enabled: new Uint8Array(count),
    priority: new Uint8Array(count),
    high: new Set(),
    group: 0,
  };
  resetExceptions(exceptions);
  return exceptions;
}

/** Only faults and interrupts can be disabled. */
const ALWAYS_ENABLED = [EXCEPTION.NMI, EXCEPTION.HARD_FAULT, EXCEPTION.SVCALL, EXCEPTION.PENDSV, EXCEPTION.SYSTICK];

export function resetExceptions(exceptions: Exceptions): void {
  const { pending, active, enabled, priority } = exceptions;
  for (const array of [pending, active, enabled, priority]) array.fill(0);
  for (const number of ALWAYS_ENABLED) enabled[number] = 1;
  exceptions.group = 0;
}

/** Makes every interrupt pending whose line is high and whose handler does not run. */
export function pendHighLines({ high, active, pending }: Exceptions): void {
  for (const number of high) if (active[number] === 0) pending[number] = 1;
}

/** Bits of a priority that decide about preemption. */
function groupOf(exceptions: Exceptions, priority: number): number {
  return priority & ~((2 << exceptions.group) - 1) & 0xff;
}

/** −2 for NMI, −1 for HardFault, then 0 to 255. */
export function priorityOf(exceptions: Exceptions, number: number): number {
  if (number === EXCEPTION.RESET) return -3;
  if (number === EXCEPTION.NMI) return -2;
  if (number === EXCEPTION.HARD_FAULT) return -1;
  return exceptions.priority[number] ?? 0;
}

/** What an exception has to undercut to preempt what is running; WFI asks without PRIMASK. */
export function executionPriority(cpu: Cpu, exceptions: Exceptions, ignoresPrimask = false): number {
  let lowest = THREAD_PRIORITY;
  for (let number = 2; number < exceptions.count; number += 1) {
    if (exceptions.active[number] !== 1) continue;
    const priority = priorityOf(exceptions, number);
    lowest = Math.min(lowest, priority < 0 ? priority : groupOf(exceptions, priority));
  }
  if (cpu.basepri !== 0) lowest = Math.min(lowest, groupOf(exceptions, cpu.basepri));
  if (cpu.primask === 1 && !ignoresPrimask) lowest = Math.min(lowest, 0);
  if (cpu.faultmask === 1) lowest = Math.min(lowest, -1);
  return lowest;
}

/** @returns the number of the enabled pending exception that comes first; 0 when there is none */
export function firstPending(exceptions: Exceptions): number {
  const { pending, enabled, count } = exceptions;
  let first = 0;
  let best = THREAD_PRIORITY;
  for (let number = 2; number < count; number += 1) {
    if (pending[number] !== 1 || enabled[number] !== 1) continue;
    const priority = priorityOf(exceptions, number);
    if (priority < best) {
      best = priority;
      first = number;
    }
  }
  return first;
}

/** @returns the exception that is to be taken now; 0 when there is none */
export function exceptionToTake(cpu: Cpu, exceptions: Exceptions, ignoresPrimask = false): number {
  const first = firstPending(exceptions);
  if (first === 0) return 0;
  const priority = priorityOf(exceptions, first);
  const wanted = priority < 0 ? priority : groupOf(exceptions, priority);
  return wanted < executionPriority(cpu, exceptions, ignoresPrimask) ? first : 0;
}

/** How many exceptions are being handled. */
export function activeCount({ active }: Exceptions): number {
  return active.reduce((sum, one) => sum + one, 0);
}
