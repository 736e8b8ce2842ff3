/** The applications around a bootloader jump that tests run, and what came of them. */

import { jumpModelOf } from './jump-models.ts';
import { arrival, chipOf, entryFaults, type JumpProgram, type RunningJump, start } from './jump-rig.ts';

export const AT_RESET = `#include "bootloader_jump.h"
__attribute__((noreturn)) void application_runs(void);
__attribute__((noinline, noreturn)) void application_runs(void) { for (;;) {} }
int main(void) { bootloader_jump_if_asked(); application_runs(); }
`;

export type Action = 'bootloader_jump_now()' | 'bootloader_jump_request()';

/**
 * An application in full swing: PLL, DMA, SysTick and an interrupt pending, interrupts masked, a watchdog that runs.
 * With `inHandler` it asks out of SysTick's handler; with `onProcessStack` out of a thread on PSP.
 */
export function running(
  chip: string,
  action: Action,
  how: { inHandler?: boolean; onProcessStack?: boolean } = {},
): string {
  const { fullSwing, facts } = jumpModelOf(chipOf(chip));
  const masks = facts.core === 'm0' || facts.core === 'm0+' ? '' : '__asm volatile("msr basepri, %0" : : "r"(0x40));';
  const handler = how.inHandler ? `if (ticks == 5u) ${action};` : '';
  const stack = how.onProcessStack
    ? '__asm volatile("mov r0, sp\\nmsr psp, r0\\nmovs r0, #2\\nmsr control, r0\\nisb" : : : "r0");'
    : '';
  return `#include "bootloader_jump.h"
#define R(address) (*(volatile unsigned *)(address))
__attribute__((noreturn)) void application_runs(void);
volatile unsigned ticks;
void SysTick_Handler(void) { ++ticks; ${handler} }
void IRQ_Handler(void) { R(0xE000E180u) = ~0u; }
__attribute__((noinline, noreturn)) void application_runs(void) { for (;;) {} }
static void full_swing(void) {
  ${fullSwing.join('\n  ')}
  R(0xE000E014u) = 19999u;
  R(0xE000E018u) = 0u;
  R(0xE000E010u) = 7u;
  while (ticks < ${how.inHandler ? 9 : 5}u) {}
  R(0xE000E100u) = 0x30u;
  __asm volatile("cpsid i");
  R(0xE000E200u) = 0x10u;
  ${masks}
}
int main(void) { bootloader_jump_if_asked(); full_swing(); ${stack} ${action}; application_runs(); }
`;
}

export interface Found {
  readonly came: ReturnType<typeof arrival>;
  /** What the ROM would not find as after a reset. */
  readonly faults: readonly string[];
  readonly resets: number;
  readonly fed: boolean;
}

/** Feeding comes right before the jump; the watchdog had been started more than this before. */
const FED_MS = 0.5;

export function enteredBy(program: JumpProgram): Found {
  const run = start(program);
  const came = arrival(run);
  const { resets, romEntries } = run.microcontroller;
  const entry = came.rom ? entryFaults(run) : [];
  const faults = resets.length > 0 && came.rom && stillAsked(run) ? [...entry, 'the word is still there'] : entry;
  return { came, faults, resets: resets.length, fed: (romEntries[0]?.watchdogAge ?? Infinity) < FED_MS };
}

/** Whether the next reset would end in the ROM again: the word 1 KB below the end of RAM is not cleared. */
function stillAsked({ microcontroller: { core }, ramEnd }: RunningJump): boolean {
  return core.debugPort.read(ramEnd - 0x400, 4) !== 0 || core.debugPort.read(ramEnd - 0x3fc, 4) !== 0;
}
