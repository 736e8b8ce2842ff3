import { describe, expect, it } from 'vitest';
import { FlashError } from '../../errors.ts';
import { runInOrder } from './run-in-order.ts';

const stalled = new FlashError('usb/stall', {
  setup: { requestType: 'class', recipient: 'interface', request: 1, value: 2, index: 0 },
});

/** Work that ends when it is told to, with a log of what began and what was told to be done. */
class Bench {
  readonly log: string[] = [];
  readonly #ends = new Map<string, { resolve: () => void; reject: (reason: unknown) => void }>();
  queue = true;

  run(items: readonly string[], signal?: AbortSignal): Promise<void> {
    return runInOrder(items, {
      start: async (item) => {
        this.log.push(`start ${item}`);
        await new Promise<void>((resolve, reject) => this.#ends.set(item, { resolve, reject }));
      },
      mayQueue: () => this.queue,
      done: (item) => this.log.push(`done ${item}`),
      signal,
    });
  }

  async end(item: string, error?: unknown): Promise<void> {
    const end = this.#ends.get(item);
    this.#ends.delete(item);
    if (error === undefined) end?.resolve();
    else end?.reject(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const failing = async (work: Promise<void>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('requests that take turns', () => {
  it('begins the next while one runs, and at most one', async () => {
    const bench = new Bench();
    const all = bench.run(['a', 'b', 'c']);
    expect(bench.log).toEqual(['start a', 'start b']);
    await bench.end('a');
    expect(bench.log).toEqual(['start a', 'start b', 'done a', 'start c']);
    await bench.end('b');
    await bench.end('c');
    await all;
    expect(bench.log.slice(4)).toEqual(['done b', 'done c']);
  });

  it('begins nothing before the end of one where nothing may be queued', async () => {
    const bench = new Bench();
    bench.queue = false;
    const all = bench.run(['a', 'b']);
    expect(bench.log).toEqual(['start a']);
    await bench.end('a');
    await bench.end('b');
    await all;
    expect(bench.log).toEqual(['start a', 'done a', 'start b', 'done b']);
  });

  it('ends with what failed first, once what was queued behind it has ended', async () => {
    const bench = new Bench();
    const ended = failing(bench.run(['a', 'b', 'c']));
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    await bench.end('a', new Error('broken'));
    expect(isOver).toBe(false);
    await bench.end('b', stalled);
    expect(await ended).toMatchObject({ message: 'broken' });
    expect(bench.log).toEqual(['start a', 'start b']);
  });

  it('asks again for what a device refused that was still busy', async () => {
    const bench = new Bench();
    const all = bench.run(['a', 'b']);
    bench.queue = false;
    await bench.end('a');
    await bench.end('b', stalled);
    expect(bench.log).toEqual(['start a', 'start b', 'done a', 'start b']);
    await bench.end('b');
    await all;
    expect(bench.log.at(-1)).toBe('done b');
  });

  it('takes a refusal for one where the device had held its polls', async () => {
    const bench = new Bench();
    const ended = failing(bench.run(['a', 'b']));
    await bench.end('a');
    await bench.end('b', stalled);
    expect(await ended).toBe(stalled);
  });

  it('begins nothing more after an abort, and waits for what runs', async () => {
    const bench = new Bench();
    const stop = new AbortController();
    const ended = failing(bench.run(['a', 'b', 'c'], stop.signal));
    stop.abort('enough');
    await bench.end('a');
    expect(bench.log).toEqual(['start a', 'start b', 'done a']);
    await bench.end('b');
    expect(await ended).toBe('enough');
  });
});
