/** From a claimed USB interface to a `DfuTarget`: identifies the loader, reads a ROM for its chip, finds its memory. */
import { CHIPS, type Chip, chipName, MISSES_QUICK_PACKETS, sectorsOf } from '@sureflash/chips';
import { FlashError, isFlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Alternate, UsbPort } from '../ports/usb.ts';
import type { About, ChipReadings } from '../target/about.ts';
import type { Range, Sector } from '../target/geometry.ts';
import { possibleVariants } from '../target/variants.ts';
import { type Examination, examine } from './identify/examine.ts';
import { type Identification, identify, isSt, narrowed, rom } from './identify/identify.ts';
import { checkAgainst, withStatedChip } from './identify/stated-chip.ts';
import {
  announcedFlash,
  hiddenOptionRegion,
  isOptionBytes,
  layoutOf,
  regionsOf,
  unreadText,
} from './memory/geometry.ts';
import { refuseTooManySectors } from './memory/layout.ts';
import { type CorrectedMap, correctedMap, isFiner } from './memory/variant.ts';
import { type FunctionalDescriptor, findFunctionalDescriptor } from './protocol/functional.ts';
import type { Handling, Pace } from './protocol/handling.ts';
import { type ReadAnswer, type ReadAt, readAtThrough } from './protocol/read-at.ts';
import { DfuSession } from './protocol/session.ts';
import type { Quirk, QuirkEffects } from './quirks/quirk.ts';
import { quirksOf } from './quirks/quirks.ts';
import { DfuTarget } from './target.ts';

export interface DfuConnectOptions {
  readonly clock: Clock;
  /** The chip as the user states it. A ROM bootloader that contradicts is refused (`device/other-chip`). */
  readonly chip?: Chip | undefined;
  /** Always wait the advertised time between polls. */
  readonly polite?: boolean | undefined;
  /** The deviations that are taken into account; by default all that are known. */
  readonly quirks?: readonly Quirk[] | undefined;
}

/** Block size of a device without a functional descriptor: the smallest that DfuSe loaders use. */
const DEFAULT_TRANSFER_SIZE = 1024;
/** Linux refuses control transfers above this (drivers/usb/core/devio.c). */
const LARGEST_TRANSFER = 4096;
/** Bytes of Set Address (AN3156 §5.3). */
const LONGEST_COMMAND = 5;
/** bcdDFUVersion of a device that knows ST's commands (UM0391). */
const DFUSE_VERSION = 0x011a;

/**
 * Looks at descriptors only: nothing in the device changes, not even its DFU state.
 * @throws FlashError `device/not-programmable`, `device/other-chip`, `dfu/layout`
 */
export function connectByDescriptors(port: UsbPort, options: DfuConnectOptions): DfuTarget {
  return targetOf(port, options, beginSession(port, options));
}

/**
 * Looks at descriptors; then reads a ROM bootloader for its chip, flash size and banks. Only a ROM is read: nobody but its
 * author knows what an application does when a strange address is read.
 * @throws FlashError `device/not-programmable`, `device/other-chip`, `dfu/layout`; `usb/*` with what descriptors tell in
 * `about`
 */
export async function connectDfu(port: UsbPort, options: DfuConnectOptions): Promise<DfuTarget> {
  const known = beginSession(port, options);
  if (known.identification.kind !== 'st-rom') return targetOf(port, options, known);
  const examination = await examineRom(port, options, known).catch((error: unknown) => {
    throw isFlashError(error) ? error.with({ about: aboutOf(known) }) : error;
  });
  const identification = narrowed(known.identification, examination);
  const quirks = quirksOf({ identity: port.identity, alternates: port.alternates, identification }, options.quirks);
  const examined = { ...known, identification, quirks, examination };
  known.session.adopt(handlingOf(port, options, examined));
  return targetOf(port, options, examined);
}

interface KnownInSession extends Known {
  readonly session: DfuSession;
}

function beginSession(port: UsbPort, options: DfuConnectOptions): KnownInSession {
  const known = readDescriptors(port, options);
  return { ...known, session: new DfuSession(port, { clock: options.clock, ...handlingOf(port, options, known) }) };
}

