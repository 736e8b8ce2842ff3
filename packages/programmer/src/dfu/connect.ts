/** From a claimed USB interface to a `DfuTarget`: who is it, what memory has it, which deviations hold. */
import { CHIPS, type Chip, MISSES_QUICK_PACKETS } from '@sureflash/chips';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Alternate, UsbPort } from '../ports/usb.ts';
import type { Sector } from '../target/geometry.ts';
import { type Examination, type Examined, examine } from './examine.ts';
import { type FunctionalDescriptor, findFunctionalDescriptor } from './functional.ts';
import { layoutOf, regionsOf } from './geometry.ts';
import { type Identification, identify, isSt, narrowed, rom } from './identify.ts';
import { type Peek, peekThrough } from './peek.ts';
import { type Quirk, type QuirkEffects, quirksOf } from './quirks.ts';
import { DfuSession } from './session.ts';
import { checkAgainst, withStatedChip } from './stated-chip.ts';
import { DfuTarget } from './target.ts';
import { type Division, isFiner, trueDivision } from './variant.ts';

export interface ConnectOptions {
  readonly clock: Clock;
  /** What the user says that the chip is. A ROM bootloader that says otherwise is refused (`device/other-chip`). */
  readonly chip?: Chip;
  /** Always wait the advertised time between polls. */
  readonly polite?: boolean;
  /** The deviations that are reckoned with; all that are known where absent. */
  readonly quirks?: readonly Quirk[];
}

/** Block size of a device without a functional descriptor: the smallest that DfuSe loaders use. */
const DEFAULT_TRANSFER_SIZE = 1024;
/** Linux refuses control transfers above this (drivers/usb/core/devio.c). */
const LARGEST_TRANSFER = 4096;
/** bcdDFUVersion of a device that knows ST's commands (UM0391). */
const DFUSE_VERSION = 0x011a;

/**
 * Looks at descriptors only: nothing in the device changes, not even its DFU state.
 * @throws FlashError `device/not-programmable`, `device/other-chip`, `dfu/layout`
 */
export function connectDfu(port: UsbPort, options: ConnectOptions): DfuTarget {
  return targetOf(port, options, understand(port, options));
}

/**
 * As `connectDfu`; then a ROM bootloader is read, so that chip, flash size and banks are known where it tells them. Nobody
 * else is: what a read at a strange address does to an application is its author's secret.
 * @throws FlashError `device/not-programmable`, `device/other-chip`, `dfu/layout`, `usb/*`
 */
export async function examineDfu(port: UsbPort, options: ConnectOptions): Promise<DfuTarget> {
  const seen = understand(port, options);
  const { loader, chips, certain } = seen.identification;
  if (loader !== 'st-rom') return targetOf(port, options, seen);
  const { serial = '' } = port.identity;
  const session = sessionOf(port, options, seen);
  const peek = peekThrough(session);
  const asked = { certain, serial, peek, ...peekOptionsOf(port, session, peek) };
  const examination = await examine({ ...asked, chips });
  const { chip: stated } = options;
  if (stated && !seen.named && !examination.readProtected && examination.bootloader === undefined) {
    // Where it was when its first bytes were read: since then option bytes may have been.
    await session.selectAlternate(port.alternates[0]?.number ?? 0);
    checkAgainst(await examine({ ...asked, chips: seen.candidates, certain: false }), stated);
  }
  const identification = narrowed(seen.identification, examination);
  const quirks = quirksOf({ identity: port.identity, alternates: port.alternates, identification }, options.quirks);
  return targetOf(port, options, { ...seen, identification, quirks, examination, session });
}

/** The first block of option bytes, as a whole: a ROM takes no other length (AN3156 §5.1). */
function peekOptionsOf(port: UsbPort, session: DfuSession, peek: Peek): Pick<Examined, 'peekOptions'> {
  const alternate = port.alternates.find(isOptionBytes);
  const block = alternate && layoutOf(alternate)?.sectors[0];
  if (!block) return {};
  return {
    peekOptions: async () => {
      await session.selectAlternate(alternate.number);
      return await peek(block.start, block.end - block.start);
    },
  };
}

/** What descriptors tell, rows of quirks included. */
interface Understanding {
  readonly identification: Identification;
  /** The chips that fit, whatever was stated. */
  readonly candidates: readonly Chip[];
  /** Whether the device itself has named its chip. */
  readonly named: boolean;
  readonly quirks: QuirkEffects;
  /** wTransferSize. */
  readonly announcedSize: number;
  readonly announced: readonly Sector[];
  readonly examination?: Examination;
  /** The one through which it was examined. */
  readonly session?: DfuSession;
}

