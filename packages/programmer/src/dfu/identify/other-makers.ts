/** Loaders of other makers, known by their USB ids and strings: a title for people and the maker. It says nothing of memory. */
import type { UsbIdentity } from '../../ports/usb.ts';

export interface OtherMaker {
  readonly kind: 'custom' | 'other-rom';
  readonly maker?: string;
  readonly title: string;
  readonly because: string;
}

interface KnownId {
  readonly vendorId: number;
  readonly productId: number;
  readonly title: string;
  /** Maker of the chip, if it is not ST. */
  readonly maker?: string;
}

const ARTERY = { title: 'Artery AT32 in its ROM bootloader', maker: 'Artery' } as const;

/** Sources: dfu-util's quirks table, betaflight-configurator's device filters, qmk_toolbox, blackmagic, Arduino's mbed core. */
const KNOWN_IDS: readonly KnownId[] = [
  { vendorId: 0x28e9, productId: 0x0189, title: 'GigaDevice GD32 in its ROM bootloader', maker: 'GigaDevice' },
  { vendorId: 0x2e3c, productId: 0xdf11, ...ARTERY },
  { vendorId: 0x314b, productId: 0x0106, title: 'Geehy APM32 in its ROM bootloader', maker: 'Geehy' },
  { vendorId: 0x3997, productId: 0xdf11, title: 'X32 in its ROM bootloader', maker: 'X32' },
  { vendorId: 0x1eaf, productId: 0x0003, title: 'Maple or STM32duino bootloader' },
  { vendorId: 0x1d50, productId: 0x6017, title: 'Black Magic Probe in its bootloader' },
  { vendorId: 0x2341, productId: 0x035b, title: 'Arduino Portenta H7 bootloader' },
];

interface KnownStrings {
  readonly manufacturer: RegExp;
  readonly product: RegExp;
  readonly title: string;
}

/** Some projects use ST's ids. Sources: micropython ports/stm32/mboot, libopencm3-examples usb_dfu. */
const KNOWN_STRINGS: readonly KnownStrings[] = [
  { manufacturer: /^MicroPython$/i, product: /DFU/i, title: "MicroPython's mboot" },
  { manufacturer: /^Black Sphere/i, product: /^DFU Demo$/i, title: "libopencm3's DFU example" },
];

/** @returns the loader with these descriptors; `undefined` for ST's own loaders and for unknown ones */
export function otherMakerOf({
  vendorId,
  productId,
  manufacturer = '',
  product = '',
}: UsbIdentity): OtherMaker | undefined {
  if (/^artery/i.test(manufacturer)) {
    return { kind: 'other-rom', ...ARTERY, because: `its manufacturer string is "${manufacturer}"` };
  }
  const named = KNOWN_STRINGS.find((each) => each.manufacturer.test(manufacturer) && each.product.test(product));
  if (named) {
    const because = `its strings are "${manufacturer}" and "${product}"; its own map is taken as it is`;
    return { kind: 'custom', title: named.title, because };
  }
  const known = KNOWN_IDS.find((each) => each.vendorId === vendorId && each.productId === productId);
  if (!known) return undefined;
  const { title, maker } = known;
  const because = `its USB ids are ${hex4(vendorId)}:${hex4(productId)}; its own map is taken as it is`;
  return { kind: maker === undefined ? 'custom' : 'other-rom', ...(maker !== undefined && { maker }), title, because };
}

const hex4 = (id: number): string => id.toString(16).padStart(4, '0');
