import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { FlashError } from '../errors.ts';
import { waitForReturn } from './return.ts';

describe('waitForReturn', () => {
  it('looks until the device is there', async () => {
    let looks = 0;
    const clock = new QuickClock();
    const found = await waitForReturn(async () => (++looks === 4 ? 'here' : undefined), clock);
    expect(found).toBe('here');
    expect(clock.now()).toBe(300);
  });

  it('takes a device that cannot be opened yet for one that is not there', async () => {
    let looks = 0;
    const find = async (): Promise<string> => {
      if (++looks < 3) throw new FlashError('usb/access', { detail: 'no' });
      return 'here';
    };
    expect(await waitForReturn(find, new QuickClock())).toBe('here');
  });

  it('gives up after half a minute, with what it heard last', async () => {
    const refusal = new FlashError('usb/busy', { detail: 'no' });
    const clock = new QuickClock();
    const waiting = waitForReturn(async () => await Promise.reject<string>(refusal), clock);
    await expect(waiting).rejects.toMatchObject({
      code: 'device/not-back',
      cause: refusal,
      facts: { afterMs: 30_000 },
    });
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
  });

  it('does not swallow a defect', async () => {
    const defect = new TypeError('defect');
    await expect(waitForReturn(async () => await Promise.reject<string>(defect), new QuickClock())).rejects.toBe(
      defect,
    );
  });
});
