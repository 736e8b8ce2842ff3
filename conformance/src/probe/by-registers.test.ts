/** Chips that run no code for the programmer: their flash is written by registers, and the plan says so. */
import { CHIPS, type Chip, chipName } from '@sureflash/chips';
import { carryOut, prepare } from '@sureflash/programmer';
import type { ChipFacts } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { chipFromRow, whyNoBoard } from './chip-board.ts';
import { firmwareOf } from './firmware.ts';
import { type StlinkRig, stlinkRig } from './probe-rig.ts';

const FLASH = 0x0800_0000;
const RAM = 0x2000_0000;
const BYTES = 700;

const BOARDS = CHIPS.filter((chip) => whyNoBoard(chip) === undefined);
/** Whose controller is another one than that of their family. */
const OWN_WAYS = ['stm32f103-xl', 'stm32h7a3', 'stm32h7s3'];
const ROWS = BOARDS.filter((chip) => {
  return BOARDS.find(({ family }) => family === chip.family) === chip || OWN_WAYS.includes(chip.id);
}).map((chip): [name: string, chip: Chip] => [chipName(chip), chip]);

/** RAM that no debugger reaches: the first bytes alone are there. */
const withoutRam = (facts: ChipFacts): ChipFacts => ({ ...facts, ram: [[RAM, 64]] });

interface Written {
  readonly slowBecause: string | undefined;
  readonly holds: boolean;
  readonly notModelled: readonly string[];
}

async function written(rig: StlinkRig, usesRam = true): Promise<Written> {
  const image = firmwareOf(1, BYTES);
  const device = await rig.connect({ probe: { usesRam } });
  try {
    const preparation = await prepare(device, image);
    await carryOut(device, preparation);
    const second = firmwareOf(2, BYTES);
    await carryOut(device, await prepare(device, second));
    const holds = second.segments.every(({ address, bytes }) =>
      rig.chip.flash.peek(address, bytes.length).every((byte, at) => byte === bytes[at]),
    );
    return { slowBecause: preparation.plan.slowBecause, holds, notModelled: rig.desk.target.notModelled };
  } finally {
    await device.close();
  }
}

describe('a chip whose RAM no debugger may use', () => {
  it.each(ROWS)('%s is programmed and changed by registers', async (_, chip) => {
    const rig = stlinkRig({ probe: 'v2-1', chip: withoutRam(chipFromRow(chip)) });
    const isKnown = chip.ram.some(({ start }) => start >= RAM);
    const slowBecause = isKnown ? 'the chip lets no debugger use its RAM' : 'no RAM of this chip is known';
    expect(await written(rig)).toEqual({ slowBecause, holds: true, notModelled: [] });
  });

  it.each([1.9, 2.5, 3.3])(
    'an F407 at %d V is programmed by the widest accesses that its supply allows',
    async (volts) => {
      const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F407', supplyMv: volts * 1000 });
      expect(await written(rig, false)).toMatchObject({ holds: true, notModelled: [] });
    },
  );

  it('costs about as long as its plan says, and most of it is commands', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32L476' });
    const device = await rig.connect({ probe: { usesRam: false } });
    const preparation = await prepare(device, firmwareOf(1, 20_000));
    const before = rig.clock.now();
    await carryOut(device, preparation);
    const took = rig.clock.now() - before;
    await device.close();
    expect(took / preparation.plan.estimateMs).toBeGreaterThan(0.6);
    expect(took / preparation.plan.estimateMs).toBeLessThan(2);
  });
});

describe('a chip whose RAM is to stay as it is', () => {
  it.each(['STM32F103', 'STM32F407', 'STM32L476', 'STM32H743'])('%s keeps every byte of it', async (name) => {
    const rig = stlinkRig({ probe: 'v2-1', chip: name });
    const ram = (): Uint8Array => Uint8Array.from({ length: 16_384 }, (_, at) => rig.chip.bus.read8(RAM + at));
    const before = ram();
    expect(await written(rig, false)).toEqual({
      slowBecause: 'its RAM is to stay as it is',
      holds: true,
      notModelled: [],
    });
    expect(ram()).toEqual(before);
    expect(rig.chip.flash.peek(FLASH, 4)).not.toEqual(new Uint8Array(4).fill(0xff));
  });
});
