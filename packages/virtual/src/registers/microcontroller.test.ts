/** Chips from reset to where their program lands: boot pins, flash controllers, watchdog, clocks and the ROM's report. */

import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { NotModelledError } from '../core/index.ts';
import { chips } from './chips/chips.ts';
import { createMicrocontroller, type Microcontroller, runOnClock } from './index.ts';

const FLASH = 0x0800_0000;

function chipOf(name: string) {
  const chip = chips.get(name);
  if (!chip) throw new RangeError(name);
  return chip;
}

/** A chip with a program that loops, or with these half-words behind the vector table at 0x08000040. */
function started(name: string, halves: readonly number[] = [0xe7fe]): Microcontroller {
  const chip = chipOf(name);
  const microcontroller = createMicrocontroller(chip);
  const image = new Uint8Array(0x100);
  const view = new DataView(image.buffer);
  view.setUint32(0, (chip.ram[0]?.[0] ?? 0) + 0x1000, true);
  view.setUint32(4, FLASH + 0x41, true);
  halves.forEach((half, index) => {
    view.setUint16(0x40 + 2 * index, half, true);
  });
  microcontroller.load(FLASH, image);
  microcontroller.powerOn();
  return microcontroller;
}

/** What a probe does: registers are written while the core is halted. */
function halted(name: string): { microcontroller: Microcontroller; write: Write; read: (address: number) => number } {
  const microcontroller = started(name);
  const { debugPort } = microcontroller.core;
  debugPort.write(0xe000_edf0, 4, 0xa05f_0003);
  return {
    microcontroller,
    write: (address, value, width = 4) => debugPort.write(address, width, value),
    read: (address) => debugPort.read(address, 4),
  };
}

