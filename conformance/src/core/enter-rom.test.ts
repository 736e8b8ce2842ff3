/** A compiled program that jumps to the ROM, on every chip whose registers are modelled: where it lands, and how. */

import { createMicrocontroller, microcontrollerChips } from '@sureflash/virtual';
import { describe, expect, test } from 'vitest';
import { compileElf, compilerMissing } from './qemu.ts';

const missing = compilerMissing();
if (missing) process.stdout.write(`programs that jump to the ROM are not run: ${missing}\n`);

const F1 = { PORT_ENABLE: 0x4002_1018, PORT_BIT: 2, IDR: 0x4001_0808, ROM: 0x1fff_b000 };
const F0 = { ...port(0x4002_1014, 17, 0x4800_0000), ...remap(0x4002_1018, 0, 0x4001_0000) };
const F4 = { ...port(0x4002_3830, 0, 0x4002_0000), ...remap(0x4002_3844, 14, 0x4001_3800), ROM: 0x1fff_0000 };
const L4 = { ...port(0x4002_104c, 0, 0x4800_0000), ...remap(0x4002_1060, 0, 0x4001_0000), ROM: 0x1fff_0000 };
const G0 = { ...port(0x4002_1034, 0, 0x5000_0000), ...remap(0x4002_1040, 0, 0x4001_0000), ROM: 0x1fff_0000 };

/** Addresses from the reference manuals: clock of port A, its registers, the clock and register of the remap, the ROM. */
const CHIPS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  STM32F105: F1,
  STM32F107: F1,
  STM32F072: { ...F0, ROM: 0x1fff_c800 },
  STM32F303: { ...F0, ROM: 0x1fff_d800 },
  STM32F407: F4,
  STM32F446: F4,
  STM32F767: { ...port(0x4002_3830, 0, 0x4002_0000), ROM: 0x1ff0_0000 },
  STM32L152: { ...port(0x4002_381c, 0, 0x4002_0000), ...remap(0x4002_3820, 0, 0x4001_0000), ROM: 0x1ff0_0000 },
  STM32L476: L4,
  STM32G431: L4,
  STM32G071: G0,
  STM32G0B1: G0,
  STM32H743: { ...port(0x5802_44e0, 0, 0x5802_0000), ROM: 0x1ff0_9800 },
  STM32U585: { ...port(0x4602_0c8c, 0, 0x4202_0000), ROM: 0x0bf9_0000 },
  STM32H563: { ...port(0x4402_0c8c, 0, 0x4202_0000), ROM: 0x0bf9_7000 },
};

function port(enable: number, bit: number, start: number) {
  return { PORT_ENABLE: enable, PORT_BIT: bit, MODER: start, IDR: start + 0x10 };
}

function remap(enable: number, bit: number, register: number) {
  return { REMAP_ENABLE: enable, REMAP_BIT: bit, REMAP: register };
}

describe.skipIf(missing !== undefined)('a program that jumps to the ROM', () => {
  for (const [name, addresses] of Object.entries(CHIPS)) {
    const chip = microcontrollerChips.get(name);
    if (!chip) throw new RangeError(name);
    const landed = (pa9: boolean, dirty: Readonly<Record<string, number>>) => {
      const { file, dispose } = compileElf('enter-rom', chip.core, {
        script: 'flash.ld',
        define: { ...addresses, ...dirty },
      });
      dispose();
      const microcontroller = createMicrocontroller(chip);
      microcontroller.loadElf(file);
      microcontroller.pull('PA9', pa9);
      microcontroller.powerOn();
      microcontroller.run(5);
      return microcontroller;
    };

    test(`on ${name} lands there as after a reset when it cleans up, and stays away with PA9 low`, () => {
      const { landing, romEntries } = landed(true, {});
      expect(landing).toBe('system memory');
      expect(romEntries).toHaveLength(1);
      expect(romEntries[0]).toMatchObject({
        by: 'jump',
        msp: chip.romStack,
        primask: 0,
        exception: 0,
        sysTick: { control: 0, reload: 0 },
        enabledInterrupts: [],
        pendingInterrupts: [],
        changedClocks: [],
        remap: 'REMAP' in addresses ? 'system' : chip.aliasAtZero ? 'flash' : undefined,
      });
      expect(landed(false, {})).toMatchObject({ landing: 'flash', romEntries: [] });
    });

    test(`on ${name} is reported with what it leaves on when it does not clean up`, () => {
      expect(landed(true, { DIRTY: 1 }).romEntries[0]).toMatchObject({
        primask: 1,
        sysTick: { control: 7, reload: 99 },
        enabledInterrupts: [5],
        pendingInterrupts: [-1, 5],
        remap: chip.aliasAtZero ? 'flash' : undefined,
      });
    });
  }
});
