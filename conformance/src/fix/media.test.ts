import { MemoryImage } from '@sureflash/image';
import { microcontrollerChips } from '@sureflash/virtual';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outcomeOf } from '../rig.ts';
import { boardAfterCut, cutPointsOf } from './media-cuts.ts';
import { type BuiltMedia, buildMedia, MediaRig, SUBJECTS } from './media-rig.ts';
import { LONGEST_MS, noCompiler, OPTIMISATIONS } from './toolchain.ts';

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

/** So many of the transfers of each case are cut with a host that sees it, spread over all. */
const stride = (transfers: number): number => Math.ceil(transfers / 6);

describe.skipIf(noCompiler !== undefined).each(MODELLED)('the media file of $id', (subject) => {
  describe.each(VERSIONS)('behind class %s', (classVersion) => {
    let built: BuiltMedia;
    beforeAll(() => {
      built = buildMedia({ subject, classVersion });
    });

    it.each(OPTIMISATIONS)('is programmed and proven, built with %s', async (optimisation) => {
      const own = buildMedia({ subject, classVersion, optimisation });
      const { old, image } = firmware(own.application);
      const rig = new MediaRig({ subject, built: own, classVersion, held: old.segments });
      const loader = rig.board.flash.peek(0x0800_0000, 4096);
      expect(await outcomeOf(rig.program(image))).toBe('programmed');
      expect(rig.holds(image)).toBe(true);
      expect(rig.board.flash.peek(0x0800_0000, 4096)).toEqual(loader);
    });

    const CUTS = [
      ['before the device gets it', 0],
      ['3 ms later, in the middle of what the flash is doing', 3],
    ] as const;

    it.each(CUTS)(
      'completes the job after a cut at every transfer, %s',
      async (_, delayMs) => {
        const { old, image } = firmware(built.application);
        const options = { subject, built, classVersion, held: old.segments };
        const { transfers, points } = await cutPointsOf(options, image, delayMs);
        const cut = points.flatMap((point) => point.transfers).sort((a, b) => a - b);
        expect(cut).toEqual(Array.from({ length: transfers }, (_each, index) => index));
        const cutCalls = new Set(points.map(({ call }) => call?.callback));
        expect([...cutCalls]).toEqual(delayMs === 0 ? [undefined] : [undefined, 'erase', 'write']);
        const problems: string[] = [];
        for (const [index, point] of points.entries()) {
          const rig = await boardAfterCut(options, point, index + 1);
          const outcome = await outcomeOf(rig.program(image));
          if (outcome !== 'programmed' || !rig.holds(image))
            problems.push(`after a cut at ${point.transfers.join(', ')}: ${String(outcome)}`);
        }
        expect(problems).toEqual([]);
      },
      LONGEST_MS,
    );

    it.each(CUTS)(
      'is honest to the host whose plug is pulled, and completes the job then, %s',
      async (_, delayMs) => {
        const { old, image } = firmware(built.application);
        const first = new MediaRig({ subject, built, classVersion, held: old.segments });
        await first.program(image);
        const { transfers } = first;
        expect(transfers).toBeGreaterThan(30);
        const seed = SUBJECTS.indexOf(subject) + VERSIONS.indexOf(classVersion) + delayMs;
        const problems: string[] = [];
        for (let cut = seed % stride(transfers); cut < transfers; cut += stride(transfers)) {
          const rig = new MediaRig({ subject, built, classVersion, held: old.segments, seed: cut + 1 });
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
      LONGEST_MS,
    );
  });
});