/** @returns the fault that an access ends with; nothing when it does not */
function faultOf(access: () => void): unknown {
  try {
    access();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

type Write = (address: number, value: number, width?: 1 | 2 | 4) => void;

describe('the interrupt register of RCC', () => {
  test('takes the bits that clear flags and reads as 0 there', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    write(0x4002_1008, 0x00ff_0000);
    expect(read(0x4002_1008)).toBe(0);
    write(0x4002_1008, 0x009f_1f00);
    expect(read(0x4002_1008)).toBe(0x1f00);
    expect(microcontroller.peripherals.rcc.changed()).toEqual(['CIR']);
  });
});

describe('the start of a microcontroller', () => {
  for (const name of chips.keys()) {
    test(`${name} runs the program in its flash with BOOT0 low`, () => {
      const microcontroller = started(name);
      microcontroller.run(0.1);
      expect(microcontroller.landing).toBe('flash');
      expect(microcontroller.romEntries).toEqual([]);
    });
  }

  for (const name of [...chips.keys()].filter((chip) => !chip.startsWith('STM32G0'))) {
    test(`${name} starts its ROM with BOOT0 high, and finds everything as reset leaves it`, () => {
      const microcontroller = started(name);
      microcontroller.pull('BOOT0', true);
      microcontroller.reset();
      microcontroller.run(0.1);
      expect(microcontroller.landing).toBe('system memory');
      expect(microcontroller.romEntries).toHaveLength(1);
      expect(microcontroller.romEntries[0]).toMatchObject({
        by: 'reset',
        msp: chipOf(name).romStack,
        primask: 0,
        exception: 0,
        sysTick: { control: 0 },
        enabledInterrupts: [],
        pendingInterrupts: [],
        changedClocks: [],
      });
    });
  }

  test('STM32G071 from the factory ignores BOOT0, and starts its ROM when its flash is empty', () => {
    const programmed = started('STM32G071');
    programmed.pull('BOOT0', true);
    programmed.reset();
    programmed.run(0.1);
    expect(programmed.landing).toBe('flash');
    const empty = createMicrocontroller(chipOf('STM32G071'));
    empty.run(0.1);
    expect(empty.landing).toBe('system memory');
  });
});

describe('the flash controller of F1', () => {
  const [KEYR, SR, CR, AR] = [0x4002_2004, 0x4002_200c, 0x4002_2010, 0x4002_2014];
  const unlock = (write: Write) => {
    write(KEYR, 0x4567_0123);
    write(KEYR, 0xcdef_89ab);
  };

  test('refuses a store while it is locked', () => {
    const { microcontroller, write } = halted('STM32F105');
    expect(faultOf(() => write(FLASH + 0x8000, 0x1234, 2))).toMatchObject({ fault: 'PRECISERR' });
    expect([...microcontroller.flash.peek(FLASH + 0x8000, 2)]).toEqual([0xff, 0xff]);
  });

  test('is locked until the next reset after a wrong key', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    expect(faultOf(() => write(KEYR, 0x1111_1111))).toMatchObject({ fault: 'PRECISERR' });
    expect(faultOf(() => unlock(write))).toMatchObject({ fault: 'PRECISERR' });
    expect(read(CR) & 0x80).toBe(0x80);
    microcontroller.reset();
    unlock(write);
    expect(read(CR) & 0x80).toBe(0);
  });

  test('erases a page in 20 ms and programs a half-word in 52.5 µs, busy for as long', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    unlock(write);
    write(CR, 2);
    write(AR, FLASH + 0x8000);
    write(CR, 0x42);
    expect(read(SR) & 1).toBe(1);
    microcontroller.run(19);
    expect(read(SR) & 1).toBe(1);
    microcontroller.run(2);
    expect(read(SR) & 0x21).toBe(0x20);
    write(CR, 1);
    write(FLASH + 0x8000, 0x1234, 2);
    expect(read(SR) & 1).toBe(1);
    microcontroller.run(0.06);
    expect(read(SR) & 1).toBe(0);
    expect([...microcontroller.flash.peek(FLASH + 0x8000, 2)]).toEqual([0x34, 0x12]);
  });

  test('flags a half-word that is not erased, and is a bus error for a byte or a word', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    unlock(write);
    write(CR, 1);
    write(FLASH + 0x8000, 0x1234, 2);
    microcontroller.run(1);
    write(FLASH + 0x8000, 0x5678, 2);
    expect(read(SR) & 4).toBe(4);
    expect(faultOf(() => write(FLASH + 0x8004, 1, 1))).toMatchObject({ fault: 'PRECISERR' });
    expect(faultOf(() => write(FLASH + 0x8004, 1, 4))).toMatchObject({ fault: 'PRECISERR' });
  });
});

describe('the flash controller of F4', () => {
  const [KEYR, SR, CR] = [0x4002_3c04, 0x4002_3c0c, 0x4002_3c10];

  test('erases the sector that SNB names, and wants stores of the size that PSIZE names', () => {
    const { microcontroller, write, read } = halted('STM32F407');
    write(KEYR, 0x4567_0123);
    write(KEYR, 0xcdef_89ab);
    write(CR, 0x0001_0000 | (5 << 3) | 2);
    expect(microcontroller.flash.wear(5)).toBe(1);
    microcontroller.run(1001);
    expect(read(SR) & 0x1_0000).toBe(0);
    write(CR, 0x201);
    write(0x0802_0000, 0x55, 1);
    expect(read(SR)).toBe(64);
    write(SR, 64);
    write(0x0802_0000, 0x1122_3344);
    microcontroller.run(1);
    expect(read(0x0802_0000)).toBe(0x1122_3344);
  });

  test('flags a store without PG as a sequence error, and stores nothing', () => {
    const { write, read } = halted('STM32F407');
    write(0x0802_0000, 0);
    expect(read(SR)).toBe(128);
    expect(read(0x0802_0000)).toBe(0xffff_ffff);
  });
});

