/** Reads that tell about a device before anything is written to it. */
import type { Chip } from '@sureflash/chips';
import { type Observation, seen } from '../diagnosis/observation.ts';
import type { Range, Region } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { type Loader, observeLoader, observeMap, stillAnswers } from './loader.ts';
import { observeProtection } from './protection.ts';
import { observeReads, observeWrap, refusedIsNothing } from './reads.ts';
import type { ReadRange } from './same-bytes.ts';

export interface EvidenceInput {
  readonly target: Loader & Pick<Target, 'geometry'>;
  /** The flash that matters. */
  readonly region: Region;
  /** Chip that is there for certain, or that the image is built for. */
  readonly chip?: Chip | undefined;
  readonly read: ReadRange;
  /** What is to be written or read there. */
  readonly wanted?: readonly Range[] | undefined;
}

/**
 * @returns what some ten reads tell of the loader, its map and whether it looks at addresses; nothing in the device changes
 * @throws what the target throws, but for refused reads
 */
export async function gatherEvidence({ target, region, chip, read, wanted }: EvidenceInput): Promise<Observation[]> {
  const { blockSize, uploads = true } = target.about;
  const answers = async (): Promise<boolean> => await stillAnswers(target);
  const told = await observeReads(read, region, { answers, chip, blockSize, wanted });
  // A loader that forgot to say that it gives its flash back does so all the same.
  const isRead = uploads || told.some(({ kind }) => kind === 'reads-distinct');
  const reads = isRead ? told : [seen('no-upload', {})];
  return [...(await observeLoader(target)), ...observeMap(region, chip), ...reads];
}

/** @returns everything that reads can tell: as `gatherEvidence`, and option bytes, and whether addresses wrap around */
export async function gatherAllEvidence(input: EvidenceInput): Promise<Observation[]> {
  const { target, read, region, chip } = input;
  const found = await gatherEvidence(input);
  if (found.some(({ kind }) => kind === 'reads-refused' || kind === 'no-upload')) return found;
  return [
    ...found,
    ...(await observeProtection(read, { regions: target.geometry, chip })),
    ...(await observeWrap(read, region).catch(refusedIsNothing)),
  ];
}
