import { CHIPS } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { aboutTest, deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { FlashError } from '../errors.ts';
import type { Device } from '../target/device.ts';
import { writeOptionBytes } from './apply.ts';
import { planOptionBytes } from './plan.ts';
import { readOptionBytes } from './state.ts';

const OPTIONS = 0x1fff_f800;
const FACTORY = Uint8Array.of(0xa5, 0x5a, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0);
const ABOUT = aboutTest({ chips: CHIPS.filter(({ id }) => id === 'stm32f105'), certain: true });

function chipWith(bytes: Uint8Array): MemoryTarget {
  const target = new MemoryTarget([regionOf({ start: OPTIONS, sizes: [16], kind: 'option-bytes' })]);
  target.about = ABOUT;
  target.poke(OPTIONS, bytes);
  return target;
}

describe('option bytes of a chip that resets itself', () => {
  it('are proven after the reset, also where it answers the write and goes while it is read', async () => {
    const target = chipWith(FACTORY);
    const plan = planOptionBytes(await readOptionBytes(deviceWith(target)), [{ name: 'Data0', value: '0x12' }]);
    target.write = async () => {
      target.read = () => {
        throw new FlashError('usb/gone', {});
      };
    };
    const written = chipWith(plan.writes[0]?.bytes ?? FACTORY);
    const report = await writeOptionBytes(deviceWith(target), plan, { reopen: async () => deviceWith(written) });
    expect(report).toEqual({ proof: 'read-back', wasReset: true });
    const unwritten = async (): Promise<Device> => deviceWith(chipWith(FACTORY));
    await expect(writeOptionBytes(deviceWith(target), plan, { reopen: unwritten })).rejects.toMatchObject({
      code: 'option-bytes/differ',
    });
  });
});
