import { findChipByName } from '@sureflash/chips';
import { eraseAll, type JobOptions, type Progress, planSupply } from '@sureflash/programmer';
import { romRows, scenarioNameOf } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

const FLASH = 0x0800_0000;
const rows = romRows.filter(({ name }) => /^STM32F[247]/.test(name)).map((row) => scenarioNameOf(row));
/**
 * Chips whose full-speed USB runs from VDD (DS6329, DS8626, DS9405, DS9716, DS10086, DS10314). In one bank of 1 MB an F429
 * may be an F412, which has VDDUSB.
 */
const ON_VDD = /^stm32f(205|407|429|401x[ce]|411)-rom(?!-1-mb$)/;
const FEATURE = 0xffff_0000;

async function programMs(board: string, supply: JobOptions['supply']): Promise<number> {
  const rig = new Rig(board);
  const image = imageAt(FLASH, noise(100_000, 3));
  const from = rig.clock.now();
  await rig.program(image, { supply });
  expect(rig.holds(image)).toBe(true);
  return rig.clock.now() - from;
}

describe('the supply of a board that answers on USB', () => {
  it.each(rows)('of %s is told to its ROM exactly where USB has no other supply than VDD', async (board) => {
    const rig = new Rig(board);
    const { preparation } = await rig.program(imageAt(FLASH, noise(256, 1)));
    const isImplied = ON_VDD.test(board);
    expect(preparation.supply.basis).toBe(isImplied ? 'usb' : 'unknown');
    expect(rig.board.chip.read(FEATURE, 1)).toEqual(Uint8Array.of(isImplied ? 3 : 0));
  });

  it.each(['stm32f407-rom', 'stm32f205-rom', 'stm32f429-rom'])(
    'of %s, told without any option, lets a job end in at most 0.55 of the time that it takes untold',
    async (board) => {
      expect((await programMs(board, undefined)) / (await programMs(board, 'none'))).toBeLessThanOrEqual(0.55);
    },
  );

  it('may be stated, and then decides how long programming takes', async () => {
    const untold = await programMs('stm32f446-rom', 'none');
    expect(await programMs('stm32f446-rom', 1.8)).toBeGreaterThan(untold - 50);
    expect(await programMs('stm32f446-rom', 2.2)).toBeLessThan(untold * 0.8);
    expect(await programMs('stm32f446-rom', 3.3)).toBeLessThan(untold * 0.55);
  });

  it.each(['stm32f407-rom', 'stm32f205-rom', 'stm32f429-rom'])(
    'of %s lets the estimate of a job come within a quarter of the time that the work takes, told or not',
    async (board) => {
      for (const supply of ['auto', 'none'] as const) {
        const rig = new Rig(board, { flash: [{ address: FLASH, bytes: noise(256 * 1024, 5) }] });
        const { preparation, report } = await rig.program(imageAt(FLASH, noise(200_000, 3)), { supply });
        const ratio = (report.eraseMs + report.writeMs) / preparation.plan.estimateMs;
        expect(ratio).toBeGreaterThan(0.75);
        expect(ratio).toBeLessThan(1.25);
      }
    },
  );

  it('is refused by a protected ROM, and the protection is what the job fails of', async () => {
    const rig = new Rig('stm32f401xc-rom');
    rig.board.chip.write(0x1fff_c000, Uint8Array.of(0xef, 0x00));
    rig.board.reset();
    await rig.clock.sleep(1000);
    expect(rig.board.chip.level).toBe(1);
    const device = await rig.connect({ chip: findChipByName('STM32F401xC') });
    expect(planSupply(device).basis).toBe('usb');
    const events: Progress[] = [];
    const onProgress = (event: Progress): void => void events.push(event);
    await expect(eraseAll(device, { onProgress })).rejects.toMatchObject({ code: 'device/read-protected' });
    expect(events.find(({ type }) => type === 'supply')).toMatchObject({ taken: false });
  });
});
