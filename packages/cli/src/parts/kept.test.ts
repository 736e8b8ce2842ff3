import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFirmware } from '@sureflash/image';
import { type Board, VirtualClock } from '@sureflash/virtual';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSource } from '../device/open.ts';
import { createBoard, openBoard } from '../device/virtual-board.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { Context } from '../render/context.ts';
import { reportProblem } from '../render/problem.ts';
import { example, fakeIo } from '../testing/harness.ts';
import { programDevice } from './program-job.ts';

const IMAGE = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) & 0xff);
const AT = 0x0800_8000;
/** In the last page of 2 KB that the image touches. */
const BESIDE = { start: 0x0800_9388, end: 0x0800_9800 };
const clock = new VirtualClock();

let stateFolder = '';

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'sureflash-'));
});

afterEach(async () => await rm(stateFolder, { recursive: true }));

interface Run {
  readonly code: number;
  readonly err: string;
  readonly out: string;
}

interface Choices {
  readonly bytes?: Uint8Array;
  readonly at?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Called when the sectors are erased and nothing is written yet. */
  readonly beforeWrite?: () => void;
  readonly hasUid?: boolean;
}

/** `program` on a board that outlives the run, as a real one does. */
async function run(board: Board, choices: Choices = {}): Promise<Run> {
  const { bytes = IMAGE, at = AT, json = false, quiet = false, beforeWrite, hasUid = true } = choices;
  const io = fakeIo({ files: [['part.bin', bytes]], stateFolder });
  const context = new Context(io, { json, quiet });
  const source = { ...(await openBoard(board, clock, 'board')), outlives: true };
  let code = 0;
  try {
    const device = await connectSource(source, {});
    const { uid: _, ...about } = device.about;
    const write = device.target.write.bind(device.target);
    device.target.write = async (...args) => {
      beforeWrite?.();
      await write(...args);
    };
    const firmware = await loadFirmware(io, 'part.bin', { at });
    await programDevice(context, hasUid ? device : { ...device, about }, { firmware, options: { force: true } });
  } catch (error) {
    code = reportProblem(context, error);
  }
  await source[Symbol.asyncDispose]();
  return { code, err: io.err.text, out: io.out.text };
}

const boardNamed = async (name: string): Promise<Board> =>
  await createBoard(fakeIo(), name, { clock, load: example('dashboard-v1.elf') });

const keptFiles = async (): Promise<string[]> => await readdir(join(stateFolder, 'kept')).catch(() => []);

/** A board whose plug was pulled between erase and write, and what stood beside the image before. */
async function interrupted(
  choices: Choices = {},
): Promise<{ board: Board; old: Uint8Array; first: Run; path: string }> {
  const board = await boardNamed('stm32f105-rom');
  const old = board.flash.peek(BESIDE.start, BESIDE.end - BESIDE.start);
  const first = await run(board, { ...choices, beforeWrite: () => board.unplug() });
  board.plug();
  while (!board.device) await clock.sleep(10);
  return { board, old, first, path: join(stateFolder, 'kept', (await keptFiles())[0] ?? '') };
}

const besideOf = (board: Board): Uint8Array => board.flash.peek(BESIDE.start, BESIDE.end - BESIDE.start);

describe('the copy of bytes beside the image', () => {
  it('is on disk while the flash does not hold it, and nowhere when it is proven to be back', async () => {
    const board = await boardNamed('stm32f105-rom');
    const atWrite: string[] = [];
    const { code } = await run(board, { beforeWrite: () => atWrite.push(...readdirSync(join(stateFolder, 'kept'))) });
    expect(code).toBe(0);
    expect(atWrite).toEqual([expect.stringMatching(/^[0-9A-F]{24}\.hex$/)]);
    expect(await keptFiles()).toEqual([]);
  });

  it('is in a file after a run that was cut, as it was, and the text says that it goes back, also with --quiet', async () => {
    const { board, old, first, path } = await interrupted({ quiet: true });
    expect(first.code).toBe(6);
    const { image } = parseFirmware(await readFile(path));
    expect(image.segments).toEqual([{ address: BESIDE.start, bytes: old }]);
    expect(besideOf(board)).toEqual(new Uint8Array(old.length).fill(0xff));
    const text = first.err.replaceAll(/\n +/g, ' ');
    expect(text).toContain(
      `1.12 KB at 0x08009388..0x08009800, beside the image, may be gone from the flash and are in ${path}.`,
    );
    expect(text).toContain('The next run puts them back.');
  });

  it('is named in JSON', async () => {
    const { first, path } = await interrupted({ json: true });
    const kept = first.out.split('\n').find((line) => line.includes('"type":"kept"'));
    expect(JSON.parse(kept ?? '{}')).toMatchObject({ state: 'held', path, bytes: 1144, ...BESIDE });
  });

  it.each([
    ['the same file', IMAGE, AT],
    ['another file for another place', Uint8Array.from({ length: 100 }, (_, i) => i), 0x0800_0000],
  ])('goes back when the next run programs %s', async (_, bytes, at) => {
    const { board, old, path } = await interrupted();
    const { code, err } = await run(board, { bytes, at });
    expect(code).toBe(0);
    expect(err.replaceAll(/\n +/g, ' ')).toContain(`from a run that broke off, go back from ${path} into the flash.`);
    expect(besideOf(board)).toEqual(old);
    expect(await keptFiles()).toEqual([]);
  });

  it('stays in the file where the flash holds something else by then', async () => {
    const { board, path } = await interrupted();
    board.flash.load(BESIDE.start + 100, Uint8Array.of(1, 2, 3, 4));
    const { code, err } = await run(board);
    expect(code).toBe(0);
    expect(err.replaceAll(/\n +/g, ' ')).toContain(`stay in ${path}: the flash holds something else there by now.`);
    expect(await keptFiles()).toHaveLength(1);
  });

  it('is offered and not written back by itself where the chip does not tell which one it is', async () => {
    const { board, old, path, first } = await interrupted({ hasUid: false });
    expect(first.err.replaceAll(/\n +/g, ' ')).toContain(`Put them back: sureflash program ${path}`);
    const { code, err } = await run(board, { hasUid: false });
    expect(code).toBe(0);
    expect(err.replaceAll(/\n +/g, ' ')).toContain(`Should it be this device: sureflash program ${path}`);
    expect(parseFirmware(await readFile(path)).image.segments).toEqual([{ address: BESIDE.start, bytes: old }]);
  });

  it('is not touched where it cannot be put on disk', async () => {
    const board = await boardNamed('stm32f105-rom');
    const old = besideOf(board);
    await writeFile(join(stateFolder, 'kept'), 'a file where the folder should be');
    const { code, err } = await run(board);
    expect(code).toBe(5);
    expect(err).toMatch(/The bytes beside the image cannot be saved to disk before they are erased/);
    expect(besideOf(board)).toEqual(old);
  });

  it('is not taken from a file that is damaged, which goes aside and is named', async () => {
    const { board, path } = await interrupted();
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 100));
    const { code, err } = await run(board);
    expect(code).toBe(0);
    expect(err.replaceAll(/\n +/g, ' ')).toContain(`${path}.damaged is damaged, and nothing is taken from it.`);
    expect(await keptFiles()).toEqual([expect.stringMatching(/\.hex\.damaged$/)]);
  });
});
