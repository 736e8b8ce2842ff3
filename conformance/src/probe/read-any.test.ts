/** Any memory of a chip read through a virtual ST-LINK: RAM on the code bus, ROMs, registers, and what the chip refuses. */
import { explain, read } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';
import { stlinkRig } from './probe-rig.ts';

const PLACES = [
  ['RAM on the code bus', 'STM32F407', 0x1000_0000],
  ['system memory of an M33', 'STM32U585', 0x0bf9_0000],
  ['system memory of an M7', 'STM32H743', 0x1ff0_9800],
  ['OTP', 'STM32F407', 0x1fff_7800],
  ['registers of the flash', 'STM32F407', 0x4002_3c00],
  ['registers of the core', 'STM32F407', 0xe000_ed00],
] as const;

describe('a chip behind an ST-LINK', () => {
  it.each(PLACES)('gives %s of an %s as its bus has it', async (_, chip, start) => {
    const rig = stlinkRig({ probe: 'v2-1', chip });
    const device = await rig.connect();
    const range = { start, end: start + 16 };
    const bytes = (await read(device, range)).read(range);
    const words = [0, 4, 8, 12].map((at) => rig.chip.core.debugPort.read(start + at, 4) >>> 0);
    expect([...new Uint32Array(bytes.slice().buffer)]).toEqual(words);
    await device.close();
  });

  it('is not blamed on wires where it has nothing at an address', async () => {
    const device = await stlinkRig({ probe: 'v2-1', chip: 'STM32F407' }).connect();
    const error = await failureOf(read(device, { start: 0x2001_fff0, end: 0x2002_0040 }));
    await device.close();
    expect(error).toMatchObject({ code: 'probe/refused', facts: { reason: 'fault', address: 0x2002_0000 } });
    const told = explain(error).remedies.map(({ text }) => text);
    expect(told.join(' ')).toContain('Check the address');
    expect(told.join(' ')).not.toContain('wires');
  });
});
