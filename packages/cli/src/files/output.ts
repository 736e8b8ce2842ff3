/** Where a file goes that a command makes. It is opened before anything else happens, and nothing that is there is lost unasked. */
import { CommandError, usage } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { fileError, isStandard } from './file-access.ts';

export interface OutputChoices {
  /** A file that is there may be replaced. */
  readonly overwrite?: boolean;
  /** Files that are read: none of them is ever replaced. */
  readonly inputs?: readonly string[];
}

/** A place that can be written to. */
export interface Output {
  /** @throws CommandError `cli/file` */
  save(bytes: Uint8Array): Promise<void>;
  /** Leaves everything as it was. */
  discard(): Promise<void>;
}

/** @throws CommandError `cli/exists`, `cli/own-input`, `cli/file` */
export async function openOutput(
  io: Io,
  path: string,
  { overwrite = false, inputs = [] }: OutputChoices = {},
): Promise<Output> {
  if (isStandard(path)) return { save: async (bytes) => await io.writeOutput(bytes), discard: async () => undefined };
  await assertNoInput(io, path, inputs);
  const isThere = (await io.fileIdentity(path)) !== undefined;
  if (isThere && !overwrite) throw alreadyThere(path);
  const file = await io.openFile(path, !isThere && !isDevice(path)).catch((cause: unknown) => {
    throw fileError(path, 'written', cause);
  });
  return {
    save: async (bytes) =>
      await file.write(bytes).catch((cause: unknown) => {
        throw fileError(path, 'written', cause);
      }),
    discard: async () => await file.discard(),
  };
}

/** Runs `work` with a place that is open, and leaves everything as it was should it fail. */
export async function withOutput<T>(output: Output, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

/** `/dev/null` and the like are written to, not made. */
const isDevice = (path: string): boolean => /^(\/dev\/|\\\\[.?]\\|(NUL|CON)$)/i.test(path);

/** @throws CommandError `cli/own-input` where the file that is to be written is one of those that are read */
export async function assertNoInput(io: Io, path: string, inputs: readonly string[]): Promise<void> {
  const identity = await io.fileIdentity(path);
  if (identity === undefined) return;
  for (const input of inputs) {
    if (isStandard(input) || (await io.fileIdentity(input)) !== identity) continue;
    throw new CommandError({
      code: 'cli/own-input',
      exitCode: EXIT.usage,
      title: `${path} is the file that is read; it was not touched.`,
      remedy: ['Give the new file another name.'],
      facts: { path, input },
    });
  }
}

function alreadyThere(path: string): CommandError {
  return new CommandError({
    code: 'cli/exists',
    exitCode: EXIT.file,
    title: `The file ${path} already exists; it was not touched.`,
    remedy: ['Give the new file another name, or add --overwrite to replace it.'],
    facts: { path },
  });
}

/** Whether bytes for a program may go to standard output. @throws CommandError `usage` for a terminal, and beside JSON */
export function checkStandardOutput(
  { out }: Io,
  { json, isText }: { readonly json: boolean; readonly isText: boolean },
): void {
  if (json) throw usage('Standard output cannot have the file and JSON at once.', 'Leave out --json, or name a file.');
  if (out.isTty && !isText)
    throw usage(
      'These bytes are not for a terminal.',
      'Send them on with | or >, or name a file, or choose --format intel-hex.',
    );
}
