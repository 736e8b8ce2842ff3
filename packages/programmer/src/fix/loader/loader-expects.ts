/** What a loader in a flash expects of an application, told by the string of its application check. Pure. */
import { CHIPS, sectorsOf } from '@sureflash/chips';
import type { MemoryImage } from '@sureflash/image';
import type { ProofMethod } from '../check/record.ts';
import { recogniseFix } from '../identity.ts';
import type { PartitionOptions } from '../partition.ts';

export interface LoaderExpectation extends PartitionOptions {
  readonly application: number;
  readonly proof: ProofMethod;
}

/**
 * @param loader the flash below the application, or the loader's own image
 * @returns what `sealForLoader` takes; `undefined` where no application check of ours is found, or one that contradicts the
 * chip table
 */
export function expectedByLoader(loader: MemoryImage): LoaderExpectation | undefined {
  const found = recogniseFix(loader).find(({ kind }) => kind === 'application-check');
  const chip = found && CHIPS.find(({ id }) => id === found.chip);
  if (!chip) return undefined;
  const { application, end, proof } = found.facts;
  const variant = chip.variants.find((each) => sectorsOf(each).at(-1)?.end === Number(end));
  const start = Number(application);
  if (!variant || !sectorsOf(variant).some((sector) => sector.start === start)) return undefined;
  return { chip, variant, application: start, proof: proof === 'ed25519' ? 'ed25519' : 'crc32' };
}
