/** A probe at chips that sleep, stand still, are closed or lose their power: what it is told, and what brings them back. */

import { describe, expect, test } from 'vitest';
import { block, desk, enter, hex, programOf, word } from '../../testing/stlink-desk.ts';

const DHCSR = 0xe000_edf0;
const HALT = 0xa05f_0003;
const RUN = 0xa05f_0001;
const S_HALT = 1 << 17;
const S_SLEEP = 1 << 18;
const S_LOCKUP = 1 << 19;
const WFI = [0xbf30, 0xe7fd];
const SCR_SLEEPDEEP = [0xe000_ed10, 4] as const;

/** movs r0, #42; bkpt */
const IN_RAM = Uint8Array.of(0x2a, 0x20, 0x00, 0xbe);

/** Runs code in RAM through a probe. @returns R0 when it has stopped */
async function runInRam({
  ask,
  writeDebug,
  readDebug,
  virtualClock,
}: Awaited<ReturnType<typeof desk>>): Promise<number> {
  await ask(block(0x08, 0x2000_0000, 4), 0, IN_RAM);
  for (const [register, value] of [
    [13, 0x2000_1000],
    [15, 0x2000_0000],
    [16, 0x0100_0000],
  ] as const) {
    await ask([0xf2, 0x34, register, ...word(value)], 2);
  }
  await writeDebug(DHCSR, RUN);
  await virtualClock.sleep(1);
  expect((await readDebug(DHCSR)) & S_HALT).toBe(S_HALT);
  return new DataView((await ask([0xf2, 0x33, 0], 8)).buffer).getUint32(4, true);
}

describe('a core behind a virtual ST-LINK', () => {
  test('that waits for an interrupt says so, is halted, and runs code in RAM', async () => {
    const made = await desk({ flash: programOf([], WFI) });
    await made.virtualClock.sleep(1);
    await made.ask(enter, 2);
    expect((await made.readDebug(DHCSR)) & S_SLEEP).toBe(S_SLEEP);
    await made.writeDebug(DHCSR, HALT);
    expect((await made.readDebug(DHCSR)) & (S_HALT | S_SLEEP)).toBe(S_HALT);
    expect(await runInRam(made)).toBe(42);
  });

  test('that has locked up says so, is halted, and runs code in RAM', async () => {
    const made = await desk();
    await made.virtualClock.sleep(1);
    await made.ask(enter, 2);
    expect((await made.readDebug(DHCSR)) & S_LOCKUP).toBe(S_LOCKUP);
    await made.writeDebug(DHCSR, HALT);
    expect(await runInRam(made)).toBe(42);
  });

  test('in Stop mode answers nothing but WAIT, unless DBGMCU keeps its clock', async () => {
    const stopped = await desk({ flash: programOf([SCR_SLEEPDEEP], WFI) });
    await stopped.virtualClock.sleep(1);
    await stopped.ask(enter, 2);
    expect(hex(await stopped.ask([0xf2, 0x36, ...word(DHCSR)], 8)).slice(0, 2)).toBe('14');
    const kept = await desk({ flash: programOf([[0xe004_2004, 6], SCR_SLEEPDEEP], WFI) });
    await kept.virtualClock.sleep(1);
    await kept.ask(enter, 2);
    expect((await kept.readDebug(DHCSR)) & S_SLEEP).toBe(S_SLEEP);
  });

  test('in Stop mode is reached under reset', async () => {
    const { ask, writeDebug, readDebug, virtualClock } = await desk({ flash: programOf([SCR_SLEEPDEEP], WFI) });
    await virtualClock.sleep(1);
    await ask([0xf2, 0x3c, 0], 2);
    await ask(enter, 2);
    await writeDebug(DHCSR, HALT);
    await writeDebug(0xe000_edfc, 1);
    await ask([0xf2, 0x3c, 1], 2);
    expect((await readDebug(DHCSR)) & S_HALT).toBe(S_HALT);
  });
});

