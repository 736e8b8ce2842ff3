/** One programmer killed at one moment, the run after it, and what became of the flash and of the bytes beside the image. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryImage, parseFirmware } from '@sureflash/image';
import { noise } from '../rig.ts';
import type { BoardAnswer, BoardQuestion } from './board-words.ts';

/** `cut`: the machine loses its power, and the board with it. */
export const WAYS = ['hup', 'quit', 'int-twice', 'term', 'kill', 'cut'] as const;
export type Way = (typeof WAYS)[number];

export interface KillCase {
  readonly scenario: string;
  readonly start: number;
  readonly bytes: number;
}

/** Each image ends in the middle of a sector, so that the sector's rest has to be kept. */
export const KILL_CASES: readonly KillCase[] = [
  { scenario: 'stm32f407-rom', start: 0x0800_c000, bytes: 40_000 },
  { scenario: 'stm32f105-rom', start: 0x0800_8123, bytes: 20_000 },
  { scenario: 'stm32l476-rom', start: 0x0801_0408, bytes: 30_000 },
];

export interface Killed {
  readonly way: Way;
  readonly scenario: string;
  /** Share of an undisturbed run that had passed, from the plan on. */
  readonly moment: number;
  readonly ended: string;
  /** Bytes beside the image that the flash had lost when the run was over. */
  readonly lost: number;
  /** Of these, bytes in no file on disk at that time. */
  readonly unkept: number;
  readonly nextExit: string;
  /** Whether the flash holds the image after the next run. */
  readonly completed: boolean;
  /** Bytes beside the image that are neither in flash after the next run nor in a file that it named. */
  readonly missing: number;
}

export const isGood = ({ unkept, nextExit, completed, missing }: Killed): boolean =>
  unkept === 0 && nextExit === '0' && completed && missing === 0;

const CLI = fileURLToPath(new URL('../../../packages/cli/bin/sureflash.js', import.meta.url));
const BOARD = fileURLToPath(new URL('../../dist/signals/board-process.js', import.meta.url));
/** Between two Ctrl-C of a person. */
const TWICE_MS = 200;
/** No run takes longer than this; one that does is a hang. */
const HANG_MS = 120_000;

/** Time in ms from the plan to the end of a run that nobody disturbs. */
export async function undisturbedMs(subject: KillCase): Promise<number> {
  return await onBench(subject, 1, async (bench) => {
    const run = bench.program();
    await run.planned;
    const started = performance.now();
    const exit = await run.ended;
    if (exit !== '0') throw new Error(`an undisturbed run on ${subject.scenario} ends with ${exit}: ${run.text()}`);
    return performance.now() - started;
  });
}

export async function tryKill(
  subject: KillCase,
  { way, moment, jobMs, seed }: { way: Way; moment: number; jobMs: number; seed: number },
): Promise<Killed> {
  return await onBench(
    subject,
    seed,
    async (bench) => await killOnce(bench, { subject, way, waitMs: moment * jobMs, moment }),
  );
}

interface Blow {
  readonly subject: KillCase;
  readonly way: Way;
  readonly moment: number;
  readonly waitMs: number;
}

async function killOnce(bench: KillBench, { subject, way, moment, waitMs }: Blow): Promise<Killed> {
  const before = await bench.flash();
  const first = bench.program();
  await first.planned;
  await sleep(waitMs);
  await strike(first.child, way, bench);
  const ended = await first.ended;
  const after = await bench.flash();
  const kept = await bench.kept();
  const beside = bench.besideOf(before);
  const lost = differing(beside, after);
  const next = bench.program();
  const nextExit = await next.ended;
  const finally_ = await bench.flash();
  const named = (await bench.kept()).filter(({ path }) => next.text().includes(JSON.stringify(path).slice(1, -1)));
  return {
    way,
    scenario: subject.scenario,
    moment,
    ended,
    lost: lost.length,
    unkept: lost.filter(([address, value]) => !isKept(kept, address, value)).length,
    nextExit,
    completed: differing(bench.image, finally_).length === 0,
    missing: differing(beside, finally_).filter(([address, value]) => !isKept(named, address, value)).length,
  };
}

async function strike(child: ChildProcess, way: Way, bench: KillBench): Promise<void> {
  if (way === 'int-twice') {
    child.kill('SIGINT');
    await sleep(TWICE_MS);
    child.kill('SIGINT');
  } else if (way === 'cut') {
    child.kill('SIGKILL');
    await bench.cyclePower();
  } else child.kill(`SIG${way.toUpperCase()}` as NodeJS.Signals);
}

interface KeptFile {
  readonly path: string;
  readonly image: MemoryImage;
}

