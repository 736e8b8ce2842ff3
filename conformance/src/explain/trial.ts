/** One trial: a composed loader fails a job, and the explanation is judged by jobs from which it was not made. */
import {
  type CarryOut,
  type Change,
  type ExplainOptions,
  explainByTrials,
  keyOfModel,
  type Model,
  type Operation,
  predict,
  type ReadRequest,
  type Recording,
  type RecordingExplanation,
  reproduces,
  type Shape,
  type TriedExplanation,
} from '@sureflash/programmer/explain';
import {
  type Operation as Asked,
  allowedTrials,
  type ComposedLoader,
  type Geometry,
  type HeldOutJob,
  heldOut,
  judgeHeldOut,
  type Run,
  type Step,
  tracedRun,
} from '@sureflash/virtual/composed';
import { OWN_CLOCK } from './own-clock.ts';

export interface ExplainTrialId {
  readonly seed: number;
  readonly deviations: 1 | 2;
  readonly outside: boolean;
  /** One of the deviations left no trace in the run. */
  readonly hidden?: boolean;
  /** Name of the first deviation's kind. */
  readonly kind?: string;
}

/** One verdict, and what the jobs that were held out say of it. */
export interface Told {
  readonly certainty: 'certain' | 'undecided' | 'cannot-tell';
  /** For each named model, whether it gives what reads give in every job held out. */
  readonly right: readonly boolean[];
  readonly named: readonly string[];
}

export interface ExplainTrialResult extends ExplainTrialId {
  /** From the run alone. */
  readonly alone: Told;
  /** With trials in the sectors that the job has erased. */
  readonly tried: Told;
  readonly trials: number;
  /**
   * Not right with certainty, and no wrong model that is named can be told from the loader by anything that may be done in
   * the place for trials; or the run has proved the image, and next to nothing else differs. Such loaders are counted apart.
   */
  readonly isUntellable: boolean;
  readonly kinds: readonly string[];
  readonly truth: string;
  readonly old: string;
  readonly chip: string;
  readonly differing: number;
  /** What the explanation of the run alone took, with what would tell rivals apart. */
  readonly ms: number;
}

/** Of a run that has proved the image, fewer bytes that differ are nothing to explain. */
const LEAST_BYTES = 8;
/** The first data block of a run. */
const FIRST_BLOCK = 2;
export interface TryLoaderOptions {
  /** Of this process's time for each explanation; default 2 s. */
  readonly limitMs?: number;
  /** Models that are tried for each, instead of any time: the same on every machine. */
  readonly mostModels?: number;
}

const STILL_CLOCK = { now: () => 0, sleep: OWN_CLOCK.sleep };

export async function tryLoader(
  id: ExplainTrialId,
  { limitMs = 2000, mostModels }: TryLoaderOptions = {},
): Promise<ExplainTrialResult> {
  const { seed, deviations, outside, hidden = false, kind } = id;
  const run = tracedRun(seed, { deviations, outside, hidden, system: true, ...(kind && { kind }) });
  const recording = recordingOf(run);
  const limits = mostModels === undefined ? { clock: OWN_CLOCK, limitMs } : { clock: STILL_CLOCK, mostModels };
  const { explanation, untried, trials, ms } = await explained(run, recording, limits);
  const isRight = heldOutJudge(run, recording);
  const told = ({ certainty, models }: RecordingExplanation): Told => ({
    certainty,
    right: models.map(isRight),
    named: models.map(keyOfModel),
  });
  const { certainty, models } = explanation;
  const wrong = models.filter((model) => !isRight(model));
  const isPass = certainty === 'certain' && wrong.length === 0;
  const isUntellable =
    (run.proven && untried.bytesDiffering < LEAST_BYTES) ||
    (!isPass && wrong.length > 0 && wrong.every((model) => !isTellable(model, run, recording)));
  return {
    ...id,
    isUntellable,
    alone: told(untried),
    tried: told(explanation),
    trials,
    kinds: run.loader.kinds,
    truth: run.loader.describe(),
    old: run.old,
    chip: run.loader.geometry.chip,
    differing: untried.bytesDiffering,
    ms,
  };
}

/** With trials in the sectors of the image; `ms` until the first of them. */
async function explained(
  run: Run,
  recording: Recording,
  limits: Omit<ExplainOptions, 'scratch' | 'restart'>,
): Promise<TriedExplanation & { readonly ms: number }> {
  const started = OWN_CLOCK.now();
  let device = run.loader.clone();
  let ms: number | undefined;
  const tried = await explainByTrials(
    recording,
    carryOutOn(() => device),
    {
      ...limits,
      scratch: scratchOf(run),
      restart: async () => {
        device = device.reset();
        await Promise.resolve();
      },
      mayTry: async () => {
        ms ??= OWN_CLOCK.now() - started;
        return await Promise.resolve(true);
      },
    },
  );
  return { ...tried, ms: ms ?? OWN_CLOCK.now() - started };
}

