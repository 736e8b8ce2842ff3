/** What a debugger sees of chips with TrustZone on, by the state of their option bytes. */

import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { secureChipScenarios } from '../scenarios/secure-chips.ts';
import type { SwdTarget } from './target.ts';

const DP = { CTRL_STAT: 4, ABORT: 0 } as const;
const AP = { CSW: 0x00, TAR: 0x04, DRW: 0x0c } as const;
const WORDS = 0x2300_0002;
const HNONSEC = 0x4000_0000;
const SECURE_PAGE = 0x0800_0000;
const FLASH = 0x4002_2000;
const SECURE = 0x1000_0000;
const DHCSR = 0xe000_edf0;
const HALT = 0xa05f_0003;
const S_HALT = 1 << 17;
const S_SDE = 1 << 20;

/** A debugger at a scenario, by the transactions of its access port. */
class Debugger {
  readonly target: SwdTarget;
  readonly port: number;
  csw = WORDS;

  constructor(name: string) {
    const scenario = secureChipScenarios.find((each) => each.name === name);
    if (!scenario) throw new RangeError(`no scenario ${name}`);
    const { desk } = scenario.plugIn(new VirtualClock());
    this.target = desk.target;
    this.port = desk.target.chip.name.startsWith('STM32H5') ? 1 : 0;
    this.target.writeDp(DP.CTRL_STAT, 0x5000_0000);
  }

  #aim(address: number, port: number): void {
    this.target.writeDp(DP.ABORT, 0x1e);
    this.target.writeAp(port, AP.CSW, this.csw);
    this.target.writeAp(port, AP.TAR, address);
  }

  read(address: number, port = this.port): number | 'refused' {
    this.#aim(address, port);
    const { ack, value } = this.target.readAp(port, AP.DRW);
    return ack === 'ok' ? value : 'refused';
  }

  write(address: number, value: number): void {
    this.#aim(address, this.port);
    this.target.writeAp(this.port, AP.DRW, value);
  }

  /** Halts the core before its first instruction. @returns whether it does */
  halt(): boolean {
    this.write(DHCSR, HALT);
    this.target.pass(1);
    const status = this.read(DHCSR);
    return status !== 'refused' && (status & S_HALT) !== 0;
  }

  /** Unlocks one face of the flash of L5, and erases a page. @returns its status register */
  erase(page: number, face: 'secure' | 'non-secure', bank = 0): number | 'refused' {
    const [base, key, status, control] =
      face === 'secure' ? [FLASH + SECURE, 0x0c, 0x24, 0x2c] : [FLASH, 0x08, 0x20, 0x28];
    const isLocked = Number(this.read(base + control)) >>> 31 === 1;
    if (isLocked) for (const value of [0x4567_0123, 0xcdef_89ab]) this.write(base + key, value);
    this.write(base + status, 0x3ff);
    this.write(base + control, 0x1_0002 | (page << 3) | (bank << 11));
    this.target.pass(100);
    return this.read(base + status);
  }
}

