import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { alternate, MemoryLoader } from '../../testing/memory-loader.ts';
import { FlashError } from '../errors.ts';
import { peekThrough } from './peek.ts';
import { DfuSession } from './session.ts';

const START = 0x0800_0000;

function loader() {
  const port = new MemoryLoader(START, 1024, [alternate('@Internal Flash  /0x08000000/1*1Kg')]);
  port.memory.set([1, 2, 3, 4], 16);
  const peek = peekThrough(new DfuSession(port, { clock: new QuickClock(), quirks: {}, polite: true }));
  return { port, peek };
}

describe('peekThrough', () => {
  it('reads a few bytes and leaves the loader at rest', async () => {
    const { port, peek } = loader();
    expect(await peek(START + 16, 4)).toEqual({ bytes: Uint8Array.of(1, 2, 3, 4) });
    expect(port.state).toBe(2);
  });

  it('tells a refusal by its status, and leaves the loader at rest all the same', async () => {
    const { port, peek } = loader();
    port.refusal = 1;
    expect(await peek(START, 4)).toEqual({ refused: 'errTARGET' });
    port.refusal = 0;
    expect(port.state).toBe(2);
    expect(await peek(START + 16, 2)).toEqual({ bytes: Uint8Array.of(1, 2) });
  });

  it('takes fewer bytes than were asked for as a refusal', async () => {
    const { peek } = loader();
    expect(await peek(START + 1022, 4)).toEqual({ refused: '2 of 4 bytes' });
  });

  it('does not take a device that is gone for one that refuses', async () => {
    const { port, peek } = loader();
    port.controlIn = async () => await Promise.reject(new FlashError('usb/gone', {}));
    await expect(peek(START, 4)).rejects.toMatchObject({ code: 'usb/gone' });
  });
});
