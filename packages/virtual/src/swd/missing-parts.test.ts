/** Who asked for what a model does not have: the probe, code that it set going, or the program that the board holds. */

import { expect, test } from 'vitest';
import { block, desk, enter, programOf, type StLinkDesk, word } from '../../testing/stlink-desk.ts';

const DHCSR = 0xe000_edf0;
const HALT = 0xa05f_0003;
const RUN = 0xa05f_0001;
const STEP = 0xa05f_0005;
const RAM = 0x2000_0000;
/** Behind RCC of F407. */
const MISSING = 0x4002_387c;
const SAID = ['a register of RCC that is at 0x4002387c is not modelled'];
/** LDR R0, [PC, #0]; LDR R1, [R0]; the address. */
const ASKING = [0x4800, 0x6801, MISSING & 0xffff, MISSING >>> 16];
/** MOVS R0, #0x20; LSLS R0, R0, #24; ADDS R0, #1; BX R0 */
const TO_RAM = [0x2020, 0x0600, 0x3001, 0x4700];
const inRam = Uint8Array.from(ASKING.flatMap((half) => [half & 0xff, half >>> 8]));

const halted = async (flash = programOf([])): Promise<StLinkDesk> => {
  const made = await desk({ flash });
  await made.ask(enter, 2);
  await made.writeDebug(DHCSR, HALT);
  return made;
};
const asked = ({ target }: StLinkDesk): unknown => [target.notModelled, target.notModelledForProbe];

const startInRam = async ({ ask, writeDebug }: StLinkDesk, order: number): Promise<void> => {
  await ask(block(0x08, RAM, inRam.length), 0, inRam);
  await ask([0xf2, 0x34, 15, ...word(RAM)], 2);
  await writeDebug(DHCSR, order);
};

test('a program in the flash asks for itself, and the probe that asks for the same afterwards too', async () => {
  const made = await desk({ flash: programOf([[MISSING, 1]]) });
  await made.virtualClock.sleep(1);
  await made.ask(enter, 2);
  expect(asked(made)).toEqual([SAID, []]);
  await made.readDebug(MISSING);
  expect(asked(made)).toEqual([SAID, SAID]);
});

test('a program in the flash that the probe lets go on, or steps, asks for itself', async () => {
  for (const order of [RUN, STEP]) {
    const made = await halted(programOf([[MISSING, 1]]));
    // LDMIA has to find its words behind R2.
    await made.ask([0xf2, 0x34, 2, ...word(0x0800_0080)], 2);
    await made.ask([0xf2, 0x34, 15, ...word(0x0800_0042)], 2);
    for (let each = 0; each < 2; each++) {
      await made.writeDebug(DHCSR, order);
      await made.virtualClock.sleep(1);
    }
    expect([order, asked(made)]).toEqual([order, [SAID, []]]);
  }
});

test('code in RAM asks for the probe that has set it going', async () => {
  const made = await halted();
  await startInRam(made, RUN);
  await made.virtualClock.sleep(1);
  expect(asked(made)).toEqual([SAID, SAID]);
});

test('code in RAM that the program in the flash enters after a reset asks for itself', async () => {
  const made = await halted(programOf([], TO_RAM));
  await made.ask(block(0x08, RAM, inRam.length), 0, inRam);
  made.target.supplyMv = 0;
  made.target.supplyMv = 3300;
  await made.virtualClock.sleep(1);
  await made.ask(enter, 2);
  expect(asked(made)).toEqual([SAID, []]);
});