/** @throws FlashError `device/other-chip`, `usb/*` */
async function examineRom(
  port: UsbPort,
  { chip: stated }: DfuConnectOptions,
  { identification, candidates, named, session, quirks }: KnownInSession,
): Promise<Examination> {
  const { chips, certain } = identification;
  const { serial = '' } = port.identity;
  const readAt = readAtThrough(session);
  const options = optionsPlace(port, quirks);
  const input = { certain, serial, readAt, ...(options && { readOptions: readerOf(options, session, readAt) }) };
  const examination = await examine({ ...input, chips });
  if (stated && !named && !examination.readProtected && examination.bootloader === undefined) {
    // The first examination may have left the option bytes selected; this one begins in the same setting as that one.
    await session.selectAlternate(port.alternates[0]?.number ?? 0);
    checkAgainst(await examine({ ...input, chips: candidates, certain: false }), stated);
  }
  return examination;
}

interface OptionsPlace {
  readonly alternate: number;
  readonly block: Range;
}

/** The first block of option bytes, where the device announces one or is known to have one all the same. */
function optionsPlace({ alternates }: UsbPort, { hiddenOptions = [] }: QuirkEffects): OptionsPlace | undefined {
  const announcing = alternates.find(isOptionBytes);
  const block = announcing ? layoutOf(announcing)?.sectors[0] : hiddenOptions[0];
  const alternate = announcing?.number ?? alternates[0]?.number;
  return block && alternate !== undefined ? { alternate, block } : undefined;
}

/** As a whole: a ROM takes no other length (AN3156 §5.1). */
function readerOf({ alternate, block }: OptionsPlace, session: DfuSession, readAt: ReadAt): () => Promise<ReadAnswer> {
  return async () => {
    await session.selectAlternate(alternate);
    return await readAt(block.start, block.end - block.start);
  };
}

/** What is known of a device: from its descriptors and, once it was read, from its examination. */
interface Known {
  readonly identification: Identification;
  /** The chips that fit, whatever the user has stated. */
  readonly candidates: readonly Chip[];
  /** Whether the device itself has named its chip. */
  readonly named: boolean;
  readonly quirks: QuirkEffects;
  /** wTransferSize. */
  readonly announcedSize: number;
  /** bitCanUpload; absent without a functional descriptor. */
  readonly uploads?: boolean;
  readonly announced: readonly Sector[];
  /** Of settings that are called flash and cannot be understood. */
  readonly broken: readonly FlashError<'dfu/layout'>[];
  readonly examination?: Examination;
}

function readDescriptors(port: UsbPort, { chip, quirks: rows }: DfuConnectOptions): Known {
  const { identity, alternates } = port;
  const functional = findFunctionalDescriptor(port.configurationDescriptor, port.interfaceNumber);
  const announcedSize = functional?.transferSize ?? DEFAULT_TRANSFER_SIZE;
  refuseTooManySectors(alternates.map(({ name }) => name));
  const { sectors: announced, broken } = announcedFlash(alternates);
  const [unread] = broken;
  // A missing map and one that cannot be understood are alike: the table of a stated chip has the sectors.
  if (unread && announced.length === 0 && !chip) throw unread;
  const optionBytes = alternates
    .filter(isOptionBytes)
    .flatMap((each) => layoutOf(each)?.sectors.map(({ start }) => start) ?? []);
  const seen = { identity, alternateCount: alternates.length, transferSize: announcedSize, announced, optionBytes };
  const found = identify(seen);
  // A row may name the chip; the other rows are then matched against that chip.
  const { chipId } = quirksOf({ identity, alternates, identification: found }, rows);
  const described = chipId === undefined ? found : describedAs(chipId, found);
  const identification = chip ? withStatedChip(described, chip, seen) : described;
  const quirks = quirksOf({ identity, alternates, identification }, rows);
  checkProgrammable(functional, alternates, quirks.speaksPlainDfu ?? false);
  const { chips: candidates, certain: named } = described;
  const uploads = functional && { uploads: functional.canUpload };
  return { identification, candidates, named, quirks, announcedSize, announced, broken, ...uploads };
}

function handlingOf(port: UsbPort, { polite = false }: DfuConnectOptions, { quirks, identification }: Known): Handling {
  return { quirks, pace: dfuPace(port, identification, polite) };
}

function dfuPace({ identity }: UsbPort, { kind, chips }: Identification, polite: boolean): Pace {
  // Only ST's loaders are known to hold a poll until they are done.
  if (polite || !isSt(identity)) return 'polite';
  // Nobody has tried whether transfers that follow at once are too quick for these ROMs; waiting for answers costs little.
  if (chips.some(({ limitations }) => limitations.includes(MISSES_QUICK_PACKETS))) return 'one-by-one';
  // An application may take a request that comes while it is busy for an error (DFU 1.1 §A.2.5).
  return kind === 'st-rom' ? 'overlapping' : 'queued';
}

