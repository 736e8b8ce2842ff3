import { describe, expect, it } from 'vitest';
import { type Reading, readBlocks } from './read-ahead.ts';

const never = new Promise<Uint8Array>(() => undefined);

function reading(parts: Partial<Reading>): AsyncGenerator<unknown> {
  return readBlocks({
    range: { start: 0, end: 16 },
    length: 4,
    ready: Promise.resolve(),
    ahead: 2,
    read: async () => new Uint8Array(4),
    signal: undefined,
    isSilent: () => false,
    ...parts,
  });
}

describe('blocks that were asked for', () => {
  it('are not waited for when the device is silent', async () => {
    const ready = Promise.reject(new Error('late'));
    await expect(reading({ ready, read: async () => await never, isSilent: () => true }).next()).rejects.toThrow(
      'late',
    );
  });

  it('are waited for when the reader leaves early', async () => {
    const ends: (() => void)[] = [];
    const asked: number[] = [];
    const read = async (n: number): Promise<Uint8Array> => {
      asked.push(n);
      if (n > 0) await new Promise<void>((resolve) => ends.push(resolve));
      return new Uint8Array(4);
    };
    const blocks = reading({ read });
    await blocks.next();
    let isOver = false;
    const leaving = blocks.return(undefined).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([asked, isOver]).toEqual([[0, 1, 2], false]);
    for (const end of ends) end();
    await leaving;
    expect(isOver).toBe(true);
  });
});
