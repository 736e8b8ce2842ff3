import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../../testing/clocks.ts';
import { IDLE, pointTo, readOf, refusedRead } from '../../../testing/dfu-script.ts';
import { scriptedPort } from '../../../testing/scripted-port.ts';
import { readAtThrough } from './read-at.ts';
import { DfuSession } from './session.ts';

const START = 0x0800_0000;

function reader(script: readonly string[]) {
  const port = scriptedPort(script);
  const readAt = readAtThrough(new DfuSession(port, { clock: new QuickClock(), quirks: {}, pace: 'polite' }));
  return { left: port.left, readAt };
}

describe('readAtThrough', () => {
  it('reads a few bytes and leaves the loader at rest', async () => {
    const { left, readAt } = reader([IDLE, ...readOf(START + 16, '01020304')]);
    expect(await readAt(START + 16, 4)).toEqual({ bytes: Uint8Array.of(1, 2, 3, 4) });
    expect(left).toEqual([]);
  });

  it('tells a refusal by its status, and leaves the loader at rest all the same', async () => {
    const { left, readAt } = reader([IDLE, ...refusedRead(START, 4, '01'), ...readOf(START + 16, '0102')]);
    expect(await readAt(START, 4)).toEqual({ refused: 'errTARGET' });
    expect(await readAt(START + 16, 2)).toEqual({ bytes: Uint8Array.of(1, 2) });
    expect(left).toEqual([]);
  });

  it('takes fewer bytes than were asked for as a refusal', async () => {
    const { readAt } = reader([IDLE, ...pointTo(START), 'UPLOAD 2 4 -> 0102', IDLE]);
    expect(await readAt(START, 4)).toEqual({ refused: '2 of 4 bytes' });
  });

  it('does not take a device that is gone for one that refuses', async () => {
    const { readAt } = reader(['GETSTATUS -> GONE', 'GETSTATUS -> GONE']);
    await expect(readAt(START, 4)).rejects.toMatchObject({ code: 'usb/gone' });
  });
});
