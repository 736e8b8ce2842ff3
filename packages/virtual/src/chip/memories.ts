/** The memories of a chip beside its flash: where they are, and what they hold when it leaves the factory. */

import { littleEndian } from '../bytes.ts';
import { randomBytes } from '../random.ts';
import type { ChipProfile, Extent } from './chip-profile.ts';

export type MemoryKind = 'flash' | 'ram' | 'system' | 'options' | 'otp' | 'eeprom' | 'feature';

export interface Memory extends Extent {
  readonly kind: Exclude<MemoryKind, 'flash'>;
  /** The cells themselves; filled when they are first looked at, for RAM can be megabytes. */
  content(): Uint8Array;
}

/** @param options the option bytes, which belong to the chip; @param seed decides what RAM holds at power-on */
export function memoriesOf(profile: ChipProfile, options: Uint8Array, seed: number): Memory[] {
  const { ram, systemMemory, otp, eeprom, feature, moreOptions } = profile;
  const memories: Memory[] = [
    ...ram.map((extent) => memory('ram', extent, () => randomBytes(seed + extent.start, extent.bytes))),
    ...systemMemory.map((extent) => memory('system', extent, () => systemContent(profile, extent))),
    memory('options', { start: profile.options.start, bytes: options.length }, () => options),
  ];
  const identity = identityOf(profile);
  if (identity) memories.push(memory('system', identity, () => systemContent(profile, identity)));
  if (moreOptions) memories.push(preset('options', moreOptions));
  if (otp) memories.push(memory('otp', otp, () => new Uint8Array(otp.bytes).fill(0xff)));
  if (eeprom) memories.push(memory('eeprom', eeprom, () => new Uint8Array(eeprom.bytes)));
  if (feature) memories.push(preset('feature', feature));
  return memories;
}

function preset(kind: Memory['kind'], { start, initial }: { start: number; initial: readonly number[] }): Memory {
  return memory(kind, { start, bytes: initial.length }, () => Uint8Array.from(initial));
}

function memory(kind: Memory['kind'], { start, bytes }: Extent, fill: () => Uint8Array): Memory {
  let cells: Uint8Array | undefined;
  return {
    kind,
    start,
    bytes,
    content: () => {
      cells ??= fill();
      return cells;
    },
  };
}

/** UID and flash size, where they lie outside of the system memory. */
function identityOf({ uid, flashSizeAddress, systemMemory }: ChipProfile): Extent | undefined {
  const words = [...(uid.addresses ?? []), ...(flashSizeAddress === undefined ? [] : [flashSizeAddress])]
    .filter((address) => !systemMemory.some(({ start, bytes }) => address >= start && address < start + bytes))
    .map((address) => address - (address % 4));
  if (words.length === 0) return undefined;
  const start = Math.min(...words);
  return { start, bytes: Math.max(...words) + 4 - start };
}

function systemContent(profile: ChipProfile, { start, bytes }: Extent): Uint8Array {
  const content = randomBytes(start, bytes);
  for (const known of knownBytes(profile)) {
    if (known.address >= start && known.address < start + bytes) content.set(known.bytes, known.address - start);
  }
  return content;
}

function knownBytes({ systemBytes, uid, flashSizeAddress, cells }: ChipProfile) {
  const known = [...systemBytes];
  uid.addresses?.forEach((address, index) => {
    known.push({ address, bytes: littleEndian(uid.words[index] ?? 0, 4) });
  });
  if (flashSizeAddress !== undefined) {
    const size = cells.regions.flatMap(({ sectorBytes }) => sectorBytes).reduce((sum, sector) => sum + sector, 0);
    known.push({ address: flashSizeAddress, bytes: littleEndian(size / 1024, 2) });
  }
  return known;
}
