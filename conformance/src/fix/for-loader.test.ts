import { MemoryImage } from '@sureflash/image';
import { type Device, isFlashError } from '@sureflash/programmer';
import { expectedByLoader, programForLoader, type SealedImage, SLOT, sealForLoader } from '@sureflash/programmer/fix';
import { beforeAll, describe, expect, it } from 'vitest';
import { cutsOf, Rig, type RigOptions } from '../rig.ts';
import { imageOf } from './arm-media.ts';
import {
  applicationOf,
  judgeOf,
  LOADER_SUBJECTS,
  type LoaderProgram,
  type LoaderVerdict,
  loaderOf,
} from './loader-rig.ts';
import { noCompiler } from './toolchain.ts';

const imageAt = (start: number, length: number, seed: number): MemoryImage =>
  new MemoryImage([{ address: start, bytes: applicationOf(start, length, seed) }]);

/** The board before the update: the loader, and an older application that it starts. */
function before({ chip, elf, subject }: LoaderProgram): { old: SealedImage; segments: MemoryImage } {
  const old = sealForLoader(imageAt(subject.start, 4500, 7), { chip, imageVersion: 1 });
  const { proven } = old.marks;
  const slot = { start: proven.address, end: proven.address + proven.bytes.length };
  const held = [...imageOf(elf), ...old.image.without([slot]).segments, proven];
  return { old, segments: new MemoryImage(held) };
}

describe.skipIf(noCompiler !== undefined).each(LOADER_SUBJECTS)('an update for the loader of $id', (subject) => {
  let loader: LoaderProgram;
  let start: ReturnType<typeof before>;
  const image = imageAt(subject.start, 5200, 8);
  let sealed: SealedImage;
  let judged: (rig: Rig) => LoaderVerdict;

  beforeAll(() => {
    loader = loaderOf(subject);
    start = before(loader);
    sealed = sealForLoader(image, { chip: loader.chip, imageVersion: 2 });
    const judge = judgeOf(loader, sealed.record);
    judged = ({ board }) => judge(board.flash);
  });

  const boardWith = (options: RigOptions = {}): Rig =>
    new Rig(`${subject.id}-rom`, { flash: start.segments.segments, ...options });

  async function update(rig: Rig): Promise<string> {
    let device: Device | undefined;
    try {
      device = await rig.connect();
      const { outcome } = await programForLoader(device, image, {
        chip: loader.chip,
        imageVersion: 2,
        keepBeside: false,
      });
      return outcome;
    } catch (error) {
      if (isFlashError(error)) return error.code;
      throw error;
    } finally {
      await device?.close();
    }
  }

  const isMarked = (rig: Rig): boolean => rig.holds(new MemoryImage([sealed.marks.proven]));
  const isUntouched = (rig: Rig): boolean => rig.holds(start.old.image.without([sealed.record]));

  /** What must be so however a run ended. @returns what is not */
  function wrongs(rig: Rig, outcome: string): string[] {
    const { state, runs } = judged(rig);
    const isNew = rig.holds(
      sealed.image.without([{ start: sealed.record.start + SLOT.proven, end: sealed.record.end }]),
    );
    const found: string[] = [];
    if (runs !== (state === 'good')) found.push(`${state}, but ${runs ? 'runs' : 'does not run'}`);
    if (state === 'good' && !isNew && !isUntouched(rig)) found.push('good, and neither the old one nor the new one');
    if ((outcome === 'programmed' || outcome === 'unchanged') && state !== 'good')
      found.push(`${outcome}, but ${state}`);
    return found;
  }

  async function transfersOf(): Promise<number> {
    const rig = boardWith();
    expect(await update(rig)).toBe('programmed');
    expect(wrongs(rig, 'programmed')).toEqual([]);
    return rig.stats.transfers;
  }

  async function completed(rig: Rig, what: string): Promise<string[]> {
    await rig.clock.sleep(100);
    rig.board.plug();
    while (!rig.board.device) await rig.clock.sleep(10);
    rig.undisturbed();
    const outcome = await update(rig);
    return [
      ...wrongs(rig, outcome),
      ...(outcome === 'programmed' || outcome === 'unchanged' ? [] : [`then ${outcome}`]),
    ].map((wrong) => `${what}: ${wrong}`);
  }

  it('is what the loader in its flash says that it expects', () => {
    const expects = expectedByLoader(start.segments);
    expect(expects?.chip.id).toBe(subject.id);
    expect(sealForLoader(image, { ...loader, ...expects, imageVersion: 2 }).record).toEqual(sealed.record);
  });

  it('changes nothing when it is there and proven, and is marked again when only the mark is missing', async () => {
    const rig = boardWith();
    expect(await update(rig)).toBe('programmed');
    const { erases, programmedBytes } = rig.board.flash.statistics;
    expect(await update(rig)).toBe('unchanged');
    expect(rig.board.flash.statistics).toMatchObject({ erases, programmedBytes });
    const unmarked = new Rig(`${subject.id}-rom`, {
      flash: new MemoryImage([...imageOf(loader.elf), ...sealed.image.segments]).segments,
    });
    expect(judged(unmarked).state).toBe('unproven');
    expect(await update(unmarked)).toBe('programmed');
    expect(judged(unmarked)).toEqual({ state: 'good', runs: true });
  });

  it.each([
    ['before the device gets it', 0, 0],
    ['3 ms later, in the middle of what the flash is doing', 3, 1],
  ])(
    'leaves the old application or one that is refused when the board is unplugged at any transfer, %s',
    async (_, ms, way) => {
      const transfers = await transfersOf();
      const problems: string[] = [];
      const states = new Set<string>();
      for (const cut of cutsOf(way, transfers)) {
        const rig = boardWith({
          seed: cut + 1,
          beforeTransfer: (index) => {
            if (index !== cut) return;
            if (ms === 0) rig.board.unplug();
            else void rig.clock.sleep(ms).then(() => rig.board.unplug());
          },
        });
        const outcome = await update(rig);
        await rig.clock.sleep(100);
        rig.board.unplug();
        states.add(judged(rig).state);
        problems.push(...wrongs(rig, outcome).map((wrong) => `cut at ${cut}, ${outcome}: ${wrong}`));
        problems.push(...(await completed(rig, `after the cut at ${cut}`)));
      }
      expect(problems).toEqual([]);
      expect([...states]).toEqual(expect.arrayContaining(['good', 'unproven']));
    },
  );

  it('is never marked as proven when a bit of it changes at any transfer before the read-back has passed it', async () => {
    const transfers = await transfersOf();
    const at = subject.start + 0x400;
    const problems: string[] = [];
    let refused = 0;
    for (let cut = 0; cut < transfers; cut += 3) {
      const rig = boardWith({
        beforeTransfer: (index) => {
          if (index !== cut) return;
          const [byte = 0] = rig.board.flash.peek(at, 1);
          rig.board.flash.load(at, Uint8Array.of(byte ^ 0x10));
        },
      });
      const outcome = await update(rig);
      if (outcome === 'programmed') continue;
      refused++;
      if (isMarked(rig)) problems.push(`${outcome} at ${cut}, and marked as proven`);
      const { state } = judged(rig);
      if (state === 'good') problems.push(`${outcome} at ${cut}, and good`);
    }
    expect(problems).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });
});
