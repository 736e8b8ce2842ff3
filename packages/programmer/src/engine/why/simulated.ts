/** Explains a failed run by simulation of its loader. All of it is loaded only when a run has failed. */
import { type Chip, findChipsBySectors } from '@sureflash/chips';
import type { LoaderModel, LoaderTrial } from '../../diagnosis/loader-model.ts';
import type {
  ExplainOptions,
  KnownContent,
  Operation,
  Recording,
  RecordingExplanation,
  Shape,
} from '../../explain/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { About, LoaderKind } from '../../target/about.ts';
import type { Device } from '../../target/device.ts';
import type { Region } from '../../target/geometry.ts';
import { loaderModelOf } from './loader-model-of.ts';
import type { TranscriptEntry } from './transcript.ts';
import type { TrialPlace } from './trial.ts';
import type { Explained, TrialGround } from './tried.ts';

export interface ToSimulate {
  readonly device: Device;
  /** The flash that the run was about. */
  readonly region: Region;
  readonly chip: Chip | undefined;
  readonly entries: readonly TranscriptEntry[];
  /** How long in ms the job itself has taken. */
  readonly tookMs?: number;
  /** What a right loader gives outside the flash, where that was read. */
  readonly known?: readonly KnownContent[];
  /** The cause is certain without it: the simulation only says it in numbers, and two deviations are not looked for. */
  readonly isKnown?: boolean;
  /** Where a trial may tell rivals apart; absent where none may be made. */
  readonly trial?: TrialPlace | undefined;
  /** Whether more has to be known than such a model says. */
  readonly isOpen?: (model: LoaderModel) => boolean;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

export interface Simulated {
  /** The simplest loader that gives every byte that was read; absent where none does, there is too little to tell, or it was ended. */
  readonly model?: LoaderModel;
  readonly trial?: LoaderTrial;
  /** Loaders were tried, and none of them gives every byte that was read. */
  readonly hasFailed?: boolean;
  /** The error that ended it: one of this program, not of the device. */
  readonly brokeOff?: string;
}

/** Families whose flash refuses to program a unit that is not erased (PM0075 §2.3.3, RM0091 §3.2.2, RM0316 §4.2.3). */
const REFUSE: readonly string[] = ['F0', 'F1', 'F3'];

/** Where no program stands between host and flash. Ids and strings of a ROM are evidence, and no proof that it is one. */
const NO_LOADER: readonly LoaderKind[] = ['debug-port'];

export const mayBeSimulated = ({ kind }: About): boolean => !NO_LOADER.includes(kind);

/** @returns what was found, or what has ended it: the failure of the job itself is told all the same */
export async function simulated(what: ToSimulate): Promise<Simulated> {
  try {
    return await searched(what);
  } catch (error) {
    if (what.signal?.aborted) return {};
    return { brokeOff: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

async function searched(what: ToSimulate): Promise<Simulated> {
  const { device, region, chip, entries, known = [], isKnown = false, trial, signal } = what;
  const { blockSize } = device.about;
  if (blockSize === undefined || region.end - region.start > MOST_MODELLED_BYTES) return {};
  const { explainRecording, wordsOf, explainedWithTrials, withTellApart } = await explainer();
  const sent: readonly Operation[] = entries.flatMap((entry) => operationsSent(entry, { region, blockSize, known }));
  let operations = sent;
  const clock = computingClock(device.clock);
  const limitMs = Math.min(Math.max(LEAST_MS, what.tookMs ?? 0), MOST_MS);
  let end = clock.now() + limitMs;
  const shapes = shapesOf(region, chip);
  const work = workFor(region) * (device.clock.computedMs ? MEASURED_WORK : 1);
  let made: LoaderTrial | undefined;
  for (const shape of shapes) {
    const share = made || shape === shapes.at(-1) ? 1 : FIRST_SHARE;
    const mostModels = Math.max(
      SINGLE_MODELS,
      Math.floor((share * work) / Math.max(operations.length, LEAST_OPERATIONS)),
    );
    const recording: Recording = { shape, blockSize, operations, known };
    const options = {
      clock,
      limitMs: Math.max(0, (end - clock.now()) * share),
      // Two deviations are not looked for where nothing was changed.
      mostModels: isKnown || operations.every(({ kind }) => kind === 'read') ? SINGLE_MODELS : mostModels,
      leastModels: SINGLE_MODELS,
      separates: false,
      ...(signal && { signal }),
    };
    const say: TrialGround['say'] = (explanation, model) =>
      loaderModelOf(explanation, model, (each) => wordsOf(each, shape.start));
    const ground = trial && !made ? { device, region, trial, say, isOpen: what.isOpen, isKnown } : undefined;
    const explained = await (ground
      ? explainedWithTrials(recording, options, ground)
      : alone(explainRecording, recording, options));
    made ??= explained.trial;
    const { explanation } = explained;
    ({ operations } = explained.recording);
    const [model] = explanation.models;
    if (model) {
      const run = { ...recording, operations: sent };
      const loader = withTellApart(say(explanation, model), explanation.models, run, made !== undefined);
      return found(loader, explained, made);
    }
    if (!made) continue;
    // A trial that refutes every loader leaves other cells to be thought of, and whoever has allowed it waits for the answer.
    end = clock.now() + limitMs;
  }
  return { hasFailed: true, ...(made && { trial: made }) };
}

async function explainer() {
  const [{ explainRecording, wordsOf }, { explainedWithTrials }, { withTellApart }] = await Promise.all([
    import('../../explain/index.ts'),
    import('./tried.ts'),
    import('./tell-apart.ts'),
  ]);
  return { explainRecording, wordsOf, explainedWithTrials, withTellApart };
}

function found(model: LoaderModel, explained: Explained, made: LoaderTrial | undefined): Simulated {
  const trial = explained.trial ?? afterAll(made, explained.explanation, model);
  return { model, ...(trial && { trial }) };
}

/**
 * A trial that has refuted every loader with the first kind of cells: what it says of those with the next kind. What is left
 * of these is refuted with other cells alone.
 */
function afterAll(
  trial: LoaderTrial | undefined,
  { certainty, isComplete }: RecordingExplanation,
  { sentence, rivals }: LoaderModel,
): LoaderTrial | undefined {
  if (!trial) return undefined;
  const refuted = trial.refuted.filter((each) => each !== sentence && !rivals.includes(each));
  return { ...trial, outcome: certainty === 'certain' && isComplete ? 'one' : 'several', refuted };
}

type Explain = (recording: Recording, options: ExplainOptions) => Promise<RecordingExplanation>;

async function alone(explain: Explain, recording: Recording, options: ExplainOptions): Promise<Explained> {
  return { explanation: await explain(recording, options), recording };
}

/** Computing is limited by what it takes itself. */
function computingClock(clock: Clock): Clock {
  const sleep: Clock['sleep'] = async (ms, signal) => await clock.sleep(ms, signal);
  return { now: () => clock.computedMs?.() ?? clock.now(), sleep };
}

/**
 * Who has waited for a job waits as long again to know why it has failed. A device that answers at once to exhaust this machine has at
 * most `LEAST_MS`. A clock that stands still never reaches it: `MOST_WORK` ends that search.
 */
const LEAST_MS = 2000;
const MOST_MS = 4000;
/** Models times the operations that each is run over. */
const MOST_WORK = 1_400_000;
/** So much more is allowed where the time that computing takes is known, and ends it. */
const MEASURED_WORK = 8;
/** A model takes this long however few operations there are. */
const LEAST_OPERATIONS = 60;
/** Of the time that is left, for the likeliest of several kinds of cells. */
const FIRST_SHARE = 0.6;
/** A model of more flash takes longer. */
const MODELLED_BYTES = 256 * 1024;
/** No chip has more than 4 MB of flash; a model holds every byte that was erased several times. */
const MOST_MODELLED_BYTES = 16 * 1024 * 1024;
/** Deviations that are tried alone: all of them, before it is said that none fits. */
const SINGLE_MODELS = 1_800;

const workFor = ({ start, end }: Region): number => MOST_WORK * Math.min(1, Math.sqrt(MODELLED_BYTES / (end - start)));

type CellsOfShape = Pick<Shape, 'cells' | 'writeSize' | 'overwrite' | 'erasedValue'>;

/**
 * Where nobody knows the chip, its cells are those of the chips that have such sectors, most of them first; a map that is no
 * chip's own leaves all cells possible.
 */
function shapesOf(region: Region, chip: Chip | undefined): Shape[] {
  const { start, end, erasedValue, sectors } = region;
  const area = { start, end, sectors };
  if (chip) return [{ ...area, ...cellsOfChip(chip) }];
  const kinds = new Map<string, { readonly cells: CellsOfShape; readonly chips: number }>();
  for (const chipWithThem of new Set(findChipsBySectors(sectors).map((found) => found.chip))) {
    const cells = cellsOfChip(chipWithThem);
    const key = Object.values(cells).join();
    kinds.set(key, { cells, chips: (kinds.get(key)?.chips ?? 0) + 1 });
  }
  const likely = [...kinds.values()].sort((a, b) => b.chips - a.chips).slice(0, UNKNOWN_CELLS.length);
  if (likely.length === 0) return UNKNOWN_CELLS.map((cells) => ({ ...area, erasedValue, ...cells }));
  return likely.map(({ cells }) => ({ ...area, ...cells }));
}

function cellsOfChip({ cells, writeSize, family, erasedValue }: Chip): CellsOfShape {
  const overwrite = cells === 'ecc' || REFUSE.includes(family) ? 'refuses' : 'clears';
  return { cells, writeSize, overwrite, erasedValue };
}

const UNKNOWN_CELLS = [
  { cells: 'plain', writeSize: 2, overwrite: 'clears' },
  { cells: 'plain', writeSize: 2, overwrite: 'refuses' },
  { cells: 'ecc', writeSize: 8, overwrite: 'refuses' },
] as const satisfies readonly Pick<Shape, 'cells' | 'writeSize' | 'overwrite'>[];

interface Simulating {
  readonly region: Region;
  readonly blockSize: number;
  readonly known: readonly KnownContent[];
}

/** An entry as the loader saw it: block by block, counted from the address that was set. */
function operationsSent(entry: TranscriptEntry, { region, blockSize, known }: Simulating): Operation[] {
  if (entry.kind === 'erase-all') return [entry];
  const start = entry.kind === 'erase' ? entry.start : entry.address;
  const isKnown = entry.kind === 'read' && known.some(({ address }) => address === start);
  if (!isKnown && (start < region.start || start >= region.end)) return [];
  if (entry.kind === 'erase') return [{ kind: 'erase', address: start, length: entry.end - start }];
  const { bytes } = entry;
  if (entry.kind === 'read') {
    // A shorter last block has its address set anew.
    const base = bytes.length < blockSize ? start : entry.from;
    return [{ kind: 'read', base, number: Math.floor((start - base) / blockSize), address: start, bytes }];
  }
  return Array.from({ length: Math.ceil(bytes.length / blockSize) }, (_, number) => ({
    kind: 'write',
    base: start,
    number,
    address: start + number * blockSize,
    bytes: bytes.subarray(number * blockSize, (number + 1) * blockSize),
  }));
}
