import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

const BOARDS = ['stm32f105-rom', 'stm32f407-rom', 'stm32l476-rom', 'stm32l476-rom-early-stall', 'stm32h743-rom'];
const FLASH = 0x0800_0000;

describe.each(BOARDS)('%s', (scenario) => {
  it('is programmed and proven from erased, with another firmware in it, and not at all when it holds the image', async () => {
    const rig = new Rig(scenario);
    for (const seed of [1, 2]) {
      const image = imageAt(FLASH, noise(119_910, seed));
      const { report } = await rig.program(image);
      expect(report.outcome).toBe('programmed');
      expect(report.verifiedBytes).toBeGreaterThanOrEqual(image.byteLength);
      expect(rig.holds(image)).toBe(true);
      console.log(scenario, seed, report, rig.stats, rig.clock.now());
    }
    const { report } = await rig.program(imageAt(FLASH, noise(119_910, 2)));
    expect(report).toMatchObject({ outcome: 'unchanged', sectorsErased: 0, bytesWritten: 0 });
    console.log(scenario, report, rig.stats, rig.clock.now());
  });
});
