/** DfuSe memory layout strings (UM0424 §10.3.2): how a device describes its memory. They never prove geometry. */
import { FlashError } from '../../errors.ts';
import type { Sector } from '../../target/geometry.ts';

export interface Layout {
  /** Without the `@` and without trailing spaces. */
  readonly name: string;
  /** In the order of the string, which need not be that of the addresses: STM32F42x ROMs begin with bank 1. */
  readonly sectors: readonly Sector[];
}

const UNIT: Readonly<Record<string, number>> = { B: 1, K: 1024, M: 1024 * 1024 };
const UNIT_MB = 1024 * 1024;
const READABLE = 1;
const ERASABLE = 2;
const WRITABLE = 4;
/** The largest real map is 512 sectors of 8 KB; a broken one must not fill the memory. */
const MOST_LAYOUT_SECTORS = 8_192;
/** Over all strings of a device: some ROMs name their flash three times. */
const MOST_SECTORS_IN_ALL = 16_384;
/**
 * No memory that is erased by sectors has larger ones. What stands beside an image is kept as Intel HEX, which has to stay a
 * file that the next run can read.
 */
const LARGEST_SECTOR = 4 * 1024 * 1024;
/** The largest flash beside an STM32 has 128 MB. */
const LARGEST_MEMORY = 256 * 1024 * 1024;
/** A USB string descriptor has room for 126 characters (USB 2.0 §9.6.7). */
const LONGEST_DEVICE_LAYOUT = 1_024;
/**
 * A name in any language; what follows ends at the first other character: STM32F42x ROMs send the bytes that follow in their
 * memory, too.
 */
const PRINTABLE = /^[^\p{Cc}/]*(?:\/[ -~]*)?/u;
const RUN = /^(\d{1,4})\s*\*\s*(\d{1,4})\s*([ BKM]?)\s*([a-gA-G])$/;

/**
 * Accepts the strings of real devices: counts of one to four digits, `128g` `256 g` `40Be` `01Ke`, several address ranges in
 * one string, names with spaces and colons, names in other languages, anything behind a
 * character of the map that is not printable ASCII.
 * @returns `undefined` for a string that is not a layout at all (it has no `@`)
 * @throws FlashError `dfu/layout` with the offset of the first part that cannot be understood
 */
export function parseLayout(raw: string): Layout | undefined {
  const text = PRINTABLE.exec(raw)?.[0] ?? '';
  if (!text.startsWith('@')) return undefined;
  if (text.length > LONGEST_DEVICE_LAYOUT)
    throw badLayout(
      text.slice(0, LONGEST_DEVICE_LAYOUT),
      LONGEST_DEVICE_LAYOUT,
      `at most ${LONGEST_DEVICE_LAYOUT} characters`,
    );
  const nameEnd = text.indexOf('/');
  if (nameEnd < 0) throw badLayout(text, text.length, 'a "/" before the first address');
  const sectors: Sector[] = [];
  const parts = text.slice(nameEnd + 1).split('/');
  let offset = nameEnd + 1;
  for (let i = 0; i + 1 < parts.length || i === 0; i += 2) {
    const addressText = parts[i] ?? '';
    const runsText = parts[i + 1];
    const start = parseAddress(text, addressText, offset);
    offset += addressText.length + 1;
    if (runsText === undefined) throw badLayout(text, offset - 1, 'a "/" and sectors after the address');
    appendRuns(text, { runsText, offset, start }, sectors);
    offset += runsText.length + 1;
  }
  return { name: text.slice(1, nameEnd).trimEnd(), sectors };
}

/**
 * Adds up what the strings of a device announce, before any of them is expanded.
 * @throws FlashError `dfu/layout` with the string that is too much
 */
export function refuseTooManySectors(raws: readonly string[]): void {
  let sum = 0;
  for (const raw of raws) {
    const text = PRINTABLE.exec(raw)?.[0].slice(0, LONGEST_DEVICE_LAYOUT) ?? '';
    for (const [, count = ''] of text.matchAll(/(\d{1,4})\s*\*/g)) sum += Number.parseInt(count, 10);
    if (sum > MOST_SECTORS_IN_ALL)
      throw badLayout(text, text.length, `at most ${MOST_SECTORS_IN_ALL} sectors in all settings`);
  }
}

function parseAddress(text: string, part: string, offset: number): number {
  const match = /^\s*0[xX]([0-9a-fA-F]{1,8})\s*$/.exec(part);
  if (!match?.[1]) throw badLayout(text, offset, 'an address such as 0x08000000');
  return Number.parseInt(match[1], 16);
}

function appendRuns(
  text: string,
  { runsText, offset, start }: { runsText: string; offset: number; start: number },
  sectors: Sector[],
): void {
  let address = start;
  let at = offset;
  for (const part of runsText.split(',')) {
    // A trailing space or a second blank-separated word is noise that some F4 strings carry.
    const match = RUN.exec(part.trim());
    if (!match) throw badLayout(text, at, 'sectors such as 04*016Kg');
    const [, countText = '', sizeText = '', unit = '', type = ''] = match;
    const count = Number.parseInt(countText, 10);
    const size = Number.parseInt(sizeText, 10) * (UNIT[unit] ?? 1);
    const bits = type.toLowerCase().charCodeAt(0) & 7;
    if (size === 0 || count === 0) throw badLayout(text, at, 'a count and a size above zero');
    if (size > LARGEST_SECTOR) throw badLayout(text, at, `sectors of at most ${LARGEST_SECTOR / UNIT_MB} MB`);
    if (count * size > LARGEST_MEMORY) throw badLayout(text, at, `at most ${LARGEST_MEMORY / UNIT_MB} MB in a row`);
    if (sectors.length + count > MOST_LAYOUT_SECTORS)
      throw badLayout(text, at, `at most ${MOST_LAYOUT_SECTORS} sectors`);
    const end = address + count * size;
    if (end > 0x1_0000_0000) throw badLayout(text, at, 'sectors within 32 bits of address space');
    if (sectors.some((other) => other.start < end && address < other.end))
      throw badLayout(text, at, 'sectors without overlap');
    for (let i = 0; i < count; i++) {
      sectors.push({
        index: sectors.length,
        start: address,
        end: address + size,
        readable: (bits & READABLE) !== 0,
        erasable: (bits & ERASABLE) !== 0,
        writable: (bits & WRITABLE) !== 0,
      });
      address += size;
    }
    at += part.length + 1;
  }
}

function badLayout(text: string, offset: number, expected: string): FlashError<'dfu/layout'> {
  return new FlashError('dfu/layout', { text, offset, expected });
}
