/** Says what is wrong with a DfuSe memory layout string, by itself and for a chip and a partition. */
import type { Chip, FlashVariant } from '@sureflash/chips';
import { chipName, sectorsOf } from '@sureflash/chips';
import { type Layout, parseLayout } from '../../dfu/memory/layout.ts';
import { hasCode } from '../../errors.ts';
import { hex, type Sector } from '../../target/geometry.ts';
import { LONGEST_LAYOUT, makeLayout } from './make.ts';

export type LayoutProblemKind =
  | 'no-layout'
  | 'syntax'
  | 'too-long'
  | 'generated-default'
  | 'other-sectors'
  | 'loader-open'
  | 'application-closed';

export interface LayoutProblem {
  readonly kind: LayoutProblemKind;
  /** One sentence. */
  readonly says: string;
  /** Where in the string, for `syntax`. */
  readonly offset?: number;
}

export interface CheckLayoutOptions {
  readonly chip?: Chip;
  /** Flash of the very part, in bytes. */
  readonly flashBytes?: number;
  /** First address of the application, if there is a loader before it. */
  readonly application?: number;
}

export interface CheckedLayout {
  /** What could be read of it. */
  readonly layout?: Layout;
  /** Empty: nothing is wrong with it. */
  readonly problems: readonly LayoutProblem[];
  /** The divisions of the chip's flash that have exactly these sectors. */
  readonly fits: readonly FlashVariant[];
  /** A right one, where the chip is known and this one is wrong. */
  readonly instead?: string;
}

/** `FLASH_DESC_STR` of STM32CubeMX for every chip: the map of a 2 MB STM32F42x (stm32-mw-usb-device, template). */
const CUBEMX_LAYOUT = '03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg';

/** Never throws for the string: what cannot be read of it is a problem like any other. */
export function checkLayout(text: string, options: CheckLayoutOptions = {}): CheckedLayout {
  const { chip } = options;
  const read = readLayout(text);
  if (!read.layout) return { problems: read.problems, fits: [], ...insteadOf(options) };
  const { flashBytes } = options;
  const possible = (chip?.variants ?? []).filter(({ bytes }) => flashBytes === undefined || bytes === flashBytes);
  const fits = possible.filter((variant) => hasSectors(read.layout?.sectors ?? [], variant));
  const problems = [
    ...read.problems,
    ...lengthProblems(text),
    ...(chip ? chipProblems(text, read.layout, { chip, possible, fits }) : generatedProblems(text)),
    ...(options.application === undefined ? [] : partitionProblems(read.layout.sectors, options.application)),
  ];
  return { layout: read.layout, problems, fits, ...(problems.length > 0 && insteadOf(options, fits[0])) };
}

function readLayout(text: string): { layout?: Layout; problems: LayoutProblem[] } {
  try {
    const layout = parseLayout(text);
    if (layout) return { layout, problems: [] };
    const says = 'It is no layout string: it does not begin with "@", so that hosts know no memory of the device.';
    return { problems: [{ kind: 'no-layout', says, offset: 0 }] };
  } catch (error) {
    if (!hasCode(error, 'dfu/layout')) throw error;
    const { offset, expected } = error.facts;
    const says = `It cannot be understood at position ${offset}, "${text.slice(offset, offset + 12)}": expected ${expected}.`;
    return { problems: [{ kind: 'syntax', says, offset }] };
  }
}

function lengthProblems({ length }: string): LayoutProblem[] {
  if (length <= LONGEST_LAYOUT) return [];
  const says = `It has ${length} characters; a USB string descriptor carries at most ${LONGEST_LAYOUT}.`;
  return [{ kind: 'too-long', says }];
}

function generatedProblems(text: string): LayoutProblem[] {
  if (!text.includes(CUBEMX_LAYOUT)) return [];
  const says = 'It is the map that STM32CubeMX generates for every chip: that of a 2 MB STM32F42x.';
  return [{ kind: 'generated-default', says }];
}

interface Candidates {
  readonly chip: Chip;
  readonly possible: readonly FlashVariant[];
  readonly fits: readonly FlashVariant[];
}

function chipProblems(text: string, { sectors }: Layout, { chip, possible, fits }: Candidates): LayoutProblem[] {
  if (fits.length > 0 || possible.length === 0) return [];
  const name = chipName(chip);
  const own = sectorsOf(possible.at(-1) ?? { name: '', bytes: 0, banks: [] });
  const at =
    sectors.find((sector, i) => sector.start !== own[i]?.start || sector.end !== own[i]?.end) ?? sectors.at(-1);
  const there = own.find(({ start, end }) => at && start <= at.start && at.start < end);
  const says = at
    ? `The sector at ${hex(at.start)} has ${at.end - at.start} bytes; ${there ? `there the ${name} has one of ${there.end - there.start} at ${hex(there.start)}` : `the ${name} has no flash there, or ends elsewhere`}.`
    : `It has no sectors.`;
  return [...generatedProblems(text), { kind: 'other-sectors', says }];
}

function partitionProblems(sectors: readonly Sector[], application: number): LayoutProblem[] {
  const open = sectors.find(({ start, erasable, writable }) => start < application && (erasable || writable));
  const closed = sectors.find(({ start, erasable, writable }) => start >= application && !(erasable && writable));
  return [
    ...(open
      ? [
          {
            kind: 'loader-open' as const,
            says: `The sector at ${hex(open.start)} belongs to the loader and is marked as erasable or writable: a host may erase the loader.`,
          },
        ]
      : []),
    ...(closed
      ? [
          {
            kind: 'application-closed' as const,
            says: `The sector at ${hex(closed.start)} belongs to the application and is not marked as erasable and writable: hosts refuse to program it.`,
          },
        ]
      : []),
  ];
}

function hasSectors(sectors: readonly Sector[], variant: FlashVariant): boolean {
  const own = sectorsOf(variant);
  return (
    own.length === sectors.length &&
    own.every(({ start, end }, i) => sectors[i]?.start === start && sectors[i]?.end === end)
  );
}

function insteadOf(
  { chip, flashBytes, application }: CheckLayoutOptions,
  variant?: FlashVariant,
): { instead?: string } {
  if (!chip || chip.variants.length === 0) return {};
  try {
    const size = flashBytes === undefined ? {} : { flashBytes };
    const border = application === undefined ? {} : { application };
    return { instead: makeLayout({ chip, ...(variant && { variant }), ...size, ...border }) };
  } catch (error) {
    // An address that is no border of this chip: there is no right string for it.
    if (hasCode(error, 'fix/option')) return {};
    throw error;
  }
}
