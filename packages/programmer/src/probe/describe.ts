/** What is known of a chip behind a probe: `About`, and the memories that it has. */
import {
  type Chip,
  chipName,
  flashControllerOf,
  otpUntold,
  placeOfOptionBit,
  registerOfOptionBit,
  sectorsOf,
} from '@sureflash/chips';
import { readWord } from '../cortex/debug-access.ts';
import { type ChipSignature, identifyChip, readChipUid, readFlashBytes } from '../cortex/identify.ts';
import { FlashError, hasCode } from '../errors.ts';
import type { About, ChipReadings } from '../target/about.ts';
import { hex, type Range, type Region, type Sector } from '../target/geometry.ts';
import { possibleVariants } from '../target/variants.ts';
import type { Attached } from './attach.ts';
import { byteRegionsOf } from './byte-cells.ts';
import type { DebugProbe } from './debug-probe.ts';
import { readingOfFlash } from './flash-reading.ts';
import { hasOptionsOf, optionRegionOf } from './option-registers.ts';
import { readWorlds, regionsOfWorlds, type Worlds, worldsText } from './worlds.ts';

export interface DescribedChip {
  readonly about: About;
  readonly geometry: readonly Region[];
  /** One of those that it may be, where all of them have their flash alike. */
  readonly chip: Chip | undefined;
  /** Bytes at once that the supply allows (F2, F4, F7). */
  readonly atOnce: number;
  /** All of the flash under its plain names. */
  readonly flash: Region | undefined;
  /** Absent where TrustZone is off, or the chip has none. */
  readonly worlds: Worlds | undefined;
}

const LOCKED_UP = 'its core was locked up: there is no program, or it took a fault in a fault handler';
/** Read protection closes the flash to the core as well as soon as a debugger is there (RM0090, RM0351). */
const LOCKED_OUT = 'its core stands still: with read protection it gets no program while a debugger is connected';

/** @throws FlashError `device/other-chip` where the user has stated another chip */
export async function describeChip(
  probe: DebugProbe,
  attached: Attached,
  stated: Chip | undefined,
): Promise<DescribedChip> {
  const signature = await identifyChip(probe, attached.core);
  const candidates = await fittingChips(probe, signature.chips);
  if (stated && signature.chips.length > 0 && !signature.chips.includes(stated)) {
    throw new FlashError('device/other-chip', {
      stated: chipName(stated),
      because: `its DEV_ID is ${hex(signature.devId ?? 0, 3)}`,
      fits: signature.chips.map(chipName),
    });
  }
  const chips = stated ? [stated] : candidates;
  const [first] = chips;
  const chip = chips.every((each) => first && hasFlashOf(first, each)) ? first : undefined;
  const readings = await chipReadings(probe, signature, first);
  const uid = first && (await readChipUid(probe, first));
  const lockedUp = attached.wasLockedUp ? [readings.readProtected ? LOCKED_OUT : LOCKED_UP] : [];
  const flash = first && flashRegionOf(chips, first, readings);
  const worlds = chip && flash && (await readWorlds(probe, chip, flash));
  const divided = worlds ? [worldsText(worlds)] : [];
  const about: About = {
    kind: 'debug-port',
    title: `${chipTitle(chips, attached)} behind ${probe.title}`,
    because: [`a debug probe reads ${idText(signature)}`, ...lockedUp, ...divided, ...attached.findings].join('; '),
    chips,
    certain: chips.length === 1,
    ...(uid !== undefined && { uid }),
    readings,
    probe: { title: probe.title, ...(attached.volts !== undefined && { volts: attached.volts }) },
    differences: [],
  };
  const hasAlike = chip && chips.every((each) => hasOptionsOf(chip, each));
  const options = hasAlike ? optionRegionOf(chip) : undefined;
  const cells = chip ? await byteRegionsOf(probe, chips) : [];
  // What is named by itself stands before the areas in which it lies.
  const whole = flash ? [flash] : [];
  const parts = flash && worlds ? regionsOfWorlds(flash, worlds) : whole;
  const own = first ? readableOf(first) : [];
  const geometry = [...parts, ...(options ? [options] : []), ...cells, ...own, ...OTHER_REGIONS];
  return { about, geometry, chip, atOnce: atOnceOf(attached.volts), flash, worlds };
}

/** Rows of one die differ in their bootloaders; the largest parts of both have the same sectors. */
function hasFlashOf(chip: Chip, other: Chip): boolean {
  const largest = ({ variants }: Chip): string =>
    JSON.stringify(variants.at(-1)?.banks.map(({ runs }) => runs[0]?.size));
  return flashControllerOf(chip)?.source === flashControllerOf(other)?.source && largest(chip) === largest(other);
}

const chipTitle = (chips: readonly Chip[], { core }: Attached): string =>
  chips.length === 0 ? `unknown chip with a ${core.name}` : chips.map(chipName).join(' or ');

const idText = ({ devId, revision }: ChipSignature): string =>
  devId === undefined ? 'no DEV_ID that the table knows' : `DEV_ID ${hex(devId, 3)}, revision ${hex(revision ?? 0, 4)}`;

