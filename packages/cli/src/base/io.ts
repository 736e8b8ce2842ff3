/** What a command may touch of the outside: two streams, their shape, the files, the wish to stop. What few commands need is loaded when they do. */
import { type BigIntStats, stat } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { safeText } from './safe-text.ts';
import { stateFolder } from './state-folder.ts';
import { collect, readWholeFile } from './whole-file.ts';

export interface Stream {
  write(text: string): void;
  readonly isTty: boolean;
  /** Whether what was written can be written over: no pipe, and no terminal that only adds lines. */
  readonly redraws: boolean;
  /** Characters in a line; 80 where nobody knows. */
  columns(): number;
}

export interface Io {
  readonly out: Stream;
  readonly err: Stream;
  readonly color: boolean;
  readonly signal: AbortSignal;
  /** Milliseconds of processor time that this process has taken; absent where nothing may depend on how quick the machine is. */
  readonly computedMs?: () => number;
  /** A line that the user types; absent where nobody can be asked. */
  readonly ask?: (question: string) => Promise<string>;
  /** The working folder, absolute. */
  readonly folder: string;
  /** The folder for what outlives a run, absolute; it need not be there. */
  readonly stateFolder: string;
  readFile(path: string): Promise<Uint8Array>;
  /** What the file is known by whatever its path; `undefined` where there is no ordinary file. */
  fileIdentity(path: string): Promise<string | undefined>;
  /** What changes whenever the file is written; `undefined` where there is none. */
  fileStamp(path: string): Promise<string | undefined>;
  /** Opens a file to write it later: what stands in it stays until then. @param isNew there must be none yet */
  openFile(path: string, isNew: boolean): Promise<OpenFile>;
  /** Adds to the end of a file, which is made where there is none. */
  appendFile(path: string, text: string): Promise<void>;
  /** Everything that comes from standard input. */
  readInput(): Promise<Uint8Array>;
  /** Bytes as they are, to standard output. */
  writeOutput(bytes: Uint8Array): Promise<void>;
}

/** A file that can be written, and has not been yet. */
export interface OpenFile {
  /** Writes all of it and closes it. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes it as it was; one that is new is taken away. */
  discard(): Promise<void>;
}

export function systemIo(signal: AbortSignal): Io {
  return {
    out: streamOf(process.stdout),
    err: streamOf(process.stderr),
    color: wantsColor(process.env, process.stderr.isTTY && process.stdout.isTTY),
    signal,
    computedMs,
    folder: process.cwd(),
    stateFolder: stateFolder(),
    ...(process.stderr.isTTY && process.stdin.isTTY && { ask: async (question) => await askUser(question, signal) }),
    readFile: async (path) => await readWholeFile(path, signal),
    fileIdentity,
    fileStamp,
    openFile,
    appendFile: async (path, text) => await (await import('node:fs/promises')).appendFile(path, text),
    readInput: async () => await collect(process.stdin, signal),
    writeOutput,
  };
}

/** To ask the system takes longer than to look at a clock. */
const ASKED_EVERY_MS = 2;
let computed = { at: Number.NEGATIVE_INFINITY, ms: 0 };

function computedMs(): number {
  const at = performance.now();
  if (at - computed.at < ASKED_EVERY_MS) return computed.ms;
  const { user, system } = process.cpuUsage();
  computed = { at, ms: (user + system) / 1000 };
  return computed.ms;
}

/** Without a terminal of its own: Ctrl-C stays a signal. The end of the input is an empty answer. */
async function askUser(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const ended = new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''));
  });
  try {
    return await Promise.race([lines.question(question, { signal }), ended]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}

async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await statOf(path);
  return found?.isFile() ? `${found.dev}:${found.ino}` : undefined;
}

async function fileStamp(path: string): Promise<string | undefined> {
  const found = await statOf(path);
  return found && [found.dev, found.ino, found.size, found.mtimeNs].join(':');
}

/** Without node:fs/promises, which takes a tenth of the time of a short command to load. */
async function statOf(path: string): Promise<BigIntStats | undefined> {
  return await new Promise((resolve) => {
    stat(path, { bigint: true }, (error, found) => resolve(error ? undefined : found));
  });
}

async function openFile(path: string, isNew: boolean): Promise<OpenFile> {
  const [{ open, rm }, { constants }] = await Promise.all([import('node:fs/promises'), import('node:fs')]);
  // A pipe that nobody reads is an error at once, and not a wait that nothing ends.
  const noWaiting = constants.O_NONBLOCK ?? 0;
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | noWaiting | (isNew ? constants.O_EXCL : 0));
  return {
    write: async (bytes) => {
      const found = await handle.stat();
      if (found.isFIFO()) {
        await writePipe(handle, bytes);
        return;
      }
      try {
        // A device such as /dev/null has no length.
        if (found.isFile()) await handle.truncate(0);
        await handle.writeFile(bytes);
      } finally {
        await handle.close();
      }
    },
    discard: async () => {
      await handle.close();
      if (isNew) await rm(path, { force: true });
    },
  };
}

/** As its reader takes it. */
async function writePipe(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  const { pipeline } = await import('node:stream/promises');
  const { Socket } = await import('node:net');
  const socket = new Socket({ fd: handle.fd, readable: false, writable: true });
  await pipeline([bytes], socket);
}

/** Waits until the reader has taken it: large outputs do not fit into a pipe at once. One that has gone is no error. */
async function writeOutput(bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      const hasGone = error instanceof Error && 'code' in error && error.code === 'EPIPE';
      if (error && !hasGone) reject(error);
      else resolve();
    });
  });
}

function streamOf(stream: NodeJS.WriteStream): Stream {
  return {
    write: (text) => void stream.write(safeText(text)),
    isTty: stream.isTTY,
    redraws: stream.isTTY && process.env['TERM'] !== 'dumb',
    columns: () => stream.columns || 80,
  };
}

/** https://no-color.org and FORCE_COLOR, as Node itself reads them. */
export function wantsColor(env: NodeJS.ProcessEnv, isTty: boolean): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return isTty && env['TERM'] !== 'dumb';
}
