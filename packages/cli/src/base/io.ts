/** What a command may touch of the outside: two streams, their shape, the files, the wish to stop. What few commands need is loaded when they do. */

export interface Stream {
  write(text: string): void;
  readonly isTty: boolean;
  /** Characters in a line; 80 where nobody knows. */
  columns(): number;
}

export interface Io {
  readonly out: Stream;
  readonly err: Stream;
  readonly color: boolean;
  readonly signal: AbortSignal;
  /** A line that the user types; absent where nobody can be asked. */
  readonly ask?: (question: string) => Promise<string>;
  /** The working folder, absolute. */
  readonly folder: string;
  readFile(path: string): Promise<Uint8Array>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
}

export function systemIo(signal: AbortSignal): Io {
  return {
    out: streamOf(process.stdout),
    err: streamOf(process.stderr),
    color: wantsColor(process.env, process.stderr.isTTY && process.stdout.isTTY),
    signal,
    folder: process.cwd(),
    ...(process.stdin.isTTY && process.stderr.isTTY && { ask: async (question) => await askUser(question, signal) }),
    readFile: async (path) => new Uint8Array(await (await import('node:fs/promises')).readFile(path)),
    writeFile: async (path, bytes) => await (await import('node:fs/promises')).writeFile(path, bytes),
  };
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

function streamOf(stream: NodeJS.WriteStream): Stream {
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY,
    columns: () => stream.columns || 80,
  };
}

/** https://no-color.org and FORCE_COLOR, as Node itself reads them. */
export function wantsColor(env: NodeJS.ProcessEnv, isTty: boolean): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return isTty && env['TERM'] !== 'dumb';
}