const bank2 = ({ target }: Debugger): number => target.microcontroller.flash.memories[1]?.start ?? 0;
const holding = (of: Debugger, ...addresses: readonly number[]): Debugger => {
  for (const address of addresses) of.target.microcontroller.load(address, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  return of;
};
const HELD = 0x0403_0201;

describe('a chip with TrustZone on at RDP level 0, or open', () => {
  test.each(['nucleo-l552-secure', 'stm32u585-secure', 'nucleo-h563-secure'])('%s shows both worlds', (name) => {
    const debug = new Debugger(name);
    const other = bank2(debug);
    holding(debug, SECURE_PAGE, other);
    expect(debug.halt()).toBe(true);
    expect(Number(debug.read(DHCSR)) & S_SDE).toBe(S_SDE);
    expect([debug.read(SECURE_PAGE), debug.read(SECURE_PAGE + 0x0400_0000)]).toEqual([HELD, HELD]);
    // Secure accesses read 0 from pages that are not secure, and the other way round.
    expect(debug.read(other)).toBe(0);
    debug.csw = WORDS | HNONSEC;
    expect([debug.read(SECURE_PAGE), debug.read(other)]).toEqual([0, HELD]);
    expect(debug.read(SECURE_PAGE + 0x0400_0000)).toBe('refused');
    expect(debug.target.notModelled).toEqual([]);
  });

  test('erases secure pages by the secure registers, and WRPERR says no to the others', () => {
    const debug = new Debugger('nucleo-l552-secure');
    holding(debug, SECURE_PAGE, bank2(debug));
    debug.halt();
    expect(Number(debug.erase(0, 'secure')) & 16).toBe(0);
    expect(debug.read(SECURE_PAGE)).toBe(0xffff_ffff);
    expect(Number(debug.erase(0, 'secure', 1)) & 16).toBe(16);
    debug.csw = WORDS | HNONSEC;
    expect(Number(debug.erase(0, 'non-secure')) & 16).toBe(16);
    expect(Number(debug.erase(0, 'non-secure', 1)) & 16).toBe(0);
    expect(debug.read(bank2(debug))).toBe(0xffff_ffff);
  });

  test('has all pages secure while SECBB says so, until a reset', () => {
    const debug = new Debugger('nucleo-l552-secure');
    holding(debug, bank2(debug));
    debug.halt();
    debug.write(FLASH + SECURE + 0xa0, 0xffff_ffff);
    expect(debug.read(bank2(debug))).toBe(HELD);
    expect(Number(debug.erase(0, 'secure', 1)) & 16).toBe(0);
    debug.csw = WORDS | HNONSEC;
    expect(debug.read(FLASH + 0xa0)).toBe(0);
    debug.target.microcontroller.reset();
    debug.csw = WORDS;
    expect(debug.read(FLASH + 0xa0)).toBe(0);
  });
});

describe('a chip whose secure world is closed to debuggers', () => {
  test.each(['nucleo-l552-rdp05', 'stm32u585-rdp05', 'nucleo-h563-tz-closed'])('%s shows the other one', (name) => {
    const debug = new Debugger(name);
    const other = bank2(debug);
    holding(debug, SECURE_PAGE, other);
    expect(debug.halt()).toBe(true);
    expect(Number(debug.read(DHCSR)) & S_SDE).toBe(0);
    expect([debug.read(SECURE_PAGE), debug.read(other)]).toEqual([0, HELD]);
    expect(debug.read(FLASH + SECURE + 0x24)).toBe('refused');
  });

  test.each(['nucleo-l552-rdp05-in-secure', 'nucleo-h563-irot', 'nucleo-h563-provisioning'])(
    '%s does not halt in secure code',
    (name) => {
      const debug = new Debugger(name);
      expect(debug.halt()).toBe(false);
    },
  );

  test.each(['nucleo-l552-secure-rdp1', 'nucleo-h563-closed'])('%s lets nobody in but to DBGMCU', (name) => {
    const debug = new Debugger(name);
    expect([debug.read(DHCSR), debug.read(0x2000_0000), debug.read(SECURE_PAGE)]).toEqual(Array(3).fill('refused'));
    expect(Number(debug.read(0xe004_4000, 0)) & 0xfff).toBe(debug.target.chip.dbgmcu.idcode & 0xfff);
  });
});

describe('the option bytes of a chip with TrustZone', () => {
  const set = (debug: Debugger, optr: number): number | 'refused' => {
    for (const value of [0x4567_0123, 0xcdef_89ab]) debug.write(FLASH + 0x08, value);
    for (const value of [0x0819_2a3b, 0x4c5d_6e7f]) debug.write(FLASH + 0x10, value);
    debug.write(FLASH + 0x40, optr);
    debug.write(FLASH + 0x28, 0x2_0000);
    debug.target.pass(100);
    return debug.read(FLASH + 0x20);
  };

  test('keep TZEN unless read protection goes at the same time', () => {
    const debug = new Debugger('nucleo-l552-secure');
    debug.halt();
    expect(Number(set(debug, 0x7fef_f8aa)) & (1 << 13)).toBe(1 << 13);
    expect(debug.target.microcontroller.options[3]).toBe(0xff);
    const closed = holding(new Debugger('nucleo-l552-rdp1'), SECURE_PAGE);
    expect(Number(set(closed, 0x7fef_f8aa)) & (1 << 13)).toBe(0);
    expect(closed.target.microcontroller.options[3]).toBe(0x7f);
    expect(closed.target.microcontroller.flash.peek(SECURE_PAGE, 4)).toEqual(new Uint8Array(4).fill(0xff));
  });

  test('go back to an open product by no write of a debugger', () => {
    const debug = new Debugger('nucleo-h563-tz-closed');
    for (const value of [0x0819_2a3b, 0x4c5d_6e7f]) debug.write(FLASH + 0x0c, value);
    debug.write(FLASH + 0x54, 0x2d30_edf8);
    debug.write(FLASH + 0x1c, 2);
    debug.target.pass(100);
    expect(debug.target.microcontroller.options[1]).toBe(0xc6);
    expect(Number(debug.read(FLASH + 0x20)) & (1 << 23)).toBe(1 << 23);
  });
});
