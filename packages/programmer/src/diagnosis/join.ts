/** Joins what rows make of the evidence with what a simulation of the loader has found. Pure; it runs no simulation. */
import type { Chip } from '@sureflash/chips';
import type { Area } from './cause.ts';
import { CAUSES, type CauseId } from './causes/index.ts';
import type { LoaderModel, LoaderTrial, ModelPart } from './loader-model.ts';
import { type Observation, type ObservationKind, seen } from './observation.ts';
import { type Diagnosis, diagnose, diagnoseAs } from './rank.ts';
import { fixLoader } from './remedies.ts';
import { remedy } from './remedy.ts';

/** What is decided by evidence from outside the memory: option bytes, status codes, identity, times, the host. */
const OUTSIDE: readonly Area[] = ['protection', 'link', 'file', 'host'];
/** Protection of which no option bytes were read is one guess among others: a loader that does all that was seen outweighs it. */
const GUESSED: readonly Area[] = ['protection'];
/** Of memory, and about what no loader does: cells that fail, reads that change by themselves. */
const ALSO_OUTSIDE: readonly CauseId[] = ['unstable-content', 'stuck-bits', 'no-map', 'no-upload', 'reads-disabled'];
/**
 * Told from the memory alone unless they are certain: a loader that errs once in a while, or whose reads depend on what went
 * before, leaves the same.
 */
const OF_MEMORY_TOO: readonly CauseId[] = ['operation-lost', 'usb-link', 'unstable-content'];

/** Told from bytes that turned up elsewhere: other loaders leave such bytes as well, and only a model of this one is proof. */
const NEEDS_MODEL: readonly CauseId[] = ['wrong-base'];

/** Models that say in numbers what a row says in words. Two rows may fit one model, and one row several. */
const SAYS_THE_SAME: Partial<Readonly<Record<CauseId, (model: readonly ModelPart[]) => boolean>>> = {
  'stub-media': (model) => model.some(isLost('write')) || model.some(is(['one-place', 'constant'], 'read')),
  'read-address-ignored': (model) =>
    model.every(is(['one-place', 'aligned', 'base-ignored', 'stride'], 'read', 'write')),
  'address-ignored': (model) => model.some(isOnePlace('write')) && model.some(isOnePlace('read')),
  'write-address-ignored': (model) =>
    model.every(is(['one-place', 'stride', 'base-ignored', 'aligned'], 'write', 'read')),
  'wrong-base': (model) => model.every(is(['shift'], 'write')),
  'block-arithmetic': (model) =>
    model.some(is(['stride', 'scaled'], 'write')) || model.some(is(['stride', 'scaled'], 'read')),
  'writes-stop': (model) => model.some((part) => isLost('write')(part) && part.isConditional),
  'erase-ignored': (model) => model.every((part) => isLost('erase')(part) && !part.on.includes('write')),
  'writes-ignored': (model) => model.every((part) => isLost('write')(part) && !part.isConditional),
  'changes-ignored': (model) => model.some(isLost('write')) && model.some(isLost('erase')),
  'part-of-blocks': (model) =>
    model.some(is(['head-lost', 'tail-lost', 'head-only', 'tail-only', 'odd-tail-lost', 'hole', 'stripes'], 'write')),
  echo: (model) => model.some(is(['echo', 'cache', 'lag', 'again'], 'read')),
  'bytes-swapped': (model) => model.every(({ kind }) => kind === 'swap'),
  'neighbours-erased': (model) =>
    model.every(
      (part) =>
        is(['erase-unit', 'erase-neighbour', 'erase-sectors', 'erase-rest', 'erase-all', 'aligned'], 'erase')(part) &&
        !part.isInstead,
    ),
  'erases-another': (model) => model.every((part) => takesAnother(part) && !part.on.includes('write')),
  'erases-elsewhere': (model) =>
    model.some(
      ({ kind, on, isInstead }) =>
        on.includes('erase') && !isInstead && (kind.startsWith('erase-') || REACHES_FURTHER.includes(kind)),
    ),
  'writes-elsewhere': (model) =>
    model.some(({ kind, on }) => on.includes('write') && (kind === 'erases-first' || REACHES_FURTHER.includes(kind))),
  'foreign-map': (model) =>
    model.every((part) => is(['erase-unit', 'erase-sectors', 'scaled'], 'erase')(part) && !part.isInstead),
  // An end of the flash is the same for whoever writes and reads.
  'flash-smaller': (model) =>
    model.every((part) => is(['modulo', 'line'], 'write')(part) && is(['modulo', 'line'], 'read')(part)),
  'write-protected': (model) => model.every(({ kind, isConditional }) => kind === 'lost' && isConditional),
  'dead-sector': (model) => model.every(({ kind, isConditional }) => kind === 'lost' && isConditional),
};

const takesAnother = ({ kind, on, isInstead }: ModelPart): boolean =>
  on.includes('erase') && (isInstead || ['shift', 'line', 'modulo', 'erase-sectors'].includes(kind));

