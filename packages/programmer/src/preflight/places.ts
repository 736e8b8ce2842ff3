/** Where the bytes of a firmware file go, and which of these places cannot be programmed as flash. It reads no device. */
import { type Chip, joinedNames, type Place, type PlaceKind, placeAt, sectorsOf } from '@sureflash/chips/table';
import type { FirmwareDetails, MemoryImage, Segment } from '@sureflash/image';
import { type Remedy, remedy } from '../diagnosis/remedy.ts';
import { hex } from '../target/geometry.ts';
import type { Concern } from './concern.ts';

export const FLASH_START = 0x0800_0000;

interface NamedPlace {
  readonly image: MemoryImage;
  readonly details?: FirmwareDetails | undefined;
}

/** @returns what speaks against the places that the image has bytes for */
export function checkPlaces({ image, details }: NamedPlace, chip: Chip | undefined): Concern[] {
  return [...checkBegin(image, chip), ...checkRam(details), ...checkOutside(image, chip)];
}

function checkBegin(image: MemoryImage, chip: Chip | undefined): Concern[] {
  const base = image.segments.find(({ address }) => placeAt(address, chip).kind === 'flash')?.address;
  if (base === undefined || base === FLASH_START) return [];
  return [
    {
      kind: 'needs-bootloader',
      severity: 'warning',
      seen: `the image begins at ${hex(base)}: it expects something before it, such as a bootloader, to start it`,
      remedy: remedy('Make sure that the flash already holds the bootloader that it expects.'),
    },
  ];
}

function checkRam(details: FirmwareDetails | undefined): Concern[] {
  if (details?.format !== 'elf' || details.ramSegments.length === 0) return [];
  const places = details.ramSegments.map(({ physicalAddress }) => hex(physicalAddress)).join(', ');
  return [
    {
      kind: 'ram-segments',
      severity: 'warning',
      seen: `the file has content for RAM (${places}), which flash cannot hold: it is left out`,
      remedy: IN_RAM,
    },
  ];
}

const IN_RAM = remedy('In the linker script give initialised data a load address in flash (AT> FLASH).');

/** One concern for each kind of place, however many pieces of the image lie there. */
function checkOutside(image: MemoryImage, chip: Chip | undefined): Concern[] {
  const byTitle = new Map<string, { place: Place; pieces: Segment[] }>();
  for (const segment of image.segments) {
    const place = outsideOf(segment, chip);
    if (!place) continue;
    const group = byTitle.get(place.title) ?? { place, pieces: [] };
    group.pieces.push(segment);
    byTitle.set(place.title, group);
  }
  return [...byTitle.values()].map(({ place, pieces }) => concernOf(place, pieces, chip));
}

/** @returns the place where it cannot be programmed as flash or EEPROM */
function outsideOf({ address, bytes }: Segment, chip: Chip | undefined): Place | undefined {
  const end = address + bytes.length;
  const options = chip?.optionBytes.find((start) => address <= start && start < end);
  if (options !== undefined) return placeAt(options, chip);
  const place = placeAt(address, chip);
  if (place.kind === 'eeprom') return undefined;
  if (place.kind !== 'flash') return place;
  if (!chip || chip.variants.length === 0) return undefined;
  // OTP is not in the chip table: what lies there is judged when a device shows its memories.
  const largest = Math.max(...chip.variants.flatMap((variant) => sectorsOf(variant).map((sector) => sector.end)));
  return end <= largest
    ? undefined
    : { kind: 'nothing', title: `beyond the flash, which ends at ${hex(largest - 1)} at most` };
}

/** Without a chip the device may have a memory there that only its own loader knows: that is a warning. */
function concernOf(place: Place, pieces: readonly Segment[], chip: Chip | undefined): Concern {
  const [first] = pieces;
  const last = pieces.at(-1);
  const start = first?.address ?? 0;
  const end = last ? last.address + last.bytes.length : start;
  const range = `${hex(start)} to ${hex(end - 1)}`;
  const several = pieces.length === 1 ? range : `${range} (${pieces.length} pieces)`;
  const of = chip ? ` of the ${joinedNames(chip)}` : '';
  const standsFor = place.standsFor === undefined ? '' : ` and stands for ${hex(place.standsFor)}`;
  const isOptions = place.kind === 'option-bytes';
  return {
    kind: isOptions ? 'option-bytes' : 'outside-flash',
    severity: chip ? 'danger' : 'warning',
    seen: isOptions
      ? `${several} are option bytes${of}: they decide about protection and booting`
      : `${several} lies outside the flash${of}: it is ${place.title}${standsFor}`,
    remedy: REMEDIES[place.kind] ?? OTHER_ADDRESS,
  };
}

const OTHER_ADDRESS = remedy(
  'Check the chip, the linker script and the address that was given for the file, or program only a part of it.',
  'choose-part',
);
const EXTERNAL = remedy(
  "The ROM bootloader cannot write memory outside the chip: program it through the board's own bootloader, and only the flash here.",
  'choose-part',
);
const ALIAS = remedy(
  'Link it for the address of the flash itself, 0x08000000 and up, or program only a part of it.',
  'choose-part',
);
const REMEDIES: { readonly [K in PlaceKind]?: Remedy } = {
  'option-bytes': remedy('Program the flash alone, and set option bytes by their names.', 'choose-part'),
  'external-flash': EXTERNAL,
  'external-memory': EXTERNAL,
  'flash-alias': ALIAS,
  'secure-flash': ALIAS,
  ram: IN_RAM,
  'secure-ram': IN_RAM,
};
