/** What a firmware file itself tells before a device is touched. Pure: it reads no device. */

import {
  type Chip,
  familyFromVectors,
  hasTrustZone,
  joinedNames,
  placeAt,
  readVectorTable,
} from '@sureflash/chips/table';
import type { FirmwareDetails, MemoryImage, Range, Segment } from '@sureflash/image';
import { remedy } from '../diagnosis/remedy.ts';
import { hex } from '../target/geometry.ts';
import type { Concern } from './concern.ts';
import { linkedBase } from './linked-base.ts';
import { checkPlaces, FLASH_START } from './places.ts';
import { findDfuClass } from './stub.ts';

/** An image, and where it comes from as far as that is known. A parsed firmware file is one. */
export interface FirmwareFile {
  readonly image: MemoryImage;
  /** Ranges of the image that no section of the program owns: filling of the linker, which any content may stand for. */
  readonly padding?: readonly Range[] | undefined;
  /** What the format of the file says beyond the image. */
  readonly details?: FirmwareDetails | undefined;
  /** The bytes that the image was parsed from: symbols are read from them. */
  readonly file?: Uint8Array | undefined;
}

export interface CheckOptions {
  /** Chip that the firmware is for; without it fewer things can be said. */
  readonly chip?: Chip | undefined;
  /** Every chip that the device may have, where it is not certain which. */
  readonly candidates?: readonly Chip[] | undefined;
}

/** Where main flash can be on any STM32. */
const FLASH_AREA: Range = { start: FLASH_START, end: 0x0900_0000 };
/** The secure aliases of flash and RAM on chips with TrustZone (RM0438 §2.3, RM0456 §2.3). */
const SECURE_FLASH: Range = { start: 0x0c00_0000, end: 0x0d00_0000 };
const SECURE_FLASH_OFFSET = 0x1000_0000;
const SECURE_RAM = 0x3000_0000;
const SECURE_RAM_END = 0x4000_0000;
const VECTORS_READ = 1024;

/** @returns everything that speaks against programming this firmware, in the order of the checks; often nothing */
export function checkFirmware(firmware: FirmwareFile, { chip, candidates = [] }: CheckOptions = {}): Concern[] {
  const stated = checkStatedFamily(firmware.details, chip ? [chip] : candidates);
  // What is for another maker's chip fits nowhere here, and why is said already.
  if (stated.some(({ severity }) => severity === 'danger')) return stated;
  return [...stated, ...checkVectors(firmware.image, chip), ...checkPlaces(firmware, chip), ...checkDfuClass(firmware)];
}

function checkVectors(image: MemoryImage, chip: Chip | undefined): Concern[] {
  const first = firstInFlash(image, chip);
  if (!first) return [];
  const start = first.address;
  const head = image.read({ start, end: start + VECTORS_READ });
  const table = readVectorTable(head);
  if (!table) {
    return [
      {
        kind: 'no-vector-table',
        severity: 'warning',
        seen: `there is no vector table at ${hex(start)}: the first two words are not a stack pointer into RAM and a Thumb address`,
        remedy: remedy(
          'Check the address of the file and that it was linked with a start-up file. For plain data this is no concern.',
        ),
      },
    ];
  }
  return [
    ...checkStack(table.initialStackPointer, chip),
    ...checkBase(first, { image, chip, handler: inFlash(table.resetHandler - 1, chip) }),
    ...checkFamily(head, chip),
  ];
}

/** The first piece for the flash. What lies in the data EEPROM of L0 and L1, whose addresses follow, is no program. */
function firstInFlash(image: MemoryImage, chip: Chip | undefined): Segment | undefined {
  return image.within(FLASH_AREA).find(({ address }) => placeAt(address, chip).kind === 'flash');
}

/** A vector through an alias of the flash stands for the same place as one through the other (RM0438 §2.3, RM0385 §2.3). */
function inFlash(address: number, chip: Chip | undefined): number {
  if (address >= SECURE_FLASH.start && address < SECURE_FLASH.end) return address - SECURE_FLASH.start + FLASH_START;
  return placeAt(address, chip).standsFor ?? address;
}

/** A full descending stack may begin one past the end of RAM, and be reached through the secure alias of it. */
function checkStack(stated: number, chip: Chip | undefined): Concern[] {
  const isSecure = chip !== undefined && hasTrustZone(chip) && stated >= SECURE_RAM && stated < SECURE_RAM_END;
  const pointer = isSecure ? stated - SECURE_FLASH_OFFSET : stated;
  if (!chip || chip.ram.length === 0 || chip.ram.some(({ start, end }) => pointer > start && pointer <= end)) return [];
  const ram = chip.ram.map(({ start, end }) => `${hex(start)} to ${hex(end - 1)}`).join(', ');
  return [
    {
      kind: 'stack-outside-ram',
      severity: 'danger',
      seen: `the initial stack pointer ${hex(stated)} lies outside the RAM of the ${joinedNames(chip)} (${ram})`,
      remedy: remedy('The firmware is most likely built for another chip: use the file for this one.'),
    },
  ];
}