/** Rows with the same DEV_ID may have different flash sizes. */
async function fittingChips(probe: DebugProbe, chips: readonly Chip[]): Promise<readonly Chip[]> {
  if (chips.length < 2) return chips;
  const fitting: Chip[] = [];
  for (const chip of chips) {
    const bytes = await readFlashBytes(probe, chip);
    if (bytes === undefined || chip.variants.some((variant) => variant.bytes === bytes)) fitting.push(chip);
  }
  return fitting.length > 0 ? fitting : chips;
}

async function chipReadings(
  probe: DebugProbe,
  { devId }: ChipSignature,
  chip: Chip | undefined,
): Promise<ChipReadings> {
  const unknown: string[] = [];
  const optionBits: Record<string, 0 | 1> = {};
  if (!chip) return { readProtected: false, optionBits, unknown };
  const flashBytes = await readFlashBytes(probe, chip);
  if (flashBytes === undefined) unknown.push('flash size: the chip does not tell it');
  const noOtp = otpUntold(chip);
  if (noOtp !== undefined) unknown.push(`OTP: ${noOtp}`);
  const { isProtected: readProtected, finding } = await readingOfFlash(probe, chip);
  if (finding !== undefined) unknown.push(finding);
  for (const name of undecided(chip, flashBytes)) {
    const place = placeOfBit(chip, name);
    const word = place && (await orRefused(readWord(probe, place.word)));
    if (word === undefined)
      unknown.push(`${name}: the option byte with it ${place ? 'cannot be read' : 'has no known place'}`);
    else optionBits[name] = ((word >>> (place?.bit ?? 0)) & 1) === 1 ? 1 : 0;
  }
  return {
    readProtected,
    ...(flashBytes !== undefined && { flashBytes }),
    ...(devId !== undefined && { devId }),
    optionBits,
    unknown,
  };
}

/** A register tells what holds; the memory of option bytes, what will hold after the next reset. */
function placeOfBit(chip: Chip, name: string): { word: number; bit: number } | undefined {
  const register = registerOfOptionBit(chip, name);
  if (register) return { word: register.register, bit: register.bit };
  const [start] = chip.optionBytes;
  const place = placeOfOptionBit(chip, name);
  if (start === undefined || !place) return undefined;
  return { word: start + (place.byte & ~3), bit: 8 * (place.byte & 3) + place.bit };
}

function undecided(chip: Chip, flashBytes: number | undefined): Set<string> {
  const left = possibleVariants(chip, flashBytes === undefined ? {} : { flashBytes });
  return left.length < 2 ? new Set() : new Set(left.flatMap(({ option }) => (option ? [option.name] : [])));
}

async function orRefused<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'probe/refused')) return undefined;
    throw error;
  }
}

const WIDEST = 4;
/** Volts from which F2, F4 and F7 take so many bytes at once (RM0090, table "Program/erase parallelism"). */
const SUPPLY_STEPS = [
  [2.7, WIDEST],
  [2.1, 2],
] as const;

/** What the supply is unknown of gets what every supply allows. */
const atOnceOf = (volts: number | undefined): number => SUPPLY_STEPS.find(([least]) => (volts ?? 0) >= least)?.[1] ?? 1;

/** @returns the flash as its size and option bits say; of several that are possible, the largest */
function flashRegionOf(chips: readonly Chip[], chip: Chip, readings: ChipReadings): Region | undefined {
  const left = possibleVariants(chip, readings);
  const [variant] = (left.length > 0 ? [...left] : [...chip.variants]).sort((a, b) => b.bytes - a.bytes);
  if (!variant) return undefined;
  const sectors = sectorsOf(variant).map((range, index) => ({ ...range, index, ...OPEN }));
  return {
    name: 'Internal flash',
    kind: 'flash',
    start: sectors[0]?.start ?? 0,
    end: sectors.at(-1)?.end ?? 0,
    sectors,
    writeSize: Math.max(...chips.map(({ writeSize }) => writeSize), WIDEST),
    erasedValue: chip.erasedValue,
    cells: chip.cells,
  };
}

const OPEN = { readable: true, erasable: true, writable: true } as const;

/** The whole address space of a Cortex-M beside its flash (ARMv7-M B3.1): to read, not to program. */
const OTHER_REGIONS: readonly Region[] = [
  readableRegion('Code', { start: 0, end: 0x0800_0000 }),
  readableRegion('System memory', { start: 0x1fff_0000, end: 0x2000_0000 }),
  readableRegion('RAM', { start: 0x2000_0000, end: 0x4000_0000 }),
  readableRegion('Peripherals', { start: 0x4000_0000, end: 0x6000_0000 }),
  readableRegion('Private peripherals', { start: 0xe000_0000, end: 0xe010_0000 }),
];

/** What a chip has outside of the areas that all have alike: RAM on the code bus, and the system memory of M7 and M33 parts. */
function readableOf({ ram, systemMemory }: Chip): Region[] {
  const isElsewhere = (range: Range): boolean =>
    !OTHER_REGIONS.some(({ start, end }) => start <= range.start && range.end <= end);
  return [
    ...ram.filter(isElsewhere).map((range) => readableRegion('RAM on the code bus', range)),
    ...systemMemory.filter(isElsewhere).map((range) => readableRegion('ROM', range)),
  ];
}

function readableRegion(name: string, range: Range): Region {
  const sector: Sector = { ...range, index: 0, readable: true, erasable: false, writable: false };
  return { name, kind: 'other', ...range, sectors: [sector], writeSize: WIDEST, erasedValue: 0xff, cells: 'plain' };
}
