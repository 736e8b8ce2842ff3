/** One trial: a composed loader fails a job, and the explanation is judged by jobs from which it was not made. */
import {
  explainRecording,
  keyOfModel,
  type Model,
  type Operation,
  predict,
  type ReadRequest,
  type Recording,
  type Shape,
} from '@sureflash/programmer/explain';
import {
  type Operation as Asked,
  type Geometry,
  heldOut,
  judgeHeldOut,
  type Run,
  type Step,
  tracedRun,
} from '@sureflash/virtual/composed';

export interface ExplainTrialId {
  readonly seed: number;
  readonly deviations: 1 | 2;
  readonly outside: boolean;
  /** Name of the first deviation's kind. */
  readonly kind?: string;
}

export interface ExplainTrialResult extends ExplainTrialId {
  readonly certainty: 'certain' | 'undecided' | 'cannot-tell';
  /** For each named model, whether it gives what reads give in every job held out. */
  readonly right: readonly boolean[];
  readonly named: readonly string[];
  readonly kinds: readonly string[];
  readonly truth: string;
  readonly old: string;
  readonly chip: string;
  readonly differing: number;
  readonly ms: number;
}

/** The first data block of a run. */
const FIRST_BLOCK = 2;
/** Time of this process's own: how far a search gets must not depend on who else uses the machine. */
const OWN_CLOCK = {
  now: () => process.cpuUsage().user / 1000,
  sleep: async () => await new Promise<void>((resolve) => setImmediate(resolve)),
};

export async function tryLoader({ seed, deviations, outside, kind }: ExplainTrialId): Promise<ExplainTrialResult> {
  const run = tracedRun(seed, { deviations, outside, ...(kind && { kind }) });
  const { loader, old } = run;
  const recording = recordingOf(run);
  const started = OWN_CLOCK.now();
  const { certainty, models, bytesDiffering } = await explainRecording(recording, { clock: OWN_CLOCK });
  const ms = OWN_CLOCK.now() - started;
  const jobs = heldOut(run.seed, loader.geometry);
  const right = models.map((model) =>
    judgeHeldOut(loader, jobs, ({ content, operations }) => answers(model, recording, { content, operations })).every(
      Boolean,
    ),
  );
  const named = models.map(keyOfModel);
  const told = { kinds: loader.kinds, truth: loader.describe(), old, chip: loader.geometry.chip };
  return {
    seed,
    deviations,
    outside,
    ...(kind && { kind }),
    certainty,
    right,
    named,
    ...told,
    differing: bytesDiffering,
    ms,
  };
}

function answers(
  model: Model,
  { shape, blockSize }: Recording,
  { content, operations }: { content: Uint8Array; operations: readonly Asked[] },
): Uint8Array[] {
  const asked = operations.map(asRequest);
  return predict(model, shape, asked, { blockSize, content }).map(({ value }) => value);
}

export function recordingOf({ loader, steps }: Run): Recording {
  return { shape: shapeOf(loader.geometry), blockSize: loader.geometry.blockBytes, operations: steps.map(asOperation) };
}

function shapeOf({ start, bytes, sectors, cells, overwrite, programBytes }: Geometry): Shape {
  return { start, end: start + bytes, sectors, cells, overwrite, writeSize: programBytes, erasedValue: 0xff };
}

function asOperation({ operation, bytes = new Uint8Array(0) }: Step): Operation {
  const asked = asRequest(operation);
  return asked.kind === 'read' ? { ...asked, bytes } : asked;
}

export function asRequest(operation: Asked): Exclude<Operation, { kind: 'read' }> | ReadRequest {
  if (operation.kind === 'eraseAll') return { kind: 'erase-all' };
  if (operation.kind === 'erase') return operation;
  return { ...operation, number: operation.number - FIRST_BLOCK };
}