describe('the flash controllers of L4, L1 and H7', () => {
  test('L476 programs double words, and refuses halves and what is not erased', () => {
    const { microcontroller, write, read } = halted('STM32L476');
    const SR = 0x4002_2010;
    write(0x4002_2008, 0x4567_0123);
    write(0x4002_2008, 0xcdef_89ab);
    write(0x4002_2014, 1);
    write(0x0808_0000, 0x1111_1111);
    expect(read(0x0808_0000)).toBe(0xffff_ffff);
    write(0x0808_0004, 0x2222_2222);
    microcontroller.run(1);
    expect(read(0x0808_0004)).toBe(0x2222_2222);
    write(0x0808_0000, 1);
    write(0x0808_0004, 1);
    expect(read(SR) & 8).toBe(8);
    write(SR, 8);
    write(0x0808_0010, 1, 2);
    expect(read(SR) & 64).toBe(64);
  });

  test('L152 erases with a store to the page, to zeros, behind three locks', () => {
    const { microcontroller, write, read } = halted('STM32L152');
    const PECR = 0x4002_3c04;
    write(0x4002_3c0c, 0x89ab_cdef);
    write(0x4002_3c0c, 0x0203_0405);
    write(0x4002_3c10, 0x8c9d_aebf);
    write(0x4002_3c10, 0x1314_1516);
    expect(read(PECR) & 3).toBe(0);
    write(0x0800_8000, 0xcafe_f00d);
    microcontroller.run(5);
    expect(read(0x0800_8000)).toBe(0xcafe_f00d);
    write(PECR, (1 << 9) | 8);
    write(0x0800_8000, 0);
    microcontroller.run(5);
    expect(read(0x0800_8000)).toBe(0);
  });

  test('H743 gathers 32 bytes before it programs them, and reports a word that was left', () => {
    const { microcontroller, write, read } = halted('STM32H743');
    const SR2 = 0x5200_2110;
    write(0x5200_2104, 0x4567_0123);
    write(0x5200_2104, 0xcdef_89ab);
    write(0x5200_210c, 2);
    for (let word = 0; word < 7; word += 1) write(0x0810_0000 + 4 * word, word);
    expect(read(SR2) & 2).toBe(2);
    expect(read(0x0810_0000)).toBe(0xffff_ffff);
    write(0x0810_001c, 7);
    microcontroller.run(1);
    expect(read(0x0810_001c)).toBe(7);
    write(0x0810_0020, 1);
    write(0x0810_0040, 1);
    expect(read(SR2) & (1 << 21)).toBe(1 << 21);
  });
});

