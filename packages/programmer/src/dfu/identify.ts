/** Who answers: ST's ROM bootloader, an application with ST's DFU class, or somebody else; and on which chip. */
import { type Chip, findChipsByDevId, findChipsBySectors } from '@sureflash/chips';
import type { UsbIdentity } from '../ports/usb.ts';
import type { Range } from '../target/geometry.ts';

export type LoaderKind = 'st-rom' | 'cubemx-application' | 'custom';

export interface Identification {
  readonly loader: LoaderKind;
  /** One line for people. */
  readonly title: string;
  /** Every chip in the table that fits what was seen; none where it cannot be told. */
  readonly chips: readonly Chip[];
  /** Whether the device itself, or the user, has named the chip; a map that fits is no name. */
  readonly certain: boolean;
  /** What the identification rests on, or why it cannot be more certain. */
  readonly because: string;
}

export interface Seen {
  readonly identity: UsbIdentity;
  readonly alternateCount: number;
  readonly transferSize: number;
  /** Sectors of the internal flash as the device announces them; empty where it announces none. */
  readonly announced: readonly Range[];
  /** Where the device says that option bytes are; empty where it says nothing. */
  readonly optionBytes: readonly number[];
}

const CUBEMX_PRODUCT = 'STM32 DownLoad Firmware Update';
/** V2.1 and V2.2 lose the last letter of "Bootloader". */
const ROM_WITH_DEV_ID = /^STM32 0x([0-9A-Fa-f]{3}) DFU Bootloade/;
const OLD_ROM_PRODUCT = 'STM32  BOOTLOADER';
/** Newer ROMs share this text with ST's EVAL examples, which have one alternate and 1024-byte blocks. */
const NEW_ROM_PRODUCT = /^DFU in (FS|HS) Mode$/;
/** The ROMs of STM32F105 and F107 name this DEV_ID (AN2662), so that others cannot be theirs. */
const NAMES_ITS_DEV_ID = 0x418;

export const isSt = ({ vendorId, productId }: UsbIdentity): boolean => vendorId === 0x0483 && productId === 0xdf11;

/** From the descriptors alone: nothing is asked of the device. */
export function identify(seen: Seen): Identification {
  const product = seen.identity.product?.trim() ?? '';
  const byMap = chipsByMap(seen);
  if (isSt(seen.identity)) {
    const devId = ROM_WITH_DEV_ID.exec(product)?.[1];
    if (devId) {
      const chips = findChipsByDevId(Number.parseInt(devId, 16));
      return rom(chips, `its product string "${product}" names the DEV_ID 0x${devId}`);
    }
    const newRom = NEW_ROM_PRODUCT.test(product) && (seen.alternateCount > 1 || seen.transferSize > 1024);
    if (product === OLD_ROM_PRODUCT || newRom) {
      return romByMap(byMap, product);
    }
    if (product === CUBEMX_PRODUCT) {
      return {
        loader: 'cubemx-application',
        title: 'application with the USB DFU class of STM32CubeMX, not the ROM bootloader',
        chips: [],
        certain: false,
        because: `its product string is "${product}"; such a device does not tell its chip`,
      };
    }
  }
  return {
    loader: 'custom',
    title: product === '' ? 'DFU device' : `DFU device "${product}"`,
    chips: [],
    certain: false,
    because: 'nothing in its descriptors is known; its own map is taken as it is',
  };
}

function rom(chips: readonly Chip[], because: string): Identification {
  return {
    loader: 'st-rom',
    title: `${namesOf(chips)} in its ROM bootloader`,
    chips,
    certain: chips.length === 1,
    because,
  };
}

/** Other chips, some of them not in the table, may have the same map. */
function romByMap(chips: readonly Chip[], product: string): Identification {
  const perhaps = chips.length === 0 ? '' : `, by its map ${namesOf(chips)}`;
  return {
    loader: 'st-rom',
    title: `STM32 in its ROM bootloader${perhaps}`,
    chips,
    certain: false,
    because: `its product string is "${product}", which does not tell the chip; its map fits ${chips.length === 0 ? 'none that we know' : namesOf(chips)}`,
  };
}

/** More chips than this are counted, not named. */
const NAMED_CHIPS = 3;

/** `STM32F105/107`: names that begin alike are written once. */
export function namesOf(chips: readonly Chip[]): string {
  const groups = chips.slice(0, NAMED_CHIPS).map(({ names }) => shortNames(names));
  const left = chips.length - groups.length;
  return [...groups, ...(left > 0 ? [`${left} others`] : [])].join(', ');
}

function shortNames(names: readonly string[]): string {
  const [first, ...others] = names;
  if (first === undefined) return 'STM32';
  const stem = first.slice(0, 7);
  const short = others.map((name) => (name.startsWith(stem.slice(0, 6)) ? name.slice(6) : name));
  return [first, ...short].join('/');
}

/** The chips with a USB bootloader whose sectors these are, less those that would describe themselves otherwise. */
function chipsByMap({ identity, announced, optionBytes }: Seen): Chip[] {
  const chips = new Set(findChipsBySectors(announced).map(({ chip }) => chip));
  return [...chips].filter(
    (chip) =>
      chip.usbDfu &&
      chip.devId !== NAMES_ITS_DEV_ID &&
      (chip.bootloader.bcdDevice?.includes(identity.bcdDevice) ?? true) &&
      hasOptionBytesAt(chip, optionBytes),
  );
}

/** ROMs of some dual-bank chips announce the option bytes of the first bank only. */
function hasOptionBytesAt(chip: Chip, announced: readonly number[]): boolean {
  const [first] = chip.optionBytes;
  if (announced.length === 0 || first === undefined) return true;
  return announced.includes(first) && announced.every((address) => chip.optionBytes.includes(address));
}