/** Whether a model gives what reads give in every job held out; each is judged once. */
export function heldOutJudge(
  { loader, seed }: Pick<Run, 'loader'> & { readonly seed: number },
  recording: Pick<Recording, 'shape' | 'blockSize'>,
): (model: Model) => boolean {
  const jobs = heldOut(seed, loader.geometry);
  const judged = new Map<string, boolean>();
  return (model) => {
    const key = keyOfModel(model);
    const known = judged.get(key);
    if (known !== undefined) return known;
    const right = jobs.every((job) =>
      judgeHeldOut(loader, [job], (asked) => answers(model, recording, asked)).every(Boolean),
    );
    judged.set(key, right);
    return right;
  };
}

/** Whether anything that a host may still do shows that the loader is not as `model` says. */
function isTellable(
  model: Model,
  { loader, seed, ...run }: Run & { readonly seed: number },
  recording: Recording,
): boolean {
  const { geometry } = loader;
  return allowedTrials(seed, geometry, scratchOf({ loader, ...run })).some(({ restarts, operations }) => {
    const device = restarts ? loader.reset() : loader.clone();
    const done = operations.map((operation) => {
      if (operation.kind === 'read') return asOperation({ operation, bytes: device.read(operation) });
      device.apply(operation);
      return asOperation({ operation });
    });
    return !reproduces(model, {
      ...recording,
      operations: [...recording.operations, ...(restarts ? [RESTART] : []), ...done],
    });
  });
}

const RESTART = { kind: 'restart' } as const;

/** The sectors of the image: the job has erased them, so that nothing is lost by a trial there. */
function scratchOf({ image, loader: { geometry } }: Run): { start: number; end: number } {
  const sectors = geometry.sectors.filter(({ start, end }) =>
    image.some(({ address, bytes }) => address < end && address + bytes.length > start),
  );
  return { start: sectors[0]?.start ?? 0, end: sectors.at(-1)?.end ?? 0 };
}

function carryOutOn(device: () => ComposedLoader): CarryOut {
  return async (operations) =>
    await Promise.resolve(
      operations.flatMap((operation) => {
        const asked = asAsked(operation);
        if (asked.kind === 'read') return [device().read(asked)];
        device().apply(asked);
        return [];
      }),
    );
}

function asAsked(operation: Change | ReadRequest): Asked {
  if (operation.kind === 'erase-all') return { kind: 'eraseAll' };
  if (operation.kind === 'erase') return operation;
  return { ...operation, number: operation.number + FIRST_BLOCK };
}

function answers(
  model: Model,
  { shape, blockSize }: Pick<Recording, 'shape' | 'blockSize'>,
  { content, operations }: HeldOutJob,
): Uint8Array[] {
  const asked = operations.map(asRequest);
  return predict(model, shape, asked, { blockSize, content }).map(({ value }) => value);
}

export function recordingOf({ loader, steps }: Run): Recording {
  const { geometry } = loader;
  const address = FLASH_SIZE_AT[geometry.chip];
  const size = geometry.bytes / 1024;
  return {
    shape: shapeOf(geometry),
    blockSize: geometry.blockBytes,
    operations: steps.map(asOperation),
    known: [{ address, bytes: Uint8Array.of(size & 0xff, size >> 8) }],
  };
}

/** Flash size registers: RM0008 §30.1.1, RM0090 §39.2, RM0351 §49.2. A host knows what they hold. */
const FLASH_SIZE_AT: Readonly<Record<Geometry['chip'], number>> = {
  F105: 0x1fff_f7e0,
  F407: 0x1fff_7a22,
  L476: 0x1fff_75e0,
};

export function shapeOf({ start, bytes, sectors, cells, overwrite, programBytes }: Geometry): Shape {
  return { start, end: start + bytes, sectors, cells, overwrite, writeSize: programBytes, erasedValue: 0xff };
}

function asOperation({ operation, bytes = new Uint8Array(0) }: Step): Operation {
  const asked = asRequest(operation);
  return asked.kind === 'read' ? { ...asked, bytes } : asked;
}

export function asRequest(operation: Asked): Change | ReadRequest {
  if (operation.kind === 'eraseAll') return { kind: 'erase-all' };
  if (operation.kind === 'erase') return operation;
  return { ...operation, number: operation.number - FIRST_BLOCK };
}
