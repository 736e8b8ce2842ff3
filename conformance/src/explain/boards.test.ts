import { type Device, isFlashError, program } from '@sureflash/programmer';
import type { Diagnosis } from '@sureflash/programmer/diagnosis';
import type { Model, wordsOf } from '@sureflash/programmer/explain';
import { composedBoard } from '@sureflash/virtual/composed';
import { describe, expect, it, vi } from 'vitest';
import { imageAt, noise, Rig } from '../rig.ts';
import { heldOutJudge, shapeOf } from './trial.ts';

/** What a diagnosis says in a sentence, as the model that it was made from. */
const said = vi.hoisted(() => new Map<string, unknown>());

vi.mock('@sureflash/programmer/explain', async (original) => {
  const words = await original<{ readonly wordsOf: typeof wordsOf }>();
  return {
    ...words,
    wordsOf: (model: Model, start?: number) => {
      const found = words.wordsOf(model, start);
      said.set(found.sentence, model);
      return found;
    },
  };
});

const FLASH = 0x0800_0000;
const KB = 1024;

interface Told {
  readonly diagnosis: Diagnosis | undefined;
  readonly rig: Rig;
  /** Whether the named loader does on other jobs what the device does. */
  readonly isRight: boolean;
  /** The same for any loader that was named, by its sentence. */
  readonly isTrue: (sentence: string) => boolean;
}

/** Programs 40 KB on a composed board, with content in the whole flash or none. */
async function told(seed: number, { isBlank = false, scratch = false } = {}): Promise<Told> {
  const board = composedBoard(seed);
  const { loader } = board;
  const { bytes, start } = loader.geometry;
  const rig = new Rig(board, { flash: isBlank ? [] : [{ address: start, bytes: noise(bytes, seed) }] });
  const device: Device = await rig.connect();
  const trials = scratch ? { trials: { mayTry: async () => await Promise.resolve(true) } } : {};
  const failed: unknown = await program(device, imageAt(FLASH, noise(40 * KB + 24, seed + 1)), trials).catch(
    (error: unknown) => error,
  );
  if (!isFlashError(failed)) throw new Error(`board ${seed} did not fail`);
  const { diagnosis } = failed;
  const judge = heldOutJudge({ loader, seed }, { shape: shapeOf(loader.geometry), blockSize: KB });
  const isTrue = (sentence: string): boolean => {
    const model = said.get(sentence) as Model | undefined;
    return model !== undefined && judge(model);
  };
  const isRight = diagnosis?.model !== undefined && isTrue(diagnosis.model.sentence);
  return { diagnosis, rig, isRight, isTrue };
}

describe('a board with one mistake, of whose chip nobody knows anything but the map', () => {
  it.each([15, 31, 39, 50, 53])('is told by the loader that does the same on other jobs: %i', async (seed) => {
    const { diagnosis, isRight } = await told(seed);
    expect({ isRight, isGuess: diagnosis?.isGuess }).toEqual({ isRight: true, isGuess: undefined });
  });

  it.each([15, 31])('is told with certainty after a trial: %i', async (seed) => {
    const { diagnosis, isRight } = await told(seed, { scratch: true });
    expect({ isRight, verdict: diagnosis?.verdict }).toEqual({ isRight: true, verdict: 'certain' });
  });

  it('is not taken for a stub where flash is blank and one bit of its reads is stuck', async () => {
    const { diagnosis } = await told(22, { isBlank: true });
    expect([diagnosis?.cause, ...(diagnosis?.rivals ?? []).map(({ cause }) => cause)]).not.toContain('stub-media');
  });

  it.each([10, 20, 44])(
    'is not named with certainty by its first erase or by reads that change, where that is wrong: %i',
    async (seed) => {
      const { diagnosis, isRight } = await told(seed);
      expect(diagnosis?.verdict === 'certain' && !isRight).toBe(false);
    },
  );

  it.each([41, 53, 56, 65])('is told from its rivals by what another way of reading shows: %i', async (seed) => {
    const { diagnosis, rig, isTrue } = await told(seed, { isBlank: seed % 2 === 1 });
    const { model } = diagnosis ?? {};
    const { tellApart = '', sentence = '', rivals = [] } = model ?? {};
    const truths = [sentence, ...rivals].filter(isTrue);
    const [, address, cases = ''] = /ead (0x\w{8}) through .* It holds (.+?)\./.exec(tellApart) ?? [];
    const byByte = cases.split('; ').map((text) => text.split(/(?:, or)? if /));
    const held = rig.board.flash.peek(Number(address), 1)[0] ?? 0;
    const [, ...shown] = byByte.find(([byte]) => Number(byte) === held) ?? [];
    expect(shown.some((sentence) => truths.includes(sentence))).toBe(true);
    expect(byByte.length).toBeGreaterThan(1);
  });
});
