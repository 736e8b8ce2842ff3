/** Runs the command line in this process: streams that keep what is written, files in a map over the real ones. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io, Stream } from '../base/io.ts';
import { runCli } from '../run.ts';

/** Goes with the process; only runs that keep bytes make a folder in it. */
const STATES = join(tmpdir(), `sureflash-test-${process.pid}`);
let states = 0;
process.once('exit', () => rmSync(STATES, { recursive: true, force: true }));

/** What every escape code begins with. */
export const ESCAPE = '\u001b';

const FIRMWARE = new URL('../../../../examples/firmware/out/', import.meta.url);

/** Path of an example file such as `dashboard-v1.elf`. */
export function example(name: string): string {
  return fileURLToPath(new URL(name, FIRMWARE));
}

export class FakeStream implements Stream {
  text = '';
  readonly isTty: boolean;
  readonly redraws: boolean;
  width: number;
  onWrite: (text: string) => void = () => undefined;

  constructor({ width, isDumb = false }: { width?: number; isDumb?: boolean } = {}) {
    this.isTty = width !== undefined;
    this.redraws = this.isTty && !isDumb;
    this.width = width ?? 80;
  }

  write(text: string): void {
    this.text += text;
    this.onWrite(text);
  }

  columns(): number {
    return this.width;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export interface FakeIo extends Io {
  readonly out: FakeStream;
  readonly err: FakeStream;
  readonly files: Map<string, Uint8Array>;
  /** What went to standard output as bytes. */
  readonly output: readonly Uint8Array[];
  stop(): void;
}

export interface FakeOptions {
  /** Columns of a terminal on both streams; a pipe when absent. */
  readonly width?: number;
  readonly color?: boolean;
  /** A terminal that only adds lines: TERM=dumb. */
  readonly isDumb?: boolean;
  readonly files?: Iterable<readonly [string, Uint8Array | string]>;
  /** Where what outlives a run goes; a folder of its own when absent. */
  readonly stateFolder?: string;
  /** What comes from standard input. */
  readonly input?: Uint8Array | string;
  /** What the user answers, one question after the other; nobody can be asked when absent. */
  readonly answers?: readonly string[];
}

export function fakeIo({
  width,
  color = false,
  files = [],
  answers,
  input = '',
  isDumb = false,
  stateFolder = join(STATES, String(++states)),
}: FakeOptions = {}): FakeIo {
  const output: Uint8Array[] = [];
  const abort = new AbortController();
  const shape = { isDumb, ...(width !== undefined && { width }) };
  const err = new FakeStream(shape);
  const held = new Map([...files].map(([path, content]) => [path, bytesOf(content)]));
  return {
    out: new FakeStream(shape),
    err,
    color,
    signal: abort.signal,
    folder: '/nowhere',
    stateFolder,
    files: held,
    output,
    ...(answers && { ask: answering(err, answers) }),
    stop: () => abort.abort(new Error('stop')),
    readFile: async (path) => held.get(path) ?? new Uint8Array(await readFile(path)),
    fileIdentity: async (path) => (held.has(path) ? path : undefined),
    fileStamp: async (path) => {
      const bytes = held.get(path) ?? (await readFile(path).catch(() => undefined));
      return bytes && createHash('sha256').update(bytes).digest('hex');
    },
    openFile: async (path) => {
      if (path.startsWith('/no/')) throw Object.assign(new Error('no such folder'), { code: 'ENOENT' });
      return { write: async (bytes) => void held.set(path, bytes), discard: async () => undefined };
    },
    appendFile: async (path, text) => {
      if (path.startsWith('/no/')) throw Object.assign(new Error('no such folder'), { code: 'ENOENT' });
      held.set(path, Buffer.concat([held.get(path) ?? new Uint8Array(), bytesOf(text)]));
    },
    readInput: async () => bytesOf(input),
    writeOutput: async (bytes) => void output.push(bytes),
  };
}

/** The question stands on the screen, the answer behind it. */
function answering(err: FakeStream, answers: readonly string[]): (question: string) => Promise<string> {
  const left = [...answers];
  return async (question) => {
    const answer = left.shift() ?? '';
    err.write(`${question}${answer}\n`);
    return answer;
  };
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly io: FakeIo;
  /** Standard output as JSON lines. */
  readonly json: readonly Record<string, unknown>[];
  readonly result: Record<string, unknown>;
}

/** `sureflash program x.elf` as one text, or as words where one has a space. */
export async function sureflash(words: string | readonly string[], io: FakeIo = fakeIo()): Promise<Ended> {
  const code = await runCli(typeof words === 'string' ? words.split(' ') : words, io);
  const json = (): Record<string, unknown>[] => io.out.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    code,
    io,
    out: io.out.text,
    err: io.err.text,
    get json() {
      return json();
    },
    get result() {
      return json().at(-1) ?? {};
    },
  };
}
