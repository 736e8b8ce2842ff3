/** Where a loader ends and its application begins, in the sectors of one division of a chip's flash. */
import type { Chip, FlashVariant, Range } from '@sureflash/chips';
import { chipName, sectorsOf } from '@sureflash/chips';
import { FlashError } from '../errors.ts';
import { hex } from '../target/geometry.ts';

export interface PartitionOptions {
  readonly chip: Chip;
  /** One of the chip's; default the largest, of several equally large the one that the chip leaves the factory with. */
  readonly variant?: FlashVariant;
  /** Flash of the very part, in bytes: among the variants of this size the default is chosen. */
  readonly flashBytes?: number;
  /** First address of the application: the first of a sector, behind the loader. Default the first from 32 KB on. */
  readonly application?: number;
}

/** Equal sectors one behind the other, all on one side of the border. */
export interface SectorGroup {
  readonly start: number;
  readonly size: number;
  readonly count: number;
  readonly bank: number;
  /** Number of the first sector in its bank. */
  readonly number: number;
  /** Whether an application may be there; else the loader is. */
  readonly application: boolean;
}

export interface Partition {
  readonly variant: FlashVariant;
  readonly application: Range;
  readonly groups: readonly SectorGroup[];
}

/** What ST's class with its HAL takes, with some room. */
const DEFAULT_LOADER_BYTES = 32 * 1024;

/** @throws FlashError `fix/impossible` for a chip whose sectors are not known; `fix/option` for an address that is no border */
export function partitionOf({ chip, variant, flashBytes, application }: PartitionOptions): Partition {
  const chosen = variant ?? usual(chip, flashBytes);
  const sectors = sectorsOf(chosen);
  const start =
    application ?? sectors.find((sector) => sector.start >= (sectors[0]?.start ?? 0) + DEFAULT_LOADER_BYTES)?.start;
  const borders = sectors.slice(1).map((sector) => sector.start);
  if (start === undefined || !borders.includes(start)) {
    const shown = borders.slice(0, 12).map((border) => hex(border));
    throw new FlashError('fix/option', {
      option: 'application',
      value: start === undefined ? 'nothing' : hex(start),
      expected: `the first address of a sector behind the loader: ${shown.join(', ') || 'there is none'}${borders.length > shown.length ? ' …' : ''}`,
    });
  }
  return {
    variant: chosen,
    application: { start, end: sectors.at(-1)?.end ?? start },
    groups: chosen.banks.flatMap((bank, index) => groupsOfBank(bank, index, start)),
  };
}

function usual(chip: Chip, flashBytes?: number): FlashVariant {
  const most = flashBytes ?? Math.max(...chip.variants.map(({ bytes }) => bytes));
  // Where an option divides the flash, the chips come with two banks (nDBANK of F7 apart).
  const candidates = chip.variants.filter(({ bytes }) => bytes === most);
  const found = candidates.find(({ banks }) => chip.family !== 'F7' && banks.length > 1) ?? candidates[0];
  if (found) return found;
  if (flashBytes !== undefined && chip.variants.length > 0) {
    const sizes = [...new Set(chip.variants.map(({ bytes }) => `${bytes / 1024} KB`))].join(', ');
    throw new FlashError('fix/option', { option: 'flashBytes', value: `${flashBytes / 1024} KB`, expected: sizes });
  }
  throw new FlashError('fix/impossible', {
    chip: chipName(chip),
    wanted: 'know its sectors',
    reason: 'no public source that we have states them',
    source: chip.sources.join(', '),
    instead: 'its ROM bootloader',
  });
}

function groupsOfBank({ start, runs }: FlashVariant['banks'][number], bank: number, border: number): SectorGroup[] {
  let at = start;
  let number = 0;
  return runs.flatMap(({ count, size }) => {
    const below = Math.min(count, Math.max(0, Math.ceil((border - at) / size)));
    const parts = [
      { count: below, application: false },
      { count: count - below, application: true },
    ];
    return parts.flatMap((part) => {
      if (part.count === 0) return [];
      const group = { start: at, size, bank, number, ...part };
      at += part.count * size;
      number += part.count;
      return [group];
    });
  });
}
