/** An error as people should see it: what happened, the cause, the evidence, what to do. And the same as JSON. */
import { ImageError } from '@sureflash/image';
import { explain, isFlashError } from '@sureflash/programmer';
import type { Diagnosis } from '@sureflash/programmer/diagnosis';
import { CommandError } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT, EXIT_BY_ERROR, type ExitCode } from '../base/exit-codes.ts';
import type { Context } from './context.ts';
import { diagnosisLines } from './diagnosis.ts';
import { diagnosisJson, remedyText } from './remedy.ts';
import { labelled } from './wrap.ts';

export interface Problem {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly title: string;
  readonly remedy: readonly string[];
  readonly facts: unknown;
  readonly diagnosis?: Diagnosis;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof CommandError) {
    const { code, exitCode, message: title, remedy, facts, diagnosis } = error;
    return { code, exitCode, title, remedy, facts, ...defined({ diagnosis }) };
  }
  const { remedies, ...explanation } = explain(error);
  return { ...explanation, exitCode: exitCodeOf(error), remedy: remedies.map(remedyText) };
}

function exitCodeOf(error: unknown): ExitCode {
  if (isFlashError(error)) return EXIT_BY_ERROR[error.code];
  return error instanceof ImageError ? EXIT.file : EXIT.defect;
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
  const { code, exitCode, title, facts, diagnosis } = problem;
  const remedy = problem.remedy.map(context.wording);
  if (context.json) {
    const why = diagnosis && { diagnosis: diagnosisJson(diagnosis, context.wording) };
    context.emit({ type: 'result', ok: false, code, exitCode, title, remedy, facts, ...why });
    return exitCode;
  }
  const { style, io } = context;
  const label = interrupted ? style.warn('Stopped') : style.bad('Error');
  const lines = [labelled(label, `${title} ${style.dim(`[${code}]`)}`, io.err)];
  if (diagnosis) lines.push('', ...diagnosisLines(diagnosis, style, io.err, context.wording));
  else lines.push(...remedy.map((line) => labelled('', line, io.err)));
  io.err.write(`${lines.join('\n')}\n`);
  return exitCode;
}
