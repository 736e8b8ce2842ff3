/** Writes the DfuSe memory layout string of a chip and a partition (UM0424 §10.3.2). */
import type { Partition, SectorGroup } from '../partition.ts';
import { type PartitionOptions, partitionOf } from '../partition.ts';

/** A USB string descriptor has at most 255 bytes: two of head, two a character (USB 2.0 §9.6.7). */
export const LONGEST_LAYOUT = 126;

/**
 * The layout string for the flash of `options.chip` with a loader before `options.application`: the loader's sectors are
 * readable (`a`), the application's readable, erasable and writable (`g`).
 * @throws FlashError as `partitionOf`
 */
export const makeLayout = (options: PartitionOptions): string => layoutOfPartition(partitionOf(options));

export function layoutOfPartition({ groups }: Partition): string {
  const parts: string[] = [];
  let end = -1;
  for (const group of mergedGroups(groups)) {
    const text = groupText(group);
    if (group.start === end) parts.push(`,${text}`);
    else parts.push(`/0x${group.start.toString(16).toUpperCase().padStart(8, '0')}/${text}`);
    end = group.start + group.count * group.size;
  }
  return `@Internal Flash   ${parts.join('')}`;
}

/** Counts with two digits and sizes with three, as ST writes them. */
function groupText({ count, size, application }: SectorGroup): string {
  const [number, unit] = size % 1024 === 0 ? [size / 1024, 'K'] : [size, 'B'];
  return `${String(count).padStart(2, '0')}*${String(number).padStart(3, '0')}${unit}${application ? 'g' : 'a'}`;
}

/** Sectors alike that lie one behind the other are one entry, whatever their bank. */
function mergedGroups(groups: readonly SectorGroup[]): SectorGroup[] {
  const merged: SectorGroup[] = [];
  for (const group of groups) {
    const last = merged.at(-1);
    const follows = last && last.start + last.count * last.size === group.start;
    const alike = follows && last.size === group.size && last.application === group.application;
    if (alike) merged[merged.length - 1] = { ...last, count: last.count + group.count };
    else merged.push(group);
  }
  return merged;
}
