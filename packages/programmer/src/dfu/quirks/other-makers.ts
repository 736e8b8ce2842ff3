/** Quirks of loaders that are not ST's: clones of its chips, and bootloaders of other projects. */
import type { UsbIdentity } from '../../ports/usb.ts';
import type { Quirk } from './quirk.ts';

/** KB of flash by the letter of a GD32VF103's part number. */
const GD32VF103_KB: Readonly<Record<string, number>> = { '4': 16, '6': 32, '8': 64, B: 128 };
const INTERNAL_FLASH = '@Internal Flash';

/** Its serial number is sent with one byte for each letter; a string descriptor has two (USB 2.0 §9.6.7). */
function lettersOf(serial: string): string {
  const codes = Array.from(serial, (letter) => letter.charCodeAt(0));
  return String.fromCharCode(...codes.flatMap((code) => (code > 0xff ? [code & 0xff, code >> 8] : [code])));
}

/** `3CBJ` stands for a GD32VF103CB: the third letter is the flash size. Another serial number leaves the text as it is. */
function gd32vf103Layout(text: string, { serial = '' }: UsbIdentity): string {
  const letters = lettersOf(serial);
  const kb = /^3.[468B]J$/.test(letters) ? GD32VF103_KB[letters[2] ?? ''] : undefined;
  return kb !== undefined && text.startsWith(INTERNAL_FLASH) ? `${INTERNAL_FLASH}  /0x08000000/${kb}*001Kg` : text;
}

/** The string of early SPRacing H7 EXST bootloaders, and that of the later ones. */
const EXST_MAP = {
  wrong: '@External Flash /0x90000000/1001*128Kg,3*128Kg,20*128Ka',
  right: '@External Flash /0x90000000/998*128Kg,1*128Kg,4*128Kg,21*128Ka',
} as const;

export const OTHER_MAKERS_QUIRKS: readonly Quirk[] = [
  {
    id: 'gd32vf103-wrong-map',
    device: 'GigaDevice GD32VF103 ROM bootloader',
    matches: ({ identity }) => identity.vendorId === 0x28e9 && identity.productId === 0x0189,
    deviation: 'announces 512 pages of 2 KB for every part; its pages have 1 KB',
    remedy: 'take pages of 1 KB, and their number from the serial number, which holds the part in plain bytes',
    effects: { correctLayout: gd32vf103Layout },
    source: 'dfu-util quirks table (GigaDevice); riscv-mcu/gd32-dfu-utils; aw/fiveforths#20',
    scenario: 'gd32vf103-rom',
  },
  {
    id: 'at32-unprotect-state',
    device: 'Artery AT32 ROM bootloaders',
    matches: ({ identification }) => identification.maker === 'Artery',
    deviation: 'Read Unprotect is followed by another state than dfuDNBUSY',
    remedy: 'a reply without an error counts as accepted; the device has to be plugged in again',
    effects: { unprotectEndsAnywhere: true },
    source: 'flashfloppy#584, #462',
    scenario: 'at32f403a-rom',
  },
  {
    id: 'maple-plain-dfu',
    device: 'LeafLabs Maple and STM32duino bootloaders',
    matches: ({ identity }) => identity.vendorId === 0x1eaf && identity.productId === 0x0003,
    deviation: "announces DFU 1.1a but knows none of ST's commands: it would take one for firmware",
    remedy: 'refuse it before anything is sent',
    effects: { speaksPlainDfu: true },
    source: 'dfu-util quirks table (LeafLabs); rogerclarkmelbourne/STM32duino-bootloader',
    scenario: 'maple-bootloader',
  },
  {
    id: 'exst-wrong-map',
    device: 'early SPRacing H7 EXST bootloaders',
    matches: ({ alternates }) => alternates.some(({ name }) => name.trim() === EXST_MAP.wrong),
    deviation: "announces the block in which the flash chip's bad blocks are managed as writable",
    remedy: 'take the map of later versions instead',
    effects: { correctLayout: (text) => (text.trim() === EXST_MAP.wrong ? EXST_MAP.right : text) },
    source: 'betaflight-configurator, DFU protocol, chip information',
    scenario: 'sprh7-exst-bootloader',
  },
];
