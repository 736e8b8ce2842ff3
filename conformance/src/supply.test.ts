import { deviceFeatureOf, impliedSupply, stateImpliedSupply, supplyRange } from '@sureflash/programmer/option-bytes';
import { romRows, scenarioNameOf } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig, type RigOptions } from './rig.ts';

const FLASH = 0x0800_0000;
const rows = romRows.filter(({ name }) => /^STM32F[247]/.test(name)).map((row) => scenarioNameOf(row));
/**
 * Chips whose full-speed USB runs from VDD (DS6329, DS8626, DS9405, DS9716, DS10086, DS10314). In one bank of 1 MB an F429
 * may be an F412, which has VDDUSB.
 */
const ON_VDD = /^stm32f(205|407|429|401x[ce]|411)-rom(?!-1-mb$)/;
const FEATURE = 0xffff_0000;

/** Tells a board what USB implies, if anything. @returns whether it took that; `undefined` for a supply that is not known */
async function tell(rig: Rig): Promise<boolean | undefined> {
  const device = await rig.connect();
  const region = deviceFeatureOf(device);
  const supply = impliedSupply(device.about.chips);
  if (!region || !supply) return undefined;
  return await stateImpliedSupply(device, region, supply);
}

async function programMs(board: string, told: boolean, options: RigOptions = {}): Promise<number> {
  const rig = new Rig(board, options);
  if (told) await tell(rig);
  const image = imageAt(FLASH, noise(100_000, 3));
  const from = rig.clock.now();
  await rig.program(image);
  expect(rig.holds(image)).toBe(true);
  return rig.clock.now() - from;
}

describe('the supply of a board that answers on USB', () => {
  it.each(rows)('of %s is told to its ROM exactly where USB has no other supply than VDD', async (board) => {
    const rig = new Rig(board);
    const told = await tell(rig);
    expect(told).toBe(ON_VDD.test(board) ? true : undefined);
    expect(rig.board.chip.read(FEATURE, 1)).toEqual(Uint8Array.of(told ? 3 : 0));
  });

  it('allows four bytes at once, and none is implied for a device that may be any chip', () => {
    expect(supplyRange(2.7)).toEqual({ index: 3, bytesAtOnce: 4 });
    expect(impliedSupply([])).toBeUndefined();
  });

  it.each(['stm32f407-rom', 'stm32f205-rom', 'stm32f429-rom'])(
    'of %s, once told, lets a job end in at most 0.55 of the time',
    async (board) => {
      const untold = await programMs(board, false);
      expect((await programMs(board, true)) / untold).toBeLessThanOrEqual(0.55);
    },
  );

  it('is refused by a protected ROM, and that is no error', async () => {
    const rig = new Rig('stm32f401xc-rom');
    rig.board.chip.write(0x1fff_c000, Uint8Array.of(0xef, 0x00));
    rig.board.reset();
    await rig.clock.sleep(1000);
    expect(rig.board.chip.level).toBe(1);
    const device = await rig.connect();
    const region = deviceFeatureOf(device);
    if (!region) throw new Error('no Device Feature');
    expect(await stateImpliedSupply(device, region, { index: 3, bytesAtOnce: 4 })).toBe(false);
  });
});