interface Entry {
  readonly image: MemoryImage;
  readonly chip: Chip | undefined;
  /** Where the reset vector points to, without the Thumb bit. */
  readonly handler: number;
}

/** An image at the address of the chip's start that does not begin there leaves a chip that starts nothing. */
function checkBase({ address, bytes }: Segment, { image, chip, handler }: Entry): Concern[] {
  const hasHandler = image.within({ start: handler, end: handler + 2 }).length > 0;
  const base = linkedBase(bytes, address);
  if (base !== undefined) {
    return [
      {
        kind: 'linked-elsewhere',
        severity: address === FLASH_START && !hasHandler ? 'danger' : 'warning',
        seen: `the vectors and the code that they point to fit ${hex(base)}, but the image begins at ${hex(address)}`,
        remedy: remedy(`Program it at ${hex(base)}, or link it for ${hex(address)}.`, 'state-address'),
      },
    ];
  }
  if (hasHandler) return [];
  const { kind, title } = placeAt(handler, chip);
  // The ROM bootloader may be meant: a program of a few words that enters it.
  if (kind !== 'flash' && kind !== 'eeprom' && kind !== 'system-memory') {
    return [
      {
        kind: 'linked-elsewhere',
        severity: address === FLASH_START ? 'danger' : 'warning',
        seen: `the reset vector points to ${hex(handler)}, which is ${title}: this image was linked for there, and holds no program that a chip can start in flash`,
        remedy: remedy(`Link it for ${hex(address)}, or give the file that was built for the flash.`),
      },
    ];
  }
  return [
    {
      kind: 'reset-outside-image',
      severity: 'warning',
      seen: `the reset vector points to ${hex(handler)}, which is not in the file`,
      remedy: remedy('The file may be linked for another base address, or need other code beside it.'),
    },
  ];
}

/** UF2 says which chips its blocks are for: one family that fits is enough. */
function checkStatedFamily(details: FirmwareDetails | undefined, chips: readonly Chip[]): Concern[] {
  if (details?.format !== 'uf2' || details.families.length === 0) return [];
  const { families } = details;
  const texts = families.map(({ id, name, foreign }) => name ?? foreign ?? `the family ${hex(id)}`).join(', ');
  if (families.every(({ foreign }) => foreign !== undefined))
    return [statedFor(`${texts}, which is no STM32`, 'danger')];
  if (
    chips.length === 0 ||
    families.some(({ name }) => name !== undefined && chips.some((chip) => isOfFamily(chip, name)))
  )
    return [];
  // A loader may have an id of its own, which no list has.
  const isKnown = families.every(({ name, foreign }) => name !== undefined || foreign !== undefined);
  const [chip] = chips;
  const found = chip && chips.length === 1 ? `an ${joinedNames(chip)}` : `an STM32${familiesOf(chips)}`;
  return [statedFor(`${texts}, and the chip is ${found}`, isKnown ? 'danger' : 'warning')];
}

const familiesOf = (chips: readonly Chip[]): string => [...new Set(chips.map(({ family }) => family))].join(' or ');

function statedFor(texts: string, severity: Concern['severity']): Concern {
  return {
    kind: 'other-family',
    severity,
    seen: `the UF2 file says that it is for ${texts}`,
    remedy: remedy('Use the file that was built for this chip.'),
  };
}

/** `STM32F4` stands for a family, `STM32F407VG` and `STM32F411xE` for a part. */
function isOfFamily({ family, names }: Chip, stated: string): boolean {
  const part = stated.replace(/^STM32/, '');
  return part.length <= 3 ? part === family.slice(0, part.length) : names.some((name) => stated.startsWith(name));
}

function checkFamily(head: Uint8Array, chip: Chip | undefined): Concern[] {
  const family = familyFromVectors(head);
  if (!chip || !family || family === chip.family) return [];
  return [
    {
      kind: 'other-family',
      severity: 'danger',
      seen: `the vector table is that of an STM32${family}, but the chip is an ${joinedNames(chip)}`,
      remedy: remedy(`Use the file that was built for the ${joinedNames(chip)}.`),
    },
  ];
}

/** The class alone is no fault; its generated map or empty callbacks are. */
function checkDfuClass({ image, details, file }: FirmwareFile): Concern[] {
  const { product, defaultMap, emptyCallbacks } = findDfuClass(image, details?.format === 'elf' ? file : undefined);
  if (!defaultMap && emptyCallbacks.length === 0) return [];
  const seen = [
    ...(product ? ['it carries the USB DFU class of STM32CubeMX'] : []),
    ...(defaultMap ? ['its memory map is the one that STM32CubeMX generates for every chip'] : []),
    ...(emptyCallbacks.length > 0 ? [`${emptyCallbacks.join(', ')} do nothing: their code touches no memory`] : []),
  ];
  return [
    {
      kind: 'dfu-stub',
      severity: 'warning',
      seen: `once it runs, this firmware cannot be updated over its own USB DFU: ${seen.join('; ')}`,
      remedy: remedy(
        'Write the callbacks in usbd_dfu_if.c, or remove the class and jump to the ROM bootloader instead.',
      ),
    },
  ];
}
