import { describe, expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { fill, write } from './write.ts';

const START = 0x0800_0000;
const OTP = 0x1fff_7800;
const OPTIONS = 0x1fff_c000;
const deviceOf = () => {
  const target = new MemoryTarget(
    [
      regionOf({ start: START, sizes: [1024, 1024] }),
      regionOf({ start: OTP, sizes: [64], kind: 'otp', writeSize: 1 }),
      regionOf({ start: OPTIONS, sizes: [16], kind: 'option-bytes', writeSize: 1 }),
    ],
    256,
  );
  return { target, device: deviceWith(target) };
};
const used = (): Uint8Array => Uint8Array.from({ length: 1024 }, (_, i) => i & 0x7f);

describe('write', () => {
  it('changes its own bytes and keeps those of the sector beside them', async () => {
    const { target, device } = deviceOf();
    target.poke(START, used());
    const report = await write(device, START + 101, Uint8Array.of(0xf1, 0xf2, 0xf3));
    const expected = used();
    expected.set([0xf1, 0xf2, 0xf3], 101);
    expect(target.peek({ start: START, end: START + 1024 })).toEqual(expected);
    expect(report).toMatchObject({ outcome: 'programmed', sectorsErased: 1, verifiedBytes: 1024 });
  });

  it('takes any bytes at the start of the flash, where a program would need a vector table', async () => {
    const { target, device } = deviceOf();
    await write(device, START, Uint8Array.of(1, 2, 3, 4));
    expect([...target.peek({ start: START, end: START + 5 })]).toEqual([1, 2, 3, 4, 0xff]);
  });

  it('changes nothing where the memory holds the bytes already', async () => {
    const { target, device } = deviceOf();
    target.poke(START, used());
    const report = await write(device, START + 8, used().subarray(8, 16));
    expect(report.outcome).toBe('unchanged');
    expect(target.log).toEqual([]);
  });

  it('does not write OTP unless that is asked for, and no option bytes at all', async () => {
    const { target, device } = deviceOf();
    const bytes = Uint8Array.of(1);
    await expect(write(device, OTP, bytes)).rejects.toMatchObject({ code: 'plan/one-time' });
    await expect(write(device, OPTIONS, bytes, { oneTime: true })).rejects.toMatchObject({ code: 'plan/outside' });
    expect(target.log).toEqual([]);
    await write(device, OTP, bytes, { oneTime: true });
    expect(target.peek({ start: OTP, end: OTP + 1 })).toEqual(bytes);
  });

  it('does not believe a device that keeps what it held', async () => {
    const { target, device } = deviceOf();
    target.poke(START, used());
    target.deaf = true;
    await expect(write(device, START + 8, Uint8Array.of(0xff))).rejects.toMatchObject({ code: 'verify/mismatch' });
  });

  it('has the bytes beside its own held when it breaks off after the erase', async () => {
    const { target, device } = deviceOf();
    target.poke(START, used());
    target.beforeTransfer = () => {
      if (target.log.some((line) => line.startsWith('write'))) throw new Error('unplugged');
    };
    let kept: readonly { bytes: Uint8Array }[] = [];
    const keptBytes = {
      held: async () => await Promise.resolve([]),
      hold: async (segments: typeof kept) => {
        await Promise.resolve();
        kept = segments;
      },
    };
    await expect(write(device, START + 512, Uint8Array.of(0xff), { keptBytes })).rejects.toThrow('unplugged');
    expect(kept.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThanOrEqual(1023);
  });
});

describe('fill', () => {
  it('repeats the pattern over the range and leaves the bytes around it', async () => {
    const { target, device } = deviceOf();
    target.poke(START, used());
    await fill(device, { start: START + 4, end: START + 12 }, Uint8Array.of(0x12, 0x34));
    const expected = used();
    expected.set([0x12, 0x34, 0x12, 0x34, 0x12, 0x34, 0x12, 0x34], 4);
    expect(target.peek({ start: START, end: START + 1024 })).toEqual(expected);
  });

  it('refuses a pattern that does not divide the range before the device is asked', async () => {
    const { target, device } = deviceOf();
    await expect(fill(device, { start: START, end: START + 3 }, Uint8Array.of(1, 2))).rejects.toThrow(RangeError);
    await expect(fill(device, { start: START, end: START + 3 }, new Uint8Array())).rejects.toThrow(RangeError);
    expect(target.transfers).toBe(0);
  });
});
