import { platform } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isGood, KILL_CASES, tryKill, WAYS } from './kill.ts';

/** The board is slow enough that these moments lie between erase and proof; the campaign takes random ones. */
const [F407] = KILL_CASES;

describe.skipIf(platform() === 'win32')('a programmer that is killed over USB/IP', () => {
  it.each(WAYS)(
    'by %s leaves every byte beside the image in flash or on disk, and the next run completes',
    async (way) => {
      if (!F407) throw new Error('no case');
      const killed = await tryKill(F407, { way, moment: 0.3, jobMs: 1500, seed: WAYS.indexOf(way) + 1 });
      expect(killed).toSatisfy(isGood);
    },
    120_000,
  );
});
