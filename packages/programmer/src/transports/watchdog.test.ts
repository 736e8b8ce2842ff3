import { describe, expect, it } from 'vitest';
import { StandingClock } from '../../testing/clocks.ts';
import { Watchdog } from './watchdog.ts';

const late = (name: string) => (): Error => new Error(`${name} is late`);
const never = new Promise<string>(() => undefined);
const outcome = async (work: Promise<string>): Promise<string> =>
  await work.catch((error: unknown) => (error instanceof Error ? error.message : 'odd'));
const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('a watchdog', () => {
  it('ends as the work does that ends in time', async () => {
    const watchdog = new Watchdog(new StandingClock());
    expect(await watchdog.within(Promise.resolve('done'), { ms: 10, late: late('a') })).toBe('done');
    expect(await outcome(watchdog.within(Promise.reject(new Error('broken')), { ms: 10, late: late('a') }))).toBe(
      'broken',
    );
  });

  it('keeps the limit of each of several, with one timer', async () => {
    const clock = new StandingClock();
    const watchdog = new Watchdog(clock);
    const ended: string[] = [];
    for (const [name, ms] of [
      ['slow', 30],
      ['quick', 10],
      ['middle', 20],
    ] as const) {
      void outcome(watchdog.within(never, { ms, late: late(name) })).then((text) => ended.push(text));
    }
    expect(clock.sleeping).toBe(1);
    const seen: string[] = [];
    for (let ms = 0; ms < 4; ms++) {
      clock.advance(10);
      await settled();
      seen.push(ended.join(', '));
    }
    expect(seen).toEqual([
      'quick is late',
      'quick is late, middle is late',
      'quick is late, middle is late, slow is late',
      'quick is late, middle is late, slow is late',
    ]);
    expect(clock.sleeping).toBe(0);
  });

  it('leaves alone what has ended when its moment comes, and takes up what came later', async () => {
    const clock = new StandingClock();
    const watchdog = new Watchdog(clock);
    await watchdog.within(Promise.resolve('done'), { ms: 10, late: late('first') });
    clock.advance(5);
    const second = outcome(watchdog.within(never, { ms: 10, late: late('second') }));
    clock.advance(5);
    await settled();
    expect(clock.sleeping).toBe(1);
    clock.advance(5);
    expect(await second).toBe('second is late');
  });

  it('lets go of its timer', async () => {
    const clock = new StandingClock();
    const watchdog = new Watchdog(clock);
    void outcome(watchdog.within(never, { ms: 10, late: late('a') }));
    watchdog.stop();
    expect(clock.sleeping).toBe(0);
  });

  it('ends with the reason of a signal, at once where it is aborted already', async () => {
    const watchdog = new Watchdog(new StandingClock());
    const stop = new AbortController();
    const waiting = watchdog.within(never, { ms: 10, late: late('a'), signal: stop.signal });
    const reason = { why: 'enough' };
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    const again = watchdog.within(never, { ms: 10, late: late('a'), signal: stop.signal });
    await expect(again).rejects.toBe(reason);
  });
});