function targetOf(port: UsbPort, { clock }: DfuConnectOptions, known: KnownInSession): DfuTarget {
  const { identification, quirks, announcedSize, session } = known;
  const { correctLayout, silentWhenProtected = false, hiddenOptions = [] } = quirks;
  const alternates = correctLayout
    ? port.alternates.map((each) => ({ ...each, name: correctLayout(each.name, port.identity) }))
    : port.alternates;
  const [certain] = identification.certain ? identification.chips : [];
  const chip = identification.kind === 'st-rom' ? certain : undefined;
  const hidden = hiddenOptionRegion(hiddenOptions, alternates[0]?.number ?? 0);
  const map = known.announced.length === 0 ? certain && tableMap(certain, known) : chip && mapOf(chip, known);
  return new DfuTarget({
    port,
    session,
    clock,
    about: aboutOf(known, map?.difference),
    regions: [...regionsOf(alternates, identification.chips, map?.sectors), ...(hidden ? [hidden] : [])],
    transferSize: transferSizeOf(known),
    // A loader may count blocks in its own size, which the host cannot send: then each block gets an address of its own.
    addressEveryBlock: announcedSize > LARGEST_TRANSFER,
    silentWhenProtected,
  });
}

const transferSizeOf = ({ announcedSize, quirks: { mostBlockBytes = LARGEST_TRANSFER } }: Known): number =>
  Math.min(announcedSize, mostBlockBytes, LARGEST_TRANSFER);

function aboutOf(known: Known, difference?: string): About {
  const { examination } = known;
  return {
    ...known.identification,
    blockSize: transferSizeOf(known),
    ...(known.uploads !== undefined && { uploads: known.uploads }),
    ...(examination?.uid !== undefined && { uid: examination.uid }),
    ...(examination && { readings: readingsOf(examination) }),
    differences: [...(difference === undefined ? [] : [difference]), ...known.broken.map(unreadText)],
  };
}

/** An examination without the parts that the identification has taken up. */
function readingsOf(examination: Examination): ChipReadings {
  const { chips: _, certain: _certain, findings: _findings, uid: _uid, ...readings } = examination;
  return readings;
}

/** Of a chip that is certain, on a device whose map cannot be read. */
function tableMap(chip: Chip, { examination }: Known): CorrectedMap | undefined {
  const [variant] = possibleVariants(chip, examination ?? {}).toSorted((a, b) => a.bytes - b.bytes);
  if (!variant) return undefined;
  return {
    sectors: sectorsOf(variant),
    difference: `its map cannot be read: the sectors of the ${chipName(chip)} are used`,
  };
}

/** On a mere statement no sector becomes smaller than announced: erasing it would take more than the plan says. */
function mapOf(chip: Chip, { announced, examination, named }: Known): CorrectedMap | undefined {
  const map = correctedMap(chip, announced, examination ?? {});
  const isProven = named || examination?.bootloader !== undefined || examination?.devId !== undefined;
  return map && !isProven && isFiner(map.sectors, announced) ? undefined : map;
}

function checkProgrammable(
  functional: FunctionalDescriptor | undefined,
  alternates: readonly Alternate[],
  speaksPlainDfu: boolean,
): void {
  if (functional && !functional.canDownload) {
    throw notProgrammable('its functional descriptor says that it takes no downloads');
  }
  if (functional?.transferSize !== undefined && functional.transferSize < LONGEST_COMMAND) {
    throw notProgrammable(
      `it says that it takes ${functional.transferSize === 1 ? 'a byte' : `${functional.transferSize} bytes`} at once (wTransferSize), and the command that sets an address has five`,
    );
  }
  const isPlain = functional && functional.version < DFUSE_VERSION && !alternates.some((each) => layoutOf(each));
  if (speaksPlainDfu || isPlain) {
    throw notProgrammable("it speaks DFU 1.1 without ST's extension, which knows no addresses; dfu-util can serve it");
  }
}

function notProgrammable(detail: string): FlashError<'device/not-programmable'> {
  return new FlashError('device/not-programmable', { detail, cannotDetach: true });
}

function describedAs(chipId: string, found: Identification): Identification {
  const chips = CHIPS.filter(({ id }) => id === chipId);
  return chips.length === 0 ? found : rom(chips, 'no other chip announces option bytes of this length there');
}