/** What an operation may do beside, or instead of, what it was asked to. */
const REACHES_FURTHER = ['also', 'aligned', 'widened', 'modulo', 'line', 'shift', 'again', 'copied'];

type ModelOperation = ModelPart['on'][number];

function is(kinds: readonly string[], operation: ModelOperation, but?: ModelOperation): (part: ModelPart) => boolean {
  return ({ kind, on }) => kinds.includes(kind) && on.includes(operation) && !(but && on.includes(but));
}

const isOnePlace = (operation: ModelOperation): ((part: ModelPart) => boolean) =>
  is(['one-place', 'aligned', 'base-ignored', 'stride', 'pointer'], operation);

const isLost = (operation: ModelOperation): ((part: ModelPart) => boolean) => is(['lost'], operation);

/** What a simulation has found; nothing in it where it found nothing. */
export interface FoundBySimulation {
  readonly model?: LoaderModel;
  readonly trial?: LoaderTrial;
  /** No model that was tried gives what was read: signs of what a model can say are guesses then. */
  readonly hasFailed?: boolean;
  /** The error of this program that ended the simulation. */
  readonly brokeOff?: string;
}

/**
 * @returns the diagnosis of the rows, or of the model, or of both where they say the same. Evidence from outside the memory
 * outweighs a model; a model that is exact outweighs rows that are not certain, and is certain where it has no rivals and a row says
 * the same.
 */
export function joinModel(
  evidence: readonly Observation[],
  { model, trial, hasFailed = false, brokeOff }: FoundBySimulation,
  chip: Chip | undefined,
): Diagnosis | undefined {
  const joined = model ? joinedWith(evidence, { model, trial, chip }) : byRows(evidence, { trial, hasFailed, chip });
  return joined && { ...joined, ...(trial && { trial }), ...(brokeOff !== undefined && { brokeOff }) };
}

/** Where every simple loader was refuted by a trial, that is all there is to tell. */
function byRows(
  evidence: readonly Observation[],
  { trial, hasFailed, chip }: Pick<JoinedModel, 'trial' | 'chip'> & { readonly hasFailed: boolean },
): Diagnosis | undefined {
  const rows = diagnose(evidence, chip);
  if (rows || trial?.outcome !== 'none') return rows && (hasFailed ? asGuess(rows, trial) : asProven(rows));
  const deviates = diagnoseAs('loader-deviates', evidence, chip);
  return (
    deviates && {
      ...deviates,
      verdict: 'likely',
      title: deviationTitle(deviates.title, 'no simple mistake explains all of it'),
      remedies: [{ text: fixLoader(NO_MODEL) }, ...deviates.remedies.slice(1)],
    }
  );
}

const NO_MODEL =
  'compare what the report shows of written and read bytes with what its erase, write and read functions do.';

const needsModel = ({ cause }: Diagnosis): boolean => NEEDS_MODEL.includes(cause);

const asProven = (rows: Diagnosis): Diagnosis =>
  rows.verdict === 'certain' && needsModel(rows) ? { ...rows, verdict: 'likely' } : rows;

/** Proven by reads that were made for it, by times, or by identity: a model that is not found takes nothing from it. */
const PROVEN: readonly ObservationKind[] = ['reads-same', 'too-quick', 'map-default'];

/** Of what a model could say, a row alone is a guess where none was found; a trial has tried what times speak for. */
function asGuess(rows: Diagnosis, trial?: LoaderTrial): Diagnosis {
  const speaking = rows.observations.slice(0, rows.speaking);
  const isTried = trial?.outcome === 'none';
  if (speaking.some(({ kind }) => PROVEN.includes(kind) && !(isTried && kind === 'too-quick'))) return asProven(rows);
  const isModelled = [rows, ...rows.rivals].some(({ cause }) => SAYS_THE_SAME[cause] !== undefined);
  if (!isModelled || isDecidedOutside(rows)) return asProven(rows);
  return { ...rows, verdict: rows.verdict === 'undecided' ? 'undecided' : 'likely', isGuess: true };
}

/** A model that others would have to be told from gives every byte all the same: so it outweighs what nothing proves. */
function outweighs({ rivals, rivalParts }: LoaderModel, rows: Diagnosis): boolean {
  // A row that a model could have said, and does not say, is contradicted by one that gives every byte.
  const isModelled = SAYS_THE_SAME[rows.cause] !== undefined;
  if (rivals.length === 0) return rows.verdict !== 'certain' || needsModel(rows) || isModelled;
  if (rows.verdict === 'certain' && isModelled) return true;
  if ([rows, ...rows.rivals].every((each) => isUnsaid(each, rivalParts))) return true;
  return [rows, ...rows.rivals].some(({ cause }) => isInArea(GUESSED, cause) || OF_MEMORY_TOO.includes(cause));
}

