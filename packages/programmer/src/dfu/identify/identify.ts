/** Identifies the loader (ST's ROM, an application with ST's DFU class, another) and the chips that it may run on. */
import { type Chip, findChipsByDevId, findChipsBySectors, joinedNames } from '@sureflash/chips';
import type { UsbIdentity } from '../../ports/usb.ts';
import type { LoaderKind } from '../../target/about.ts';
import { hex, type Sector } from '../../target/geometry.ts';
import type { Examination } from './examine.ts';
import { otherMakerOf } from './other-makers.ts';

export interface Identification {
  readonly kind: LoaderKind;
  /** It is known by its ids or strings as a bootloader that somebody has finished. */
  readonly isKnown?: true;
  /** Maker of a chip that is not ST's. */
  readonly maker?: string;
  /** One line for people. */
  readonly title: string;
  /** Every chip in the table that fits the evidence; empty if it cannot be told. */
  readonly chips: readonly Chip[];
  /** Whether the device or the user has named the chip. A map that fits names none. */
  readonly certain: boolean;
  /** The evidence, or the reason for doubt, in one sentence. */
  readonly because: string;
}

/** The descriptors by which a device is identified. */
export interface IdentifyInput {
  readonly identity: UsbIdentity;
  readonly alternateCount: number;
  readonly transferSize: number;
  /** Sectors of the internal flash as the device announces them; empty where it announces none. */
  readonly announced: readonly Sector[];
  /** Addresses at which the device announces option bytes; empty if it announces none. */
  readonly optionBytes: readonly number[];
}

const CUBEMX_PRODUCT = 'STM32 DownLoad Firmware Update';
/** V2.1 and V2.2 lose the last letter of "Bootloader". */
const ROM_WITH_DEV_ID = /^STM32 0x([0-9A-Fa-f]{3}) DFU Bootloade/;
const OLD_ROM_PRODUCT = 'STM32  BOOTLOADER';
/** Newer ROMs share this text with ST's EVAL examples, which have one alternate and 1024-byte blocks, as STM32C5 ROMs do. */
const NEW_ROM_PRODUCT = /^DFU in (FS|HS) Mode$/;
/** The ROMs of STM32F105 and F107 name this DEV_ID in their product string (AN2662): a ROM that does not is another chip's. */
export const NAMES_ITS_DEV_ID = 0x418;

/** Whether this is ST's own loader. Others use ST's ids too; some of them give themselves away by their manufacturer string. */
export const isSt = (identity: UsbIdentity): boolean =>
  identity.vendorId === 0x0483 && identity.productId === 0xdf11 && !otherMakerOf(identity);

/** The DEV_ID in the product string of ST's older ROMs. */
export function devIdNamed(identity: UsbIdentity): number | undefined {
  const digits = isSt(identity) ? ROM_WITH_DEV_ID.exec(identity.product?.trim() ?? '')?.[1] : undefined;
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** Identifies a device by its descriptors alone: sends nothing to it. */
export function identify(seen: IdentifyInput): Identification {
  const product = seen.identity.product?.trim() ?? '';
  const byMap = chipsByMap(seen);
  if (isSt(seen.identity)) {
    const devId = devIdNamed(seen.identity);
    if (devId !== undefined) {
      return rom(findChipsByDevId(devId), `its product string "${product}" names the DEV_ID ${hex(devId, 3)}`);
    }
    if (product === OLD_ROM_PRODUCT || isNewRom(seen, product, byMap)) return romByMap(byMap, product);
    if (product === CUBEMX_PRODUCT) {
      return {
        kind: 'cubemx-application',
        title: 'application with the USB DFU class of STM32CubeMX, not the ROM bootloader',
        chips: [],
        certain: false,
        because: `its product string is "${product}"; such a device does not identify its chip`,
      };
    }
  }
  const other = otherMakerOf(seen.identity);
  if (other) return { ...other, isKnown: true, chips: [], certain: false };
  return {
    kind: 'custom',
    title: product === '' ? 'DFU device' : `DFU device "${product}"`,
    chips: [],
    certain: false,
    because: 'nothing in its descriptors is known; its own map is taken as it is',
  };
}

/** ST's examples keep the sectors that hold themselves read-only; a ROM offers the whole flash of its chip. */
function isNewRom(
  { alternateCount, transferSize, announced }: IdentifyInput,
  product: string,
  byMap: readonly Chip[],
): boolean {
  if (!NEW_ROM_PRODUCT.test(product)) return false;
  return alternateCount > 1 || transferSize > 1024 || (byMap.length > 0 && announced.every(({ writable }) => writable));
}

/** @returns the identification by descriptors, made more exact by an examination */
export function narrowed(
  found: Identification,
  { chips, certain, findings, readProtected }: Examination,
): Identification {
  const seen = readProtected ? ['it refuses every read: read protection is on'] : findings;
  const title = certain ? romTitle(chips) : romTitleByMap(chips);
  return { ...found, title, chips, certain, because: [found.because, ...seen].join('; ') };
}

/** @returns the identification of a ROM bootloader in one of these chips */
export function rom(chips: readonly Chip[], because: string): Identification {
  return { kind: 'st-rom', title: romTitle(chips), chips, certain: chips.length === 1, because };
}

const romTitle = (chips: readonly Chip[]): string => `${namesOf(chips)} in its ROM bootloader`;

function romTitleByMap(chips: readonly Chip[]): string {
  return `STM32 in its ROM bootloader${chips.length === 0 ? '' : `, by its map ${namesOf(chips)}`}`;
}

/** The chip stays uncertain: other chips, some of them not in the table, may have the same map. */
function romByMap(chips: readonly Chip[], product: string): Identification {
  return {
    kind: 'st-rom',
    title: romTitleByMap(chips),
    chips,
    certain: false,
    because: `its product string is "${product}", which does not tell the chip; its map fits ${chips.length === 0 ? 'none that we know' : namesOf(chips)}`,
  };
}

/** More chips than this are counted, not named. */
const NAMED_CHIPS = 3;

/** @returns `STM32F105/107`: names that begin alike are written once */
export function namesOf(chips: readonly Chip[]): string {
  const groups = chips.slice(0, NAMED_CHIPS).map(joinedNames);
  const left = chips.length - groups.length;
  return [...groups, ...(left > 0 ? [`${left} others`] : [])].join(', ');
}

/** @returns the chips with a USB bootloader and these sectors, except those whose descriptors would differ in another way */
function chipsByMap({ identity, announced, optionBytes }: IdentifyInput): Chip[] {
  const chips = new Set(findChipsBySectors(announced).map(({ chip }) => chip));
  return [...chips].filter(
    (chip) =>
      chip.usbDfu &&
      chip.devId !== NAMES_ITS_DEV_ID &&
      (chip.bootloader.bcdDevice?.includes(identity.bcdDevice) ?? true) &&
      hasOptionBytesAt(chip, optionBytes),
  );
}

/** Whether the announced option bytes are this chip's. ROMs of some dual-bank chips announce those of the first bank only. */
export function hasOptionBytesAt(chip: Chip, announced: readonly number[]): boolean {
  const [first] = chip.optionBytes;
  if (announced.length === 0 || first === undefined) return true;
  return announced.includes(first) && announced.every((address) => chip.optionBytes.includes(address));
}