function understand(port: UsbPort, { chip, quirks: rows }: ConnectOptions): Understanding {
  const { identity, alternates } = port;
  const functional = findFunctionalDescriptor(port.configurationDescriptor);
  const announcedSize = functional?.transferSize ?? DEFAULT_TRANSFER_SIZE;
  const flash = alternates.find(({ name }) => /flash/i.test(name)) ?? alternates[0];
  const announced = (flash && layoutOf(flash)?.sectors) ?? [];
  const optionBytes = alternates
    .filter(isOptionBytes)
    .flatMap((each) => layoutOf(each)?.sectors.map(({ start }) => start) ?? []);
  const seen = { identity, alternateCount: alternates.length, transferSize: announcedSize, announced, optionBytes };
  const found = identify(seen);
  // Whom a row recognises is somebody else for the other rows.
  const { chipId } = quirksOf({ identity, alternates, identification: found }, rows);
  const described = chipId === undefined ? found : describedAs(chipId, found);
  const identification = chip ? withStatedChip(described, chip, seen) : described;
  const quirks = quirksOf({ identity, alternates, identification }, rows);
  checkProgrammable(functional, alternates, quirks.speaksPlainDfu ?? false);
  const { chips: candidates, certain: named } = described;
  return { identification, candidates, named, quirks, announcedSize, announced };
}

function sessionOf(
  port: UsbPort,
  { clock, polite = false }: ConnectOptions,
  { quirks, identification, session: earlier }: Understanding,
): DfuSession {
  // Whether transfers that follow at once are too quick for these ROMs was not tried; waiting for answers costs little.
  const unhurried = identification.chips.some(({ limitations }) => limitations.includes(MISSES_QUICK_PACKETS));
  // Only ST's loaders are known to hold a poll until they are done.
  const isPolite = polite || !isSt(port.identity);
  // An application may take a request that comes while it is busy for an error (DFU 1.1 §A.2.5).
  const overlaps = identification.loader === 'st-rom';
  return new DfuSession(port, { clock, quirks, polite: isPolite, unhurried, overlaps, ...(earlier && { earlier }) });
}

function targetOf(port: UsbPort, options: ConnectOptions, seen: Understanding): DfuTarget {
  const { identification, quirks, announcedSize, examination } = seen;
  const { correctLayout, mostBlockBytes = LARGEST_TRANSFER, silentWhenProtected = false } = quirks;
  const alternates = correctLayout
    ? port.alternates.map((each) => ({ ...each, name: correctLayout(each.name, port.identity) }))
    : port.alternates;
  const [chip] = identification.certain && identification.loader === 'st-rom' ? identification.chips : [];
  const division = chip && divisionOf(chip, seen);
  return new DfuTarget({
    port,
    session: sessionOf(port, options, seen),
    clock: options.clock,
    identification,
    regions: regionsOf(alternates, identification.chips, division?.sectors),
    transferSize: Math.min(announcedSize, mostBlockBytes, LARGEST_TRANSFER),
    // A loader may count blocks in its own size, which we cannot send: each block then gets an address of its own.
    addressEveryBlock: announcedSize > LARGEST_TRANSFER,
    silentWhenProtected,
    differences: division?.difference === undefined ? [] : [division.difference],
    ...(examination && { examination }),
  });
}

/** On a mere statement no sector becomes smaller than announced: erasing it would take more than the plan says. */
function divisionOf(chip: Chip, { announced, examination, named }: Understanding): Division | undefined {
  const division = trueDivision(chip, announced, examination ?? {});
  const isProven = named || examination?.bootloader !== undefined || examination?.devId !== undefined;
  return division && !isProven && isFiner(division.sectors, announced) ? undefined : division;
}

function checkProgrammable(
  functional: FunctionalDescriptor | undefined,
  alternates: readonly Alternate[],
  speaksPlainDfu: boolean,
): void {
  if (functional && !functional.canDownload) {
    throw notProgrammable('its functional descriptor says that it takes no downloads');
  }
  const isPlain = functional && functional.version < DFUSE_VERSION && !alternates.some((each) => layoutOf(each));
  if (speaksPlainDfu || isPlain) {
    throw notProgrammable("it speaks DFU 1.1 without ST's extension, which knows no addresses; dfu-util can serve it");
  }
}

function notProgrammable(detail: string): FlashError<'device/not-programmable'> {
  return new FlashError('device/not-programmable', { detail });
}

const isOptionBytes = ({ name }: Alternate): boolean => /^@option byte/i.test(name);

function describedAs(chipId: string, found: Identification): Identification {
  const chips = CHIPS.filter(({ id }) => id === chipId);
  return chips.length === 0 ? found : rom(chips, 'no other chip announces option bytes of this length there');
}
