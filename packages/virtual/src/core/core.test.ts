/** What a core does between instructions: cycles, caches of code, sleep, faults, lockup, and a probe at its registers. */

import { describe, expect, test } from 'vitest';
import { type CoreName, createCore } from './index.ts';
import { createMemoryMap } from './memory.ts';

const CODE = 0x0800_0000;
const RAM = 0x2000_0000;
const DHCSR = 0xe000_edf0;
const DEMCR = 0xe000_edfc;
const DCRSR = 0xe000_edf4;
const DCRDR = 0xe000_edf8;

/** A core with `halves` at 0x08000100, handlers that loop at 0x08000080, and RAM; reset, not yet run. */
function coreWith(name: CoreName, halves: readonly number[]) {
  const code = new Uint8Array(0x1000);
  const view = new DataView(code.buffer);
  view.setUint32(0, RAM + 0x1000, true);
  view.setUint32(4, CODE + 0x101, true);
  for (let vector = 2; vector < 32; vector += 1) view.setUint32(4 * vector, CODE + 0x81, true);
  view.setUint16(0x80, 0xe7fe, true);
  halves.forEach((half, index) => {
    view.setUint16(0x100 + 2 * index, half, true);
  });
  const ram = new Uint8Array(0x1000);
  const bus = createMemoryMap([
    { name: 'code', start: CODE, length: code.length, bytes: code },
    { name: 'ram', start: RAM, length: ram.length, bytes: ram, writable: true },
  ]);
  const core = createCore({ core: name, bus });
  core.reset(CODE);
  return { core, code, ram };
}

const NOP = 0xbf00;
const LOOP = 0xe7fe;

describe('a core that runs', () => {
  test('a reset takes the stack pointer and the first instruction from the vector table', () => {
    const { core } = coreWith('m3', [LOOP]);
    expect(core.registers.read('sp')).toBe(RAM + 0x1000);
    expect(core.registers.read('pc')).toBe(CODE + 0x100);
  });

  test('run lets the cycles pass that it is given, and few more', () => {
    const { core } = coreWith('m0', [LOOP]);
    core.run(1000);
    expect(core.cycles).toBeGreaterThanOrEqual(1000);
    expect(core.cycles).toBeLessThan(1010);
  });

  test('code in RAM that is overwritten by the program runs as it was written', () => {
    // R3 is 0x20000001, where movs r0, #1; bx lr is run, becomes movs r0, #2, and is run again.
    const calls = [0x4b04, 0x4798, 0x0001, 0x3b01, 0x2202, 0x701a, 0x3301, 0x4798, LOOP, NOP, 0x0001, 0x2000];
    const { core, ram } = coreWith('m3', calls);
    new DataView(ram.buffer).setUint32(0, 0x4770_2001, true);
    core.run(60);
    expect([core.registers.read(1), core.registers.read(0)]).toEqual([1, 2]);
  });

  test('an instruction in an IT block is skipped when its condition does not hold', () => {
    const { core } = coreWith('m4', [0x2000, 0x2800, 0xbf14, 0x2005, 0x2007, LOOP]);
    core.run(20);
    expect(core.registers.read(0)).toBe(7);
  });
});

describe('the faults of a core', () => {
  test('an unaligned word faults on ARMv6-M and is read on ARMv7-M', () => {
    const program = [0x4801, 0x6801, LOOP, NOP, 0x0001, 0x2000]; // ldr r0, =RAM + 1; ldr r1, [r0]
    const small = coreWith('m0', program).core;
    small.run(50);
    expect(small.registers.exception).toBe(3);
    const large = coreWith('m3', program).core;
    large.run(50);
    expect(large.registers.exception).toBe(0);
  });

  test('a load from nowhere is a bus fault that names its address, and escalates to HardFault', () => {
    const { core } = coreWith('m4', [0x4801, 0x6801, LOOP, NOP, 0x0000, 0x6000]);
    core.run(50);
    expect(core.registers.exception).toBe(3);
    expect(core.faultStatus).toMatchObject({ cfsr: 0x8200, hfsr: 0x4000_0000, bfar: 0x6000_0000 });
  });

  test('a fault in the HardFault handler locks the core up', () => {
    const { core, code } = coreWith('m0+', [0xde00]);
    new DataView(code.buffer).setUint16(0x80, 0xde00, true);
    core.run(100);
    expect(core.state).toBe('locked up');
    expect(core.registers.read('pc')).toBe(0xffff_fffe);
  });

  test('BKPT without a probe is a HardFault, and goes to the debug monitor where that is on', () => {
    const { core } = coreWith('m3', [0xbe00, LOOP]);
    core.run(50);
    expect(core.registers.exception).toBe(3);
    expect(core.faultStatus.hfsr).toBe(0x8000_0000);
    core.reset(CODE);
    core.debugPort.write(DEMCR, 4, 1 << 16);
    core.run(50);
    expect(core.registers.exception).toBe(12);
  });

  test('a branch to an even address is a UsageFault, for there is no ARM state', () => {
    const { core } = coreWith('m3', [0x2000, 0x4700]);
    core.run(50);
    expect(core.faultStatus.cfsr).toBe(0x2_0000);
  });

  test('a register of the system space that is not modelled stops the run and names the address', () => {
    const { core } = coreWith('m3', [0x4801, 0x6801, LOOP, NOP, 0xefb0, 0xe000]);
    expect(() => core.run(50)).toThrow('0xe000efb0 is not modelled');
    expect(core.registers.read('pc')).toBe(CODE + 0x102);
  });
});

