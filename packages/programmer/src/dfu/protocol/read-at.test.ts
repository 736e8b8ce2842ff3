import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../../testing/clocks.ts';
import { alternate, MemoryLoader } from '../../../testing/memory-loader.ts';
import { FlashError } from '../../errors.ts';
import { readAtThrough } from './read-at.ts';
import { DfuSession } from './session.ts';

const START = 0x0800_0000;

function loader() {
  const port = new MemoryLoader(START, 1024, [alternate('@Internal Flash  /0x08000000/1*1Kg')]);
  port.memory.set([1, 2, 3, 4], 16);
  const readAt = readAtThrough(new DfuSession(port, { clock: new QuickClock(), quirks: {}, pace: 'polite' }));
  return { port, readAt };
}

describe('readAtThrough', () => {
  it('reads a few bytes and leaves the loader at rest', async () => {
    const { port, readAt } = loader();
    expect(await readAt(START + 16, 4)).toEqual({ bytes: Uint8Array.of(1, 2, 3, 4) });
    expect(port.state).toBe(2);
  });

  it('tells a refusal by its status, and leaves the loader at rest all the same', async () => {
    const { port, readAt } = loader();
    port.refusal = 1;
    expect(await readAt(START, 4)).toEqual({ refused: 'errTARGET' });
    port.refusal = 0;
    expect(port.state).toBe(2);
    expect(await readAt(START + 16, 2)).toEqual({ bytes: Uint8Array.of(1, 2) });
  });

  it('takes fewer bytes than were asked for as a refusal', async () => {
    const { readAt } = loader();
    expect(await readAt(START + 1022, 4)).toEqual({ refused: '2 of 4 bytes' });
  });

  it('does not take a device that is gone for one that refuses', async () => {
    const { port, readAt } = loader();
    port.controlIn = async () => await Promise.reject(new FlashError('usb/gone', {}));
    await expect(readAt(START, 4)).rejects.toMatchObject({ code: 'usb/gone' });
  });
});