describe('a microcontroller around its core', () => {
  test('a watchdog that nobody refreshes resets the chip, and RCC tells', () => {
    const { microcontroller, write, read } = halted('STM32F407');
    write(0x4000_3000, 0x5555);
    write(0x4000_3008, 99);
    write(0x4000_3000, 0xcccc);
    microcontroller.run(12);
    expect(microcontroller.resets).toEqual([]);
    microcontroller.run(1);
    expect(microcontroller.resets).toEqual(['watchdog']);
    expect(read(0x4002_3874) & (1 << 29)).toBe(1 << 29);
  });

  test('a backup register outlives a reset by software, RAM does too, and other registers do not', () => {
    const { microcontroller, write, read } = halted('STM32F407');
    write(0x4000_2850, 0xb007_b007);
    write(0x2000_0100, 0x1234_5678);
    write(0x4002_3840, 1 << 28);
    microcontroller.reset('software');
    expect(read(0x4000_2850)).toBe(0xb007_b007);
    expect(read(0x2000_0100)).toBe(0x1234_5678);
    expect(read(0x4002_3840)).toBe(0);
  });

  test('a pin that is pulled from outside reads as it is pulled, once its port has a clock', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    microcontroller.pull('PA9', true);
    expect(read(0x4001_0808)).toBe(0);
    write(0x4002_1018, 4);
    expect(read(0x4001_0808) & (1 << 9)).toBe(1 << 9);
    expect(() => microcontroller.pull('PZ9', true)).toThrow('no pin PZ9');
  });

  test('MEM_MODE shows system memory at address 0', () => {
    const { write, read } = halted('STM32F072');
    expect(read(4)).toBe(FLASH + 0x41);
    write(0x4002_1018, 1);
    write(0x4001_0000, 1);
    expect(read(0)).toBe(chipOf('STM32F072').romStack);
  });

  test('a switched clock changes how fast the core runs', () => {
    const { microcontroller, write } = halted('STM32F407');
    expect(microcontroller.peripherals.rcc.clock).toEqual({ source: 'HSI', hz: 16_000_000 });
    write(0x4002_3804, 8 | (336 << 6) | (1 << 22));
    write(0x4002_3800, 0x0101_0083);
    write(0x4002_3808, 2);
    expect(microcontroller.peripherals.rcc.clock).toEqual({ source: 'PLL', hz: 168_000_000 });
    const before = microcontroller.core.cycles;
    microcontroller.run(1);
    expect(microcontroller.core.cycles - before).toBeGreaterThan(160_000);
  });

  test('a PLL that is selected without a divider stops the run', () => {
    const { write } = halted('STM32F407');
    write(0x4002_3804, 0);
    write(0x4002_3800, 0x0100_0083);
    expect(() => write(0x4002_3808, 2)).toThrow('a core clock from PLL that stands still');
  });

  test('the clock changes over to a source once that runs', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    const { rcc } = microcontroller.peripherals;
    write(0x4002_1004, 1);
    expect([read(0x4002_1004), rcc.clock.source]).toEqual([1, 'HSI']);
    write(0x4002_1000, 0x1_0083);
    expect([read(0x4002_1004), rcc.clock.source]).toEqual([5, 'HSE']);
  });

  test('neither the PLL that drives the system nor the oscillator behind it can be turned off', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    write(0x4002_1004, 0x1_0000);
    write(0x4002_1000, 0x0101_0083);
    write(0x4002_1004, 0x1_0002);
    write(0x4002_1000, 0x82);
    expect(read(0x4002_1000)).toBe(0x0303_0080);
    write(0x4002_1000, 0x0303_0083);
    write(0x4002_1004, 0);
    write(0x4002_1000, 0x83);
    expect([read(0x4002_1000), microcontroller.peripherals.rcc.clock.source]).toEqual([0x83, 'HSI']);
  });

  test('a channel of DMA runs on through a jump, and the ROM finds it', () => {
    const { microcontroller, write } = halted('STM32L476');
    write(0x4002_1048, 1);
    write(0x4002_0008, 1);
    expect(microcontroller.peripherals.changed()).toEqual(['DMA1.CCR1']);
    write(0x4002_1028, 1);
    expect(microcontroller.peripherals.changed()).toEqual([]);
  });

  test('a reset of SYSCFG shows at address 0 again what was booted from', () => {
    const { write, read } = halted('STM32F407');
    const flash = read(0);
    write(0x4002_3844, 0x4000);
    write(0x4001_3800, 1);
    expect(read(0)).toBe(chipOf('STM32F407').romStack);
    write(0x4002_3824, 0x4000);
    expect(read(0)).toBe(flash);
  });

  test('an address with no register behind it stops the run, and the error names it', () => {
    const { write } = halted('STM32F407');
    expect(() => write(0x4002_387c, 1)).toThrow(NotModelledError);
    expect(() => write(0x4002_387c, 1)).toThrow('0x4002387c');
  });

  test('options of F4 are kept once OPTSTRT is set', () => {
    const { microcontroller, write, read } = halted('STM32F407');
    write(0x4002_3c08, 0x0819_2a3b);
    write(0x4002_3c08, 0x4c5d_6e7f);
    write(0x4002_3c14, 0x0fff_aaec & ~(1 << 16));
    write(0x4002_3c14, (0x0fff_aaec & ~(1 << 16)) | 2);
    microcontroller.run(300);
    microcontroller.reset();
    expect(read(0x4002_3c14) & (1 << 16)).toBe(0);
  });

  test('on the clock of the model, both come to the same time', async () => {
    const microcontroller = started('STM32F105');
    const clock = new VirtualClock();
    await runOnClock(microcontroller, clock, 25);
    expect(clock.now()).toBeCloseTo(25);
    expect(microcontroller.now()).toBeCloseTo(25, 1);
  });
});

