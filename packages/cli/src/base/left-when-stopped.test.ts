import { describe, expect, it } from 'vitest';
import { leftWhenStopped } from './left-when-stopped.ts';

const reason = new Error('interrupted');
const never = async (): Promise<never> => await new Promise(() => undefined);

describe('work that changes nothing', () => {
  it('gives its result, or its error', async () => {
    const { signal } = new AbortController();
    expect(await leftWhenStopped(signal, async () => await Promise.resolve(7))).toBe(7);
    await expect(leftWhenStopped(signal, async () => await Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('is left at once when it is to stop, and not begun after that', async () => {
    const stop = new AbortController();
    const left = leftWhenStopped(stop.signal, never);
    stop.abort(reason);
    await expect(left).rejects.toBe(reason);
    await expect(leftWhenStopped(stop.signal, never)).rejects.toBe(reason);
  });

  it('hands over what comes after it was left, and only then', async () => {
    const stop = new AbortController();
    const closed: string[] = [];
    const late = async (device: string): Promise<void> => void closed.push(await Promise.resolve(device));
    expect(await leftWhenStopped(stop.signal, async () => await Promise.resolve('in time'), late)).toBe('in time');
    let arrive: (device: string) => void = () => undefined;
    const coming = new Promise<string>((resolve) => {
      arrive = resolve;
    });
    const left = leftWhenStopped(stop.signal, async () => await coming, late);
    stop.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect(closed).toEqual([]);
    arrive('too late');
    await expect.poll(() => closed).toEqual(['too late']);
  });
});
