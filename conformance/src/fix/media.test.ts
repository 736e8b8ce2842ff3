import { MemoryImage } from '@sureflash/image';
import { isFlashError } from '@sureflash/programmer';
import { microcontrollerChips } from '@sureflash/virtual';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../rig.ts';
import { type BuiltMedia, buildMedia, MediaRig, SUBJECTS } from './media-rig.ts';
import { noCompiler, OPTIMISATIONS } from './toolchain.ts';

const VERSIONS = ['before-2.11.2', 'since-2.11.2'] as const;
const MODELLED = SUBJECTS.filter(({ model }) => microcontrollerChips.has(model));

/** A new application over an old one: some sectors alike, some partly covered, an end within a program unit. */
function firmware(start: number): { old: MemoryImage; image: MemoryImage } {
  const old = noise(3000, 1);
  const image = noise(2307, 2);
  image.set(old.subarray(0, 1024));
  return {
    old: new MemoryImage([{ address: start, bytes: old }]),
    image: new MemoryImage([{ address: start, bytes: image }]),
  };
}

/**
 * Each run is code on an interpreter: in the usual run of the tests some of the transfers of each case are cut, spread over
 * all; with SUREFLASH_EVERY_CUT=1 every one is.
 */
const stride = (transfers: number): number =>
  process.env['SUREFLASH_EVERY_CUT'] === '1' ? 1 : Math.ceil(transfers / 12);

async function outcomeOf(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
    return 'programmed';
  } catch (error) {
    return isFlashError(error) ? error.code : error;
  }
}

describe.skipIf(noCompiler !== undefined).each(MODELLED)('the media file of $id', (subject) => {
  describe.each(VERSIONS)('behind class %s', (classVersion) => {
    let built: BuiltMedia;
    beforeAll(() => {
      built = buildMedia({ subject, classVersion });
    });

    it.each(OPTIMISATIONS)('is programmed and proven, built with %s', async (optimisation) => {
      const own = buildMedia({ subject, classVersion, optimisation });
      const { old, image } = firmware(own.application);
      const rig = new MediaRig({ subject, built: own, classVersion, old });
      const loader = rig.board.flash.peek(0x0800_0000, 4096);
      expect(await outcomeOf(rig.program(image))).toBe('programmed');
      expect(rig.holds(image)).toBe(true);
      expect(rig.board.flash.peek(0x0800_0000, 4096)).toEqual(loader);
    });

    it.each([
      ['before the device gets it', 0],
      ['3 ms later, in the middle of what the flash is doing', 3],
    ])(
      'survives the plug being pulled at any transfer, %s',
      async (_, delayMs) => {
        const { old, image } = firmware(built.application);
        const first = new MediaRig({ subject, built, classVersion, old });
        await first.program(image);
        const { transfers } = first;
        expect(transfers).toBeGreaterThan(30);
        const seed = SUBJECTS.indexOf(subject) + VERSIONS.indexOf(classVersion) + delayMs;
        const problems: string[] = [];
        for (let cut = seed % stride(transfers); cut < transfers; cut += stride(transfers)) {
          const rig = new MediaRig({ subject, built, classVersion, old, seed: cut + 1 });
          const outcome = await outcomeOf(
            rig.program(image, (index) => {
              if (index !== cut) return;
              if (delayMs === 0) rig.unplug();
              else void rig.clock.sleep(delayMs).then(() => rig.unplug());
            }),
          );
          const honest = outcome === 'programmed' ? rig.holds(image) : outcome === 'usb/gone';
          if (!honest) problems.push(`cut at ${cut}: ${String(outcome)}`);
          await rig.clock.sleep(100);
          rig.board.plug();
          while (!rig.board.device) await rig.clock.sleep(10);
          const next = await outcomeOf(rig.program(image));
          if (next !== 'programmed' || !rig.holds(image)) problems.push(`run after the cut at ${cut}: ${String(next)}`);
        }
        expect(problems).toEqual([]);
      },
      600_000,
    );
  });
});
