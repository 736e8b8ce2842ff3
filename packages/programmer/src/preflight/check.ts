/** What a firmware file itself tells before a device is touched. Pure: it reads no device. */

import { type Chip, chipName, familyFromVectors, hasTrustZone, placeAt, readVectorTable } from '@sureflash/chips/table';
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
export function checkFirmware(firmware: FirmwareFile, { chip }: CheckOptions = {}): Concern[] {
  return [...checkVectors(firmware.image, chip), ...checkPlaces(firmware, chip), ...checkDfuClass(firmware)];
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
    ...checkBase(first, { image, handler: inFlash(table.resetHandler) - 1 }),
    ...checkFamily(head, chip),
  ];
}

/** The first piece for the flash. What lies in the data EEPROM of L0 and L1, whose addresses follow, is no program. */
function firstInFlash(image: MemoryImage, chip: Chip | undefined): Segment | undefined {
  return image.within(FLASH_AREA).find(({ address }) => placeAt(address, chip).kind === 'flash');
}

/** A vector through the secure alias of the flash stands for the same place as one through the other (RM0438 §2.3). */
const inFlash = (address: number): number =>
  address >= SECURE_FLASH.start && address < SECURE_FLASH.end ? address - SECURE_FLASH.start + FLASH_START : address;

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
      seen: `the initial stack pointer ${hex(stated)} lies outside the RAM of the ${chipName(chip)} (${ram})`,
      remedy: remedy('The firmware is most likely built for another chip: use the file for this one.'),
    },
  ];
}

interface Entry {
  readonly image: MemoryImage;
  /** Where the reset vector points to, without the Thumb bit. */
  readonly handler: number;
}

/** An image at the address of the chip's start that does not begin there leaves a chip that starts nothing. */
function checkBase({ address, bytes }: Segment, { image, handler }: Entry): Concern[] {
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
  return [
    {
      kind: 'reset-outside-image',
      severity: 'warning',
      seen: `the reset vector points to ${hex(handler)}, which is not in the file`,
      remedy: remedy('The file may be linked for another base address, or need other code beside it.'),
    },
  ];
}

function checkFamily(head: Uint8Array, chip: Chip | undefined): Concern[] {
  const family = familyFromVectors(head);
  if (!chip || !family || family === chip.family) return [];
  return [
    {
      kind: 'other-family',
      severity: 'danger',
      seen: `the vector table is that of an STM32${family}, but the chip is an ${chipName(chip)}`,
      remedy: remedy(`Use the file that was built for the ${chipName(chip)}.`),
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