describe('a chip behind a virtual ST-LINK', () => {
  test('whose program takes the SWD pins is silent from then on, and answers while NRST is low', async () => {
    const closing = programOf([
      [0x4002_3830, 1],
      [0x4002_0000, 0],
    ]);
    const { ask, virtualClock } = await desk({ flash: closing });
    await virtualClock.sleep(1);
    expect((await ask(enter, 2))[0]).toBe(0x09);
    await ask([0xf2, 0x3c, 0], 2);
    expect((await ask(enter, 2))[0]).toBe(0x80);
    await ask([0xf2, 0x3c, 1], 2);
    await virtualClock.sleep(1);
    expect((await ask([0xf2, 0x36, ...word(DHCSR)], 8))[0]).toBe(0x16);
  });

  test('of which RDP level 1 is taken back by its option register is erased', async () => {
    const { ask, writeDebug, readDebug, microcontroller, virtualClock } = await desk({
      protection: 1,
      flash: programOf([]),
    });
    await ask(enter, 2);
    await writeDebug(DHCSR, HALT);
    for (const key of [0x0819_2a3b, 0x4c5d_6e7f]) await writeDebug(0x4002_3c08, key);
    await writeDebug(0x4002_3c14, 0x0fff_aaec);
    await writeDebug(0x4002_3c14, 0x0fff_aaee);
    await virtualClock.sleep(10_000);
    expect(await readDebug(0x0800_0000)).toBe(0xffff_ffff);
    expect(microcontroller.flash.memories[0]?.bytes.every((byte) => byte === 0xff)).toBe(true);
  });

  test('with RDP level 1 gives a debugger nothing of its flash, by no way round', async () => {
    const content = programOf([]);
    const { ask, writeDebug, readDebug, status, microcontroller } = await desk({ protection: 1, flash: content });
    const before = microcontroller.flash.peek(0x0800_0000, 256);
    await ask(enter, 2);
    await writeDebug(DHCSR, HALT);
    // As it is seen at 0 while the chip boots from it.
    await ask(block(0x07, 0, 4), 4);
    expect(await status()).toBe(0x11);
    for (const key of [0x4567_0123, 0xcdef_89ab]) await writeDebug(0x4002_3c04, key);
    // Erase of sector 0, a mass erase, and a store of code that runs in RAM: str r0, [r1]; bkpt
    for (const control of [0x2, 0x1_0002, 0x4, 0x1_0004, 0x201]) await writeDebug(0x4002_3c10, control);
    expect((await readDebug(0x4002_3c0c)) & 0x10).toBe(0x10);
    await ask(block(0x08, 0x2000_0000, 4), 0, Uint8Array.of(0x08, 0x60, 0x00, 0xbe));
    const registers = [
      [0, 0],
      [1, 0x0800_0000],
      [13, 0x2000_1000],
      [15, 0x2000_0000],
      [16, 0x0100_0000],
    ] as const;
    for (const [register, value] of registers) await ask([0xf2, 0x34, register, ...word(value)], 2);
    await writeDebug(DHCSR, RUN);
    expect(microcontroller.flash.peek(0x0800_0000, 256)).toEqual(before);
    // ldr r0, [r1]; bkpt: the core gets a bus error, and with it no bytes.
    await writeDebug(DHCSR, HALT);
    await ask(block(0x08, 0x2000_0000, 4), 0, Uint8Array.of(0x08, 0x68, 0x00, 0xbe));
    for (const [register, value] of registers) await ask([0xf2, 0x34, register, ...word(value)], 2);
    await writeDebug(DHCSR, RUN);
    await writeDebug(DHCSR, HALT);
    expect((await readDebug(0xe000_ed28)) & 0x8200).toBe(0x8200);
    expect(before.some((byte) => byte !== 0xff)).toBe(true);
  });

  test('of F1 with read protection can be erased as a whole, and not by pages', async () => {
    const { ask, writeDebug, readDebug, microcontroller } = await desk({
      chip: 'STM32F103',
      protection: 1,
      flash: programOf([]),
    });
    await ask(enter, 2);
    await writeDebug(DHCSR, HALT);
    for (const key of [0x4567_0123, 0xcdef_89ab]) await writeDebug(0x4002_2004, key);
    await writeDebug(0x4002_2014, 0x0800_0000);
    for (const control of [0x2, 0x42]) await writeDebug(0x4002_2010, control);
    expect((await readDebug(0x4002_200c)) & 0x10).toBe(0x10);
    expect(microcontroller.flash.peek(0x0800_0000, 4)).not.toEqual(new Uint8Array(4).fill(0xff));
    for (const control of [0x4, 0x44]) await writeDebug(0x4002_2010, control);
    expect(microcontroller.flash.peek(0x0800_0000, 4)).toEqual(new Uint8Array(4).fill(0xff));
  });

  test('with RDP level 1 runs its program again once the power was off', async () => {
    const { ask, target, microcontroller, virtualClock } = await desk({ protection: 1, flash: programOf([]) });
    await ask(enter, 2);
    await virtualClock.sleep(1);
    target.pass(1);
    expect(microcontroller.core.state).toBe('locked up');
    target.supplyMv = 0;
    target.supplyMv = 3300;
    target.pass(1);
    expect(microcontroller.core.state).toBe('running');
  });

  test('that loses its power in the middle is entered anew', async () => {
    const { ask, target } = await desk({ flash: programOf([]) });
    await ask(enter, 2);
    target.supplyMv = 0;
    expect((await ask([0xf2, 0x36, ...word(DHCSR)], 8))[0]).toBe(0x16);
    target.supplyMv = 3300;
    // The debug port has forgotten that it was switched on.
    expect((await ask([0xf2, 0x36, ...word(DHCSR)], 8))[0]).toBe(0x11);
    expect((await ask(enter, 2))[0]).toBe(0x80);
    expect((await ask([0xf2, 0x36, ...word(DHCSR)], 8))[0]).toBe(0x80);
  });
});
