import { VirtualClock } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { uidWanted } from './by-uid.ts';
import { type Waiting, waitFor } from './waiting.ts';

const failing = (code: string): CommandError => new CommandError({ code, exitCode: EXIT.device, title: code });

/** Finds a device after so many looks that ended with `code`. */
function appearing(after: number, code = 'cli/no-device'): { open: () => Promise<string>; looks: () => number } {
  let looks = 0;
  const open = async (): Promise<string> => {
    looks += 1;
    if (looks <= after) throw failing(code);
    return 'device';
  };
  return { open, looks: () => looks };
}

function waiting(more: Partial<Waiting> = {}): Waiting {
  const { signal } = new AbortController();
  return { seconds: true, signal, onWaiting: () => undefined, clock: new VirtualClock(), ...more };
}

describe('waiting for a device', () => {
  it('takes it when it comes, and says once that it waits', async () => {
    let told = 0;
    const { open } = appearing(5);
    expect(await waitFor(open, waiting({ onWaiting: () => (told += 1) }))).toBe('device');
    expect(told).toBe(1);
  });

  it('ends with what was wrong when its time is over', async () => {
    const clock = new VirtualClock();
    const { open, looks } = appearing(1000);
    await expect(waitFor(open, waiting({ seconds: 2, clock }))).rejects.toMatchObject({
      code: 'cli/no-device',
      message: 'cli/no-device Waited 2 s.',
    });
    expect(clock.now()).toBe(2000);
    expect(looks()).toBe(9);
  });

  it('gives udev three seconds to let the user open a device that has just appeared', async () => {
    const { open, looks } = appearing(4, 'usb/access');
    expect(await waitFor(open, waiting())).toBe('device');
    expect(looks()).toBe(5);
    const clock = new VirtualClock();
    await expect(waitFor(appearing(1000, 'usb/access').open, waiting({ clock }))).rejects.toMatchObject({
      code: 'usb/access',
    });
    expect(clock.now()).toBe(3000);
  });

  it.each(['cli/several-devices', 'usb/busy'])('does not wait where time mends nothing: %s', async (code) => {
    const { open, looks } = appearing(3, code);
    await expect(waitFor(open, waiting())).rejects.toMatchObject({ code });
    expect(looks()).toBe(1);
  });

  it('ends with Ctrl-C', async () => {
    const stop = new AbortController();
    const { open } = appearing(1000);
    const waited = waitFor(open, waiting({ signal: stop.signal }));
    stop.abort(new Error('stop'));
    await expect(waited).rejects.toMatchObject({ code: 'cli/interrupted', exitCode: EXIT.interrupted });
  });
});

describe('the unique id that is wanted', () => {
  it.each([
    ['uid:0021004435365007304 0B405', '00210044353650073040B405'],
    ['UID:00210044-35365007-3040b405', '00210044353650073040B405'],
    ['uid:0021', undefined],
    ['1-4.2', undefined],
    [undefined, undefined],
  ])('%s is %s', (which, uid) => {
    expect(uidWanted(which)).toBe(uid);
  });
});