/** A model could have said it, and none of those that give every byte does. */
function isUnsaid({ cause }: Pick<Diagnosis, 'cause'>, rivalParts: LoaderModel['rivalParts']): boolean {
  const says = SAYS_THE_SAME[cause];
  return says !== undefined && !rivalParts.some(says);
}

/** @returns whether the row says one of the loaders that would have done the same, though not the first of them */
function saysRival({ cause }: Diagnosis, { isCertain, rivalParts }: LoaderModel): boolean {
  const says = SAYS_THE_SAME[cause];
  return !isCertain && says !== undefined && rivalParts.some(says);
}

interface JoinedModel {
  readonly model: LoaderModel;
  readonly trial: LoaderTrial | undefined;
  readonly chip: Chip | undefined;
}

function joinedWith(evidence: readonly Observation[], { model, trial, chip }: JoinedModel): Diagnosis | undefined {
  const rows = diagnose(evidence, chip);
  if (isDecidedOutside(rows)) return rows;
  const same = rows && [rows, ...rows.rivals].find(({ cause }) => SAYS_THE_SAME[cause]?.(model.parts));
  // A model of protection is no proof of it: only option bytes are.
  if (rows && same && (!model.isCertain || isInArea(GUESSED, same.cause))) {
    return { ...asProven(rows), model };
  }
  if (rows && !model.isCertain && !outweighs(model, rows)) return rows;
  if (rows && !same && saysRival(rows, model)) return { ...rows, verdict: 'likely', model };
  const named = same && diagnoseAs(same.cause, evidence, chip);
  return named ? { ...named, model } : byModel(evidence, model, { rows, trial, chip });
}

/**
 * @returns whether a trial would tell more: the cause is not certain, or a loader that does something else than the cause says would
 * have done the same
 */
export function leavesOpen(evidence: readonly Observation[], model: LoaderModel, chip: Chip | undefined): boolean {
  const joined = joinModel(evidence, { model }, chip);
  if (joined?.verdict !== 'certain') return true;
  const says = SAYS_THE_SAME[joined.cause];
  return says !== undefined && model.rivalParts.some((parts) => !says(parts));
}

/** @returns whether the row stays certain where no model is found: then neither pairs nor a trial add anything to it */
export const isSettled = (rows: Diagnosis | undefined): boolean =>
  rows?.verdict === 'certain' && asGuess(rows).verdict === 'certain';

/** @returns whether a simulation can add to what rows make of the evidence: a number, or that another loader does all of it */
export function asksForModel(rows: Diagnosis | undefined): boolean {
  return !isDecidedOutside(rows);
}

function isDecidedOutside(rows: Diagnosis | undefined): boolean {
  const isCertain = rows?.verdict === 'certain';
  const all = rows ? [rows.cause, ...rows.rivals.map(({ cause }) => cause)] : [];
  const named = all.filter((cause) => isCertain || !OF_MEMORY_TOO.includes(cause));
  const areas = isCertain ? OUTSIDE : OUTSIDE.filter((area) => !GUESSED.includes(area));
  return named.some((id) => ALSO_OUTSIDE.includes(id) || isInArea(areas, id));
}

function isInArea(areas: readonly Area[], id: CauseId): boolean {
  return areas.some((area) => area === CAUSES.find((each) => each.id === id)?.area);
}

/** No row says it: the model itself is the cause. */
function byModel(
  evidence: readonly Observation[],
  model: LoaderModel,
  { rows, trial, chip }: Omit<JoinedModel, 'model'> & { readonly rows: Diagnosis | undefined },
): Diagnosis | undefined {
  const { sentence, bytesExplained: bytes, isCertain, rivals, remedies, tellApart } = model;
  const all = [seen('loader-simulated', { sentence, bytes, isCertain }), ...evidence];
  const plain = diagnoseAs('loader-deviates', all, chip);
  if (!plain) return rows;
  const { cause, title } = plain;
  return {
    ...plain,
    // On loaders that nobody here had seen, one in sixty was given another one's model: no row that agrees, no certainty.
    // A trial has held it against what it predicts.
    verdict: isCertain && trial?.outcome === 'one' ? 'certain' : rivals.length === 0 ? 'likely' : 'undecided',
    title: deviationTitle(title, sentence),
    remedies: [...remedies.map((text) => ({ text: fixLoader(text) })), ...plain.remedies.slice(1)],
    rivals: rivals.map((rival) => ({ cause, title: deviationTitle(title, rival) })),
    runnersUp: rows ? [{ cause: rows.cause, title: rows.title }] : [],
    tellApart: [...(trial ? [] : [BY_TRIAL]), ...(tellApart === undefined ? [] : [{ text: tellApart }])],
    model,
  };
}

const BY_TRIAL = remedy(
  'Let a trial tell them apart: it erases sectors that may be lost, writes made-up data there and reads it back.',
  'try-job-sectors',
);

const deviationTitle = (title: string, sentence: string): string => `${title.replace(/\.$/, '')}: ${sentence}.`;