describe('sleep and SysTick of a core', () => {
  test('WFI sleeps until SysTick is due, even with interrupts masked', () => {
    const { core } = coreWith('m3', [0xb672, 0xbf30, 0x2001, LOOP]);
    core.debugPort.write(0xe000_e014, 4, 999);
    core.debugPort.write(0xe000_e018, 4, 0);
    core.debugPort.write(0xe000_e010, 4, 7);
    core.run(500);
    expect(core.state).toBe('sleeping');
    core.run(700);
    expect(core.state).toBe('running');
    expect(core.registers.exception).toBe(0);
    expect(core.isException('pending', 15)).toBe(true);
  });

  test('SysTick counts down with the cycles and tells once that it has reached 0', () => {
    const { core } = coreWith('m0', [LOOP]);
    core.debugPort.write(0xe000_e014, 4, 99);
    core.debugPort.write(0xe000_e018, 4, 0);
    core.debugPort.write(0xe000_e010, 4, 5);
    core.run(50);
    const value = core.debugPort.read(0xe000_e018, 4);
    expect(value).toBeGreaterThan(40);
    expect(value).toBeLessThan(60);
    core.run(100);
    expect(core.debugPort.read(0xe000_e010, 4) & 0x1_0000).toBe(0x1_0000);
    expect(core.debugPort.read(0xe000_e010, 4) & 0x1_0000).toBe(0);
  });
});

describe('a debug probe at a core', () => {
  const halt = 0xa05f_0003;

  test('halts the core, reads and writes its registers, and lets it go on', () => {
    const { core } = coreWith('m4', [0x2005, 0x3001, 0xe7fd]);
    core.debugPort.write(DHCSR, 4, halt);
    expect(core.state).toBe('halted');
    core.debugPort.write(DCRDR, 4, 0x1234);
    core.debugPort.write(DCRSR, 4, 0x1_0000);
    core.debugPort.write(DCRSR, 4, 15);
    expect(core.debugPort.read(DCRDR, 4)).toBe(CODE + 0x100);
    expect(core.registers.read(0)).toBe(0x1234);
    core.debugPort.write(DHCSR, 4, 0xa05f_0001);
    core.run(100);
    expect(core.registers.read(0)).toBeLessThan(0x100);
  });

  test('single steps one instruction at a time', () => {
    const { core } = coreWith('m0', [0x2005, 0x3001, LOOP]);
    core.debugPort.write(DHCSR, 4, halt);
    core.debugPort.write(DHCSR, 4, 0xa05f_0005);
    expect(core.registers.read(0)).toBe(5);
    core.debugPort.write(DHCSR, 4, 0xa05f_0005);
    expect(core.registers.read(0)).toBe(6);
    expect(core.debugPort.read(DHCSR, 4) & 0x2_0000).toBe(0x2_0000);
  });

  test('stops the core at a breakpoint of the FPB before the instruction, and at BKPT', () => {
    const { core } = coreWith('m3', [0x2005, 0x3001, 0xbe00, LOOP]);
    core.debugPort.write(DHCSR, 4, halt);
    core.debugPort.write(0xe000_2008, 4, (0x4000_0000 | (CODE + 0x100) | 1) >>> 0);
    core.debugPort.write(0xe000_200c, 4, (0x8000_0000 | (CODE + 0x100) | 1) >>> 0);
    core.debugPort.write(0xe000_2000, 4, 3);
    core.debugPort.write(DHCSR, 4, 0xa05f_0001);
    core.run(10);
    expect(core.state).toBe('halted');
    expect(core.registers.read('pc')).toBe(CODE + 0x100);
    core.debugPort.write(0xe000_2000, 4, 2);
    core.debugPort.write(DHCSR, 4, 0xa05f_0001);
    core.run(10);
    expect(core.registers.read('pc')).toBe(CODE + 0x104);
    expect(core.debugPort.read(0xe000_ed30, 4) & 2).toBe(2);
  });

  test('catches the reset vector and a HardFault where DEMCR asks for it', () => {
    const { core } = coreWith('m4', [0xde00, LOOP]);
    core.debugPort.write(DHCSR, 4, 0xa05f_0001);
    core.debugPort.write(DEMCR, 4, 1);
    core.reset(CODE);
    expect(core.state).toBe('halted');
    expect(core.registers.read('pc')).toBe(CODE + 0x100);
    core.debugPort.write(DEMCR, 4, 1 << 10);
    core.debugPort.write(DHCSR, 4, 0xa05f_0001);
    core.run(20);
    expect(core.state).toBe('halted');
    expect(core.registers.read('pc')).toBe(CODE + 0x80);
    expect(core.registers.exception).toBe(3);
  });

  test('gets an error for an address with nothing behind it, and the program does not notice', () => {
    const { core } = coreWith('m3', [LOOP]);
    let thrown: unknown;
    try {
      core.debugPort.read(0x6000_0000, 4);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toEqual({ fault: 'PRECISERR', address: 0x6000_0000 });
    core.run(10);
    expect(core.registers.exception).toBe(0);
  });
});
