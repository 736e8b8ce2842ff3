import { describe, expect, it } from 'vitest';
import { FlashError } from '../errors.ts';
import { LateReads } from './late-reads.ts';

const late = (): FlashError => new FlashError('usb/timeout', { endpoint: 0x81, afterMs: 10 });

/** A platform whose transfers end when they are told to, and reads that are given up when they are told to. */
class Bench {
  readonly reads = new LateReads();
  readonly transfers: { readonly resolve: (bytes: Uint8Array) => void; readonly reject: (reason: unknown) => void }[] =
    [];
  #giveUp: ((reason: unknown) => void)[] = [];

  read(length = 8): Promise<Uint8Array> {
    return this.reads.read({
      length,
      start: async () => await new Promise((resolve, reject) => this.transfers.push({ resolve, reject })),
      within: async (work) =>
        await new Promise((resolve, reject) => {
          this.#giveUp.push(reject);
          work.then(resolve, reject);
        }),
    });
  }

  async giveUp(): Promise<void> {
    await settled();
    for (const reject of this.#giveUp.splice(0)) reject(late());
  }
}

const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('a read behind a late transfer', () => {
  it('gets the bytes of the transfer that it began', async () => {
    const bench = new Bench();
    const read = bench.read();
    await settled();
    bench.transfers[0]?.resolve(Uint8Array.of(1, 2));
    expect(await read).toEqual(Uint8Array.of(1, 2));
  });

  it('gets the bytes that an earlier read did not wait for, and begins no transfer of its own', async () => {
    const bench = new Bench();
    const first = bench.read();
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'usb/timeout' }), bench.giveUp()]);
    const second = bench.read();
    await settled();
    bench.transfers[0]?.resolve(Uint8Array.of(7));
    expect(await second).toEqual(Uint8Array.of(7));
    expect(bench.transfers).toHaveLength(1);
  });

  it('gets bytes that came while nobody was waiting', async () => {
    const bench = new Bench();
    const first = bench.read();
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'usb/timeout' }), bench.giveUp()]);
    bench.transfers[0]?.resolve(Uint8Array.of(7));
    await settled();
    expect(await bench.read()).toEqual(Uint8Array.of(7));
  });

  it('begins anew where a reset of the device has taken the late transfer back', async () => {
    const bench = new Bench();
    const first = bench.read();
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'usb/timeout' }), bench.giveUp()]);
    bench.transfers[0]?.reject(new FlashError('usb/transfer', { endpoint: 0x81, detail: 'cancelled' }));
    const second = bench.read();
    await settled();
    bench.transfers[1]?.resolve(Uint8Array.of(7));
    expect(await second).toEqual(Uint8Array.of(7));
  });

  it('ends with the device where that has left meanwhile', async () => {
    const bench = new Bench();
    const first = bench.read();
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'usb/timeout' }), bench.giveUp()]);
    bench.transfers[0]?.reject(new FlashError('usb/gone', { endpoint: 0x81 }));
    await expect(bench.read()).rejects.toMatchObject({ code: 'usb/gone' });
  });

  it('keeps for the next read what a shorter one has no room for', async () => {
    const bench = new Bench();
    const first = bench.read(4);
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'usb/timeout' }), bench.giveUp()]);
    bench.transfers[0]?.resolve(Uint8Array.of(1, 2, 3, 4));
    expect(await bench.read(3)).toEqual(Uint8Array.of(1, 2, 3));
    expect(await bench.read(3)).toEqual(Uint8Array.of(4));
  });

  it('begins anew where the platform has taken the late transfer back', async () => {
    const bench = new Bench();
    const first = bench.read();
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'usb/timeout' }), bench.giveUp()]);
    bench.transfers[0]?.reject(late());
    await settled();
    const second = bench.read();
    await settled();
    bench.transfers[1]?.resolve(Uint8Array.of(9));
    expect(await second).toEqual(Uint8Array.of(9));
  });

  it('fails as the late transfer does that fails otherwise', async () => {
    const bench = new Bench();
    const first = bench.read();
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'usb/timeout' }), bench.giveUp()]);
    bench.transfers[0]?.reject(new FlashError('usb/stall', { endpoint: 0x81 }));
    await settled();
    await expect(bench.read()).rejects.toMatchObject({ code: 'usb/stall' });
  });

  it('waits for its turn, and for no longer than its limit', async () => {
    const bench = new Bench();
    const [first, second] = [bench.read(), bench.read()];
    await settled();
    expect(bench.transfers).toHaveLength(1);
    bench.transfers[0]?.resolve(Uint8Array.of(1));
    expect(await first).toEqual(Uint8Array.of(1));
    await settled();
    const third = bench.read();
    await Promise.all([
      expect(second).rejects.toMatchObject({ code: 'usb/timeout' }),
      expect(third).rejects.toMatchObject({ code: 'usb/timeout' }),
      bench.giveUp(),
    ]);
    bench.transfers[1]?.resolve(Uint8Array.of(2));
    expect(await bench.read()).toEqual(Uint8Array.of(2));
  });
});
