/** The matrix excuses what a half-written program asks for; the probe it excuses nothing. */
import { describe, expect, it } from 'vitest';
import { MATRIX_ROWS, ProbeLife } from './matrix.ts';

describe('a register that the model does not have', () => {
  it('is found where the probe asks for it after a cut, too', async () => {
    const [, chip] = MATRIX_ROWS.find(([name]) => name.startsWith('STM32F103')) ?? [];
    if (!chip) throw new Error('no such row');
    const life = new ProbeLife(chip, 'v2-1');
    await life.program(1);
    await life.cutPower(2);
    expect(life.problems).toEqual([]);
    const device = await life.rig.connect();
    const { target } = life.rig.desk;
    target.writeAp(0, 0x04, 0x4002_2024);
    expect(target.readAp(0, 0x0c).ack).toBe('fault');
    await device.close();
    await life.program(2);
    expect(life.problems).toEqual(['a register of FLASH that is at 0x40022024 is not modelled']);
  });
});
