import { describe, expect, it } from 'vitest';
import { RealClock, VirtualClock } from './clock.ts';

describe('VirtualClock', () => {
  it('jumps to whoever is due next, in order of time', async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name} ${clock.now()}`);
    };
    await Promise.all([sleeper('c', 30), sleeper('a', 10), sleeper('b', 20), sleeper('d', 86_400_000)]);
    expect(woken).toEqual(['a 10', 'b 20', 'c 30', 'd 86400000']);
  });

  it('wakes those due at one moment in the order in which they went to sleep', async () => {
    const clock = new VirtualClock();
    const woken: number[] = [];
    await Promise.all([1, 2, 3, 4].map((name) => clock.sleep(5).then(() => woken.push(name))));
    expect(woken).toEqual([1, 2, 3, 4]);
  });

  it('stands still while anything computes', async () => {
    const clock = new VirtualClock();
    const wait = clock.sleep(1);
    for (let turn = 0; turn < 1000; turn += 1) await Promise.resolve();
    expect(clock.now()).toBe(0);
    await wait;
    expect(clock.now()).toBe(1);
  });

  it('lets a sleeper set others going before time moves on', async () => {
    const clock = new VirtualClock();
    const woken: number[] = [];
    const late = clock.sleep(100).then(() => woken.push(clock.now()));
    await clock.sleep(10);
    await clock.sleep(10);
    await clock.sleep(10);
    woken.push(clock.now());
    await late;
    expect(woken).toEqual([30, 100]);
  });

  it('passes over a sleep that was aborted, without moving time', async () => {
    const clock = new VirtualClock();
    const limit = new AbortController();
    const limited = clock.sleep(5000, limit.signal).catch((reason: unknown) => reason);
    await clock.sleep(1);
    limit.abort('answered');
    expect(await limited).toBe('answered');
    await clock.sleep(1);
    expect(clock.now()).toBe(2);
  });

  it('rejects at once when the signal was aborted before', async () => {
    await expect(new VirtualClock().sleep(1, AbortSignal.abort('no'))).rejects.toBe('no');
  });

  it('stands still while it is held', async () => {
    const clock = new VirtualClock();
    const release = clock.hold();
    const wait = clock.sleep(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(0);
    release();
    await wait;
    expect(clock.now()).toBe(1);
  });
});

describe('RealClock', () => {
  it('sleeps about as long as asked', async () => {
    const clock = new RealClock();
    const start = clock.now();
    await clock.sleep(20);
    expect(clock.now() - start).toBeGreaterThan(18);
  });

  it('ends a sleep with the reason of its signal', async () => {
    const stop = new AbortController();
    const sleep = new RealClock().sleep(60_000, stop.signal);
    stop.abort('enough');
    await expect(sleep).rejects.toBe('enough');
  });

  it('wakes late sleepers at the moment at which they were due, and returns to the wall afterwards', async () => {
    const clock = new RealClock();
    await clock.sleep(0);
    const start = clock.now();
    const wait = clock.sleep(5);
    const busyUntil = performance.now() + 25;
    while (performance.now() < busyUntil);
    await wait;
    expect(clock.now()).toBe(start + 5);
    await clock.sleep(2);
    expect(clock.now()).toBe(start + 7);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(clock.now()).toBeGreaterThanOrEqual(busyUntil);
  });

  it('never goes back', async () => {
    const clock = new RealClock();
    const wait = clock.sleep(1).then(() => clock.now());
    const busyUntil = performance.now() + 10;
    while (performance.now() < busyUntil);
    const before = clock.now();
    expect(await wait).toBeGreaterThanOrEqual(before);
  });
});
