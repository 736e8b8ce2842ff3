/** What a firmware file itself tells before a device is touched. Pure: it reads no device. */
import { type Chip, familyFromVectors, readVectorTable, sectorsOf } from '@sureflash/chips';
import type { FirmwareDetails, MemoryImage, Range, Segment } from '@sureflash/image';
import { type Remedy, remedy } from '../diagnosis/remedy.ts';
import { hex } from '../target/geometry.ts';
import { findDfuClass } from './stub.ts';

export type ConcernKind =
  | 'no-vector-table'
  | 'stack-outside-ram'
  | 'reset-outside-image'
  | 'other-family'
  | 'outside-flash'
  | 'option-bytes'
  | 'ram-segments'
  | 'needs-bootloader'
  | 'dfu-stub';

/** A danger stops a job unless it is forced; a warning does not. */
export interface Concern {
  readonly kind: ConcernKind;
  readonly severity: 'danger' | 'warning';
  /** What was seen, one clause without a full stop. */
  readonly seen: string;
  readonly remedy: Remedy;
}

/** An image, and where it comes from as far as that is known. A parsed firmware file is one. */
export interface FirmwareFile {
  readonly image: MemoryImage;
  /** What the format of the file says beyond the image. */
  readonly details?: FirmwareDetails | undefined;
  /** The bytes that the image was parsed from: symbols are read from them. */
  readonly file?: Uint8Array | undefined;
}

export interface CheckOptions {
  /** Chip that the firmware is for; without it fewer things can be said. */
  readonly chip?: Chip | undefined;
}

const FLASH_START = 0x0800_0000;
/** Where main flash can be on any STM32. */
const FLASH_AREA: Range = { start: FLASH_START, end: 0x0900_0000 };
const VECTORS_READ = 1024;

/** @returns everything that speaks against programming this firmware, in the order of the checks; often nothing */
export function checkFirmware(firmware: FirmwareFile, { chip }: CheckOptions = {}): Concern[] {
  return [...checkVectors(firmware.image, chip), ...checkPlaces(firmware, chip), ...checkDfuClass(firmware)];
}

function checkVectors(image: MemoryImage, chip: Chip | undefined): Concern[] {
  const [first] = image.within(FLASH_AREA);
  if (!first) return [];
  const start = first.address;
  const head = image.read({ start, end: start + VECTORS_READ });
  const table = readVectorTable(head);
  if (!table) {
    return [
      {
        kind: 'no-vector-table',
        severity: 'warning',
        seen: `at ${hex(start)} there is no vector table: the first two words are no stack pointer in RAM and no Thumb address`,
        remedy: remedy(
          'Check the address of the file and that it was linked with a start-up file. For plain data this is no concern.',
        ),
      },
    ];
  }
  return [
    ...checkStack(table.initialStackPointer, chip),
    ...checkReset(table.resetHandler, image),
    ...checkFamily(head, chip),
  ];
}

/** A full descending stack may begin one past the end of RAM. */
function checkStack(pointer: number, chip: Chip | undefined): Concern[] {
  if (!chip || chip.ram.length === 0 || chip.ram.some(({ start, end }) => pointer > start && pointer <= end)) return [];
  const ram = chip.ram.map(({ start, end }) => `${hex(start)} to ${hex(end - 1)}`).join(', ');
  return [
    {
      kind: 'stack-outside-ram',
      severity: 'danger',
      seen: `the initial stack pointer ${hex(pointer)} lies outside the RAM of the ${nameOf(chip)} (${ram})`,
      remedy: remedy('The firmware is most likely built for another chip: take the file for this one.'),
    },
  ];
}

function checkReset(handler: number, image: MemoryImage): Concern[] {
  const start = handler - 1;
  if (image.within({ start, end: start + 2 }).length > 0) return [];
  return [
    {
      kind: 'reset-outside-image',
      severity: 'warning',
      seen: `the reset vector points to ${hex(start)}, which is not in the file`,
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
      seen: `the vector table is that of an STM32${family}, the chip is an ${nameOf(chip)}`,
      remedy: remedy(`Take the file that was built for the ${nameOf(chip)}.`),
    },
  ];
}

function checkPlaces({ image, details }: FirmwareFile, chip: Chip | undefined): Concern[] {
  const concerns: Concern[] = [];
  const base = image.within(FLASH_AREA)[0]?.address;
  if (base !== undefined && base !== FLASH_START) {
    concerns.push({
      kind: 'needs-bootloader',
      severity: 'warning',
      seen: `the image begins at ${hex(base)}: it expects something before it, such as a bootloader, to start it`,
      remedy: remedy('Make sure that the flash already holds the bootloader that it expects.'),
    });
  }
  if (details?.format === 'elf' && details.ramSegments.length > 0) {
    const places = details.ramSegments.map(({ physicalAddress }) => hex(physicalAddress)).join(', ');
    concerns.push({
      kind: 'ram-segments',
      severity: 'warning',
      seen: `the file has content for RAM (${places}), which flash cannot hold: it is left out`,
      remedy: remedy('In the linker script give initialised data a load address in flash (AT> FLASH).'),
    });
  }
  return chip ? [...concerns, ...image.segments.flatMap((segment) => checkSegment(segment, chip))] : concerns;
}

function checkSegment({ address, bytes }: Segment, chip: Chip): Concern[] {
  const end = address + bytes.length;
  const place = `${hex(address)} to ${hex(end - 1)}`;
  if (chip.optionBytes.some((start) => address <= start && start < end)) {
    return [
      {
        kind: 'option-bytes',
        severity: 'danger',
        seen: `${place} are option bytes of the ${nameOf(chip)}: they decide about protection and booting`,
        remedy: remedy('Program the flash alone, and set option bytes by their names.', 'choose-part'),
      },
    ];
  }
  // OTP is not in the chip table: what lies there is judged when a device shows its memories.
  if (chip.eeprom?.some((eeprom) => eeprom.start <= address && end <= eeprom.end)) return [];
  const largest = Math.max(...chip.variants.flatMap((variant) => sectorsOf(variant).map((sector) => sector.end)));
  if (chip.variants.length === 0 || (address >= FLASH_START && end <= largest)) return [];
  return [
    {
      kind: 'outside-flash',
      severity: 'danger',
      seen: `${place} lies outside the flash of the ${nameOf(chip)}, which ends at ${hex(largest - 1)} at most`,
      remedy: remedy(
        'Check the chip, the linker script and the address that was given for the file, or program only a part of it.',
        'choose-part',
      ),
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

const nameOf = (chip: Chip): string => chip.names[0] ?? chip.id;
