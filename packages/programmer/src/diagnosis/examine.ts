/** What reads alone tell about a device before anything is written to it. */
import type { Chip } from '@sureflash/chips';
import type { Region } from '../target/geometry.ts';
import { type Loader, observeLoader, observeMap, stillAnswers } from './gather/loader.ts';
import { observeProtection } from './gather/protection.ts';
import { observeReads, observeWrap, type ReadRange } from './gather/reads.ts';
import type { Observation, ObservationKind } from './observation.ts';

export interface Examined {
  readonly loader: Loader;
  readonly regions: readonly Region[];
  /** The flash that matters. */
  readonly region: Region;
  /** Chip that is there for certain, or that the image is built for. */
  readonly chip?: Chip;
  readonly read: ReadRange;
}

/** Some ten reads; nothing in the device changes. @throws what the target throws, but for refused reads */
export async function examine({ loader, region, chip, read }: Examined): Promise<Observation[]> {
  const { blockSize } = loader;
  const answers = async (): Promise<boolean> => await stillAnswers(loader);
  const reads = { answers, ...(chip && { chip }), ...(blockSize !== undefined && { blockSize }) };
  return [...(await observeLoader(loader)), ...observeMap(region, chip), ...(await observeReads(read, region, reads))];
}

/** Everything that reads can tell: option bytes, and whether addresses wrap, as well. */
export async function examineThoroughly(examined: Examined): Promise<Observation[]> {
  const { read, region, regions, chip } = examined;
  const found = await examine(examined);
  if (found.some(({ kind }) => kind === 'reads-refused')) return found;
  return [
    ...found,
    ...(await observeProtection(read, { regions, ...(chip && { chip }) })),
    ...(await observeWrap(read, region)),
  ];
}

/** What no reading can be trusted with: with one of these, programming through the device cannot be proven. */
const FATAL: readonly ObservationKind[] = ['reads-refused', 'reads-same', 'reads-depend-on-block'];
const DOUBTFUL: readonly ObservationKind[] = [...FATAL, 'reads-unstable', 'reads-wrap', 'map-default', 'map-foreign'];

export const isFatal = ({ kind }: Observation): boolean => FATAL.includes(kind);
/** Whether this speaks against the device at all. */
export const isDoubt = ({ kind }: Observation): boolean => DOUBTFUL.includes(kind);

/** Later observations of what reads give take the place of earlier ones. */
export function updated(earlier: readonly Observation[], later: readonly Observation[]): Observation[] {
  const isAboutReads = ({ kind }: Observation): boolean => /^reads-(same|distinct|blank)$/.test(kind);
  const anew = later.some(isAboutReads);
  return [...earlier.filter((each) => !anew || !isAboutReads(each)), ...later];
}