describe('write protection', () => {
  test('a protected page of F1 keeps its content, and WRPRTERR tells', () => {
    const { microcontroller, write, read } = halted('STM32F105');
    microcontroller.options[8] = 0xfe;
    microcontroller.reset();
    write(0x4002_2004, 0x4567_0123);
    write(0x4002_2004, 0xcdef_89ab);
    write(0x4002_2010, 2);
    write(0x4002_2014, 0x0800_0800);
    write(0x4002_2010, 0x42);
    expect(read(0x4002_200c)).toBe(16);
    expect(microcontroller.flash.wear(1)).toBe(0);
  });

  test('areas of G0B1 protect pages of both banks', () => {
    const { microcontroller } = halted('STM32G0B1');
    microcontroller.options.set([2, 0, 3, 0], 4 * 3);
    microcontroller.options.set([0, 0, 0, 0], 4 * 7);
    microcontroller.reset();
    const { flash } = microcontroller;
    expect([1, 2, 3, 4, 127, 128, 129].map((page) => flash.isProtected(page))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});

describe('stores while the flash is busy', () => {
  test('are an error on L476, where the other bank lets the program run on', () => {
    const { write, read } = halted('STM32L476');
    write(0x4002_2008, 0x4567_0123);
    write(0x4002_2008, 0xcdef_89ab);
    write(0x4002_2014, 1);
    write(0x0808_0000, 1);
    write(0x0808_0004, 1);
    write(0x0808_0008, 2);
    expect(read(0x4002_2010) & 128).toBe(128);
  });

  test('are an error on F105 too, where the core runs on from a cache', () => {
    const chip = createMicrocontroller(chipOf('STM32F105'), { cached: true });
    const { debugPort } = chip.core;
    debugPort.write(0x4002_2004, 4, 0x4567_0123);
    debugPort.write(0x4002_2004, 4, 0xcdef_89ab);
    debugPort.write(0x4002_2010, 4, 1);
    debugPort.write(FLASH + 0x8000, 2, 0x1234);
    debugPort.write(FLASH + 0x8002, 2, 0x5678);
    expect(debugPort.read(0x4002_200c, 4)).toBe(5);
    expect([...chip.flash.peek(FLASH + 0x8000, 4)]).toEqual([0x34, 0x12, 0xff, 0xff]);
  });

  test('are not seen by a program in the bank that is busy, which waits for its next instruction', () => {
    const microcontroller = started('STM32F105', ERASES_A_PAGE);
    microcontroller.run(1);
    const before = microcontroller.core.cycles;
    expect(microcontroller.flash.wear(16)).toBe(1);
    expect(before).toBeGreaterThan(8000 * 20);
    microcontroller.run(0.1);
    expect(microcontroller.core.bus.read32(0x2000_0000)).toBe(0x20);
  });
});

/** Unlock, PER, AR, STRT, then SR to 0x20000000, and a loop; literals behind. */
const ERASES_A_PAGE = [
  0x4807, 0x4908, 0x6041, 0x4908, 0x6041, 0x2102, 0x6101, 0x4907, 0x6141, 0x2142, 0x6101, 0x68c1, 0x4a05, 0x6011,
  0xe7fe, 0xbf00, 0x2000, 0x4002, 0x0123, 0x4567, 0x89ab, 0xcdef, 0x8000, 0x0800, 0x0000, 0x2000,
];
