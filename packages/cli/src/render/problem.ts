/** An error as people should see it: what happened, the cause, the evidence, what to do. And the same as JSON. */
import { ImageError } from '@sureflash/image';
import { explain, type FlashError, isFlashError } from '@sureflash/programmer';
import type { Diagnosis, Observation } from '@sureflash/programmer/diagnosis';
import { explainError, JobFailed, type Subject } from '@sureflash/programmer/engine';
import { CommandError } from '../base/command-error.ts';
import { EXIT, EXIT_BY_ERROR, type ExitCode } from '../base/exit-codes.ts';
import type { Context } from './context.ts';
import { diagnosisLines } from './diagnosis.ts';
import { labelled } from './wrap.ts';

export interface Problem {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly title: string;
  readonly remedy: readonly string[];
  readonly facts: unknown;
  readonly diagnosis?: Diagnosis;
}

/** An error with what the evidence makes of it. */
export class Explained extends Error {
  readonly error: FlashError | CommandError;
  readonly diagnosis: Diagnosis | undefined;

  constructor(error: FlashError | CommandError, diagnosis: Diagnosis | undefined) {
    super(error.message, { cause: error });
    this.name = 'Explained';
    this.error = error;
    this.diagnosis = diagnosis;
  }
}

/** The error with what the evidence makes of it, where that says more than the error itself. */
export function explained(subject: Subject, error: unknown, evidence: readonly Observation[] = []): unknown {
  const diagnosis = explainError(subject, error, evidence);
  return diagnosis && isFlashError(error) ? new Explained(error, diagnosis) : error;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof CommandError) {
    const { code, exitCode, message: title, remedy, facts } = error;
    return { code, exitCode, title, remedy, facts };
  }
  if (error instanceof JobFailed || error instanceof Explained) {
    return { ...problemOf(error.error), ...(error.diagnosis && { diagnosis: error.diagnosis }) };
  }
  if (isFlashError(error)) {
    const { code, facts } = error;
    return { code, exitCode: EXIT_BY_ERROR[code], facts, ...explain(error) };
  }
  if (error instanceof ImageError) {
    return { code: error.code, exitCode: EXIT.file, title: error.message, remedy: [], facts: error.facts };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'defect',
    exitCode: EXIT.defect,
    title: `This is a defect of sureflash: ${detail}`,
    remedy: ['Please open an issue with this text and a trace (--trace FILE).'],
    facts: {},
  };
}

/** Only where the run ended with the wish to stop itself, and nothing broke on the way, is the device known to be at rest. */
function interruption(error: unknown, reason: unknown): Problem {
  const [code, exitCode] = ['cli/interrupted', EXIT.interrupted] as const;
  if (error === reason) {
    const title = 'Interrupted. The device is at rest; the next run completes what is missing.';
    return { code, exitCode, title, remedy: [], facts: {} };
  }
  const { title, remedy, facts } = problemOf(error);
  // What says itself that it was interrupted has nothing to add.
  if (error instanceof CommandError && error.code === code) return { code, exitCode, title, remedy, facts };
  return { code, exitCode, title: `Interrupted, and while stopping: ${title}`, remedy, facts };
}

/** Ends a command that failed. @returns its exit code */
export function reportProblem(context: Context, error: unknown): number {
  const interrupted = context.io.signal.aborted;
  const problem = interrupted ? interruption(error, context.io.signal.reason) : problemOf(error);
  const { code, exitCode, title, remedy, facts, diagnosis } = problem;
  if (context.json) {
    context.emit({ type: 'result', ok: false, code, exitCode, title, remedy, facts, ...(diagnosis && { diagnosis }) });
    return exitCode;
  }
  const { style, io } = context;
  const label = interrupted ? style.warn('Stopped') : style.bad('Error');
  const lines = [labelled(label, `${title} ${style.dim(`[${code}]`)}`, io.err)];
  if (diagnosis) lines.push('', ...diagnosisLines(diagnosis, style, io.err));
  else lines.push(...remedy.map((line) => labelled('', line, io.err)));
  io.err.write(`${lines.join('\n')}\n`);
  return exitCode;
}
