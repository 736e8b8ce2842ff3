import { describe, expect, it } from 'vitest';
import { arrival, chipOf, entryFaults, familyOf, type JumpProgram, start } from './jump-rig.ts';
import { FAMILIES } from './silicon/families.ts';
import { noCompiler, OPTIMISATIONS } from './toolchain.ts';

const CHIPS = Object.keys(FAMILIES);
const DIRECT = CHIPS.filter((id) => FAMILIES[id]?.running !== undefined && id !== 'stm32f767');

const AT_RESET = `#include "bootloader_jump.h"
__attribute__((noreturn)) void application_runs(void);
__attribute__((noinline, noreturn)) void application_runs(void) { for (;;) {} }
int main(void) { bootloader_jump_if_asked(); application_runs(); }
`;

/** An application in full swing: PLL, DMA, SysTick and an interrupt pending, its own vector offset, a watchdog. */
const running = (id: string, action: string): string => `#include "bootloader_jump.h"
#define R(address) (*(volatile unsigned *)(address))
__attribute__((noreturn)) void application_runs(void);
volatile unsigned ticks;
void SysTick_Handler(void) { ++ticks; }
void IRQ_Handler(void) { R(0xE000E180u) = ~0u; }
__attribute__((noinline, noreturn)) void application_runs(void) { for (;;) {} }
static void full_swing(void) {
  ${familyOf(id).running ?? ''}
  ${familyOf(id).hasWatchdog ? 'R(0x40003000u) = 0xCCCCu;' : ''}
  R(0xE000E014u) = 999u;
  R(0xE000E018u) = 0u;
  R(0xE000E010u) = 7u;
  while (ticks < 3u) {}
  R(0xE000E100u) = 0x30u;
  ${action === 'bootloader_jump_now()' ? '__asm volatile("cpsid i"); R(0xE000E200u) = 0x10u;' : ''}
}
int main(void) { bootloader_jump_if_asked(); full_swing(); ${action}; application_runs(); }
`;

function enteredBy(program: JumpProgram): { came: ReturnType<typeof arrival>; faults: string[]; resets: number } {
  const running = start(program);
  const came = arrival(running);
  const faults = came.rom ? entryFaults(running, chipOf(program.chip), familyOf(program.chip)) : [];
  return { came, faults, resets: running.silicon.resets };
}

describe.skipIf(noCompiler !== undefined).each(CHIPS)('the bootloader jump of %s', (chip) => {
  describe.each(OPTIMISATIONS)('built with %s', (optimisation) => {
    it('reaches the ROM from reset while PA9 is high, with everything as a reset leaves it', () => {
      const found = enteredBy({ chip, optimisation, when: 'vbus:PA9', main: AT_RESET, high: ['PA9'] });
      expect(found).toEqual({ came: { rom: true, application: false }, faults: [], resets: 0 });
    });

    it('starts the application while PA9 is low', () => {
      const found = enteredBy({ chip, optimisation, when: 'vbus:PA9', main: AT_RESET });
      expect(found.came).toEqual({ rom: false, application: true });
    });

    it('reaches the ROM through a reset from an application in full swing', () => {
      const main = running(chip, 'bootloader_jump_request()');
      const found = enteredBy({ chip, optimisation, when: 'magic', style: 'hal', main });
      expect(found).toEqual({ came: { rom: true, application: false }, faults: [], resets: 1 });
    });
  });
});

describe.skipIf(noCompiler !== undefined).each(DIRECT)('the jump of %s without a reset', (chip) => {
  it.each(OPTIMISATIONS)('leaves nothing of an application in full swing, built with %s', (optimisation) => {
    const main = running(chip, 'bootloader_jump_now()');
    const found = enteredBy({ chip, optimisation, when: 'magic', main });
    expect(found).toEqual({ came: { rom: true, application: false }, faults: [], resets: 0 });
  });
});