interface Programmer {
  readonly child: ChildProcess;
  /** Resolves when the plan is told, or the run ends without one. */
  readonly planned: Promise<void>;
  /** Exit code or signal. */
  readonly ended: Promise<string>;
  readonly text: () => string;
}

/** A board in its process, a state folder and a firmware file. */
class KillBench {
  readonly image: MemoryImage;
  readonly #folder: string;
  readonly #board: ChildProcess;
  readonly #port: number;

  constructor(folder: string, { image, board, port }: { image: MemoryImage; board: ChildProcess; port: number }) {
    this.#folder = folder;
    this.image = image;
    this.#board = board;
    this.#port = port;
  }

  static async begin({ scenario, start, bytes }: KillCase, seed: number): Promise<KillBench> {
    const folder = await mkdtemp(join(tmpdir(), 'sureflash-signals-'));
    const image = new MemoryImage([{ address: start, bytes: noise(bytes, seed * 7919) }]);
    await writeFile(join(folder, 'image.bin'), image.segments[0]?.bytes ?? new Uint8Array(0));
    const board = fork(BOARD, [scenario, String(seed)], { execArgv: [] });
    board.once('error', () => undefined);
    const answer = await boardAnswer(board);
    if (answer.type !== 'listening') throw new Error('the board does not listen');
    return new KillBench(folder, { image, board, port: answer.port });
  }

  program(): Programmer {
    const at = String(this.image.range?.start ?? 0);
    const remote = `127.0.0.1:${this.#port}/1-1`;
    const args = [
      'program',
      join(this.#folder, 'image.bin'),
      '--at',
      at,
      '--force',
      '--json',
      '--wait',
      '20',
      '--usbip',
    ];
    const env = { ...process.env, XDG_STATE_HOME: join(this.#folder, 'state') };
    const child = spawn(process.execPath, [CLI, ...args, remote], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
    let text = '';
    let resolve = (): void => undefined;
    const planned = new Promise<void>((done) => (resolve = done));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('"type":"plan"')) resolve();
      });
    }
    const ended = once(child, 'close').then(([code, signal]) => {
      clearTimeout(hang);
      resolve();
      return String(code ?? signal);
    });
    return { child, planned, ended, text: () => text };
  }

  async flash(): Promise<MemoryImage> {
    const answer = await this.#ask('flash');
    if (answer.type !== 'flash') throw new Error(`the board answers ${answer.type}`);
    return new MemoryImage(
      answer.sectors.map(({ address, hex }) => ({ address, bytes: new Uint8Array(Buffer.from(hex, 'hex')) })),
    );
  }

  async cyclePower(): Promise<void> {
    await this.#ask('power');
  }

  /** Every file that the state folder has. */
  async kept(): Promise<KeptFile[]> {
    const folder = join(this.#folder, 'state', 'sureflash', 'kept');
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.hex'));
    return await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        return { path, image: parseFirmware(await readFile(path)).image };
      }),
    );
  }

  /** All of the flash that the image does not cover. */
  besideOf(flash: MemoryImage): MemoryImage {
    const { start = 0, end = 0 } = this.image.range ?? {};
    const { start: first = 0, end: last = 0 } = flash.range ?? {};
    return new MemoryImage([...flash.within({ start: first, end: start }), ...flash.within({ start: end, end: last })]);
  }

  async #ask(question: BoardQuestion): Promise<BoardAnswer> {
    this.#board.send(question);
    return await boardAnswer(this.#board);
  }

  async end(): Promise<void> {
    this.#board.kill('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** @throws Error when the process has ended */
async function boardAnswer(board: ChildProcess): Promise<BoardAnswer> {
  const gone = once(board, 'exit').then(([code]) => {
    throw new Error(`the board has ended with ${String(code)}`);
  });
  const [answer] = (await Promise.race([once(board, 'message'), gone])) as [BoardAnswer];
  return answer;
}

async function onBench<T>(subject: KillCase, seed: number, work: (bench: KillBench) => Promise<T>): Promise<T> {
  const bench = await KillBench.begin(subject, seed);
  try {
    return await work(bench);
  } finally {
    await bench.end();
  }
}

/** @returns address and wanted value of each byte that `found` does not have as `wanted` has it */
function differing(wanted: MemoryImage, found: MemoryImage): (readonly [address: number, value: number])[] {
  return wanted.segments.flatMap(({ address, bytes }) => {
    const there = found.read({ start: address, end: address + bytes.length });
    const list: (readonly [number, number])[] = [];
    for (const [i, byte] of bytes.entries()) if (there[i] !== byte) list.push([address + i, byte]);
    return list;
  });
}

const isKept = (files: readonly KeptFile[], address: number, value: number): boolean =>
  files.some(({ image }) => image.within({ start: address, end: address + 1 })[0]?.bytes[0] === value);

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));
