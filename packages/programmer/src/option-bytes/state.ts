/** The option bytes of a chip as its loader shows them, decoded by the table of the chip. Reads only. */
import {
  CHIPS,
  type Chip,
  type DecodedField,
  decodeOptionBytes,
  isOpen,
  type OptionBlocks,
  type OptionLayout,
  sharedOptionLayout,
} from '@sureflash/chips';
import { readMemoryBytes } from '../engine/memory/read-memory.ts';
import { FlashError, hasCode } from '../errors.ts';
import type { About } from '../target/about.ts';
import type { Device } from '../target/device.ts';
import { describeRegions, type Sector } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';

export interface OptionState {
  readonly layout: OptionLayout;
  /** In the order of the layout; blocks that the loader does not show are `undefined`. */
  readonly blocks: OptionBlocks;
  readonly fields: readonly DecodedField[];
  /** The loader shows them, and they are not written through it. */
  readonly readOnly?: true;
}

/**
 * Reads and decodes the option bytes. Where the chip is not certain, only the options that all candidates share are decoded.
 * @param about what is known of the chip, when that is more than the device itself tells now
 * @throws FlashError `option-bytes/absent`, `option-bytes/unknown`, `device/read-protected`; what the target throws
 */
export async function readOptionBytes({ target, about: own }: Device, about: About = own): Promise<OptionState> {
  const shown = shownBlocks(target);
  const chips = possibleChips(about, shown);
  const layout = sharedOptionLayout(chips);
  const [first] = layout?.blocks ?? [];
  if (!layout || !shown.some(({ start }) => start === first)) {
    const address = shown[0]?.start ?? 0;
    throw new FlashError('option-bytes/unknown', { chips: chips.flatMap(({ names }) => names), address });
  }
  const blocks: (Uint8Array | undefined)[] = [];
  for (const address of layout.blocks) {
    const block = shown.find(({ start }) => start === address);
    blocks.push(block && (await readMemoryBytes(target, block)));
  }
  const isReadOnly = shown.every(({ writable }) => !writable);
  return { layout, blocks, fields: decodeOptionBytes(layout, blocks), ...(isReadOnly && { readOnly: true }) };
}

/** A map is no name: a chip whose flash sizes nobody states has any map, and is a candidate by its option bytes. */
function possibleChips({ chips, certain }: About, shown: readonly Sector[]): readonly Chip[] {
  if (certain) return chips;
  const sizeless = CHIPS.filter(
    ({ usbDfu, variants, optionBytes }) =>
      usbDfu && variants.length === 0 && shown.some(({ start }) => start === optionBytes[0]),
  );
  return [...new Set([...chips, ...sizeless])];
}

function shownBlocks({ geometry }: Target): Sector[] {
  const regions = geometry.filter(({ kind }) => kind === 'option-bytes');
  if (regions.length === 0) throw new FlashError('option-bytes/absent', { available: describeRegions(geometry) });
  return regions.flatMap(({ sectors }) => sectors);
}

/** Bytes that every loader reads of an open chip. */
const OPTION_SAMPLE_BYTES = 4;

/** @returns whether the chip refuses to be read, or its option bytes say that it is closed */
export async function isReadProtected(device: Device, about: About = device.about): Promise<boolean> {
  const { target } = device;
  const flash = target.geometry.find(({ kind }) => kind === 'flash');
  try {
    if (flash) await readMemoryBytes(target, { start: flash.start, end: flash.start + OPTION_SAMPLE_BYTES });
    const { layout, fields } = await readOptionBytes(device, about);
    return isOpen(layout, fields) === false;
  } catch (error) {
    if (hasCode(error, 'device/read-protected')) return true;
    if (hasCode(error, 'option-bytes/absent') || hasCode(error, 'option-bytes/unknown')) return false;
    throw error;
  } finally {
    await target.settle();
  }
}
