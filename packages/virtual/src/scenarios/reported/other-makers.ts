/** Loaders that are not ST's, as dfu-util's quirk table and their owners describe them. Their chips are stand-ins. */

import { PlainDfu } from '../../applications/plain-dfu.ts';
import { Board } from '../../board.ts';
import { Chip } from '../../chip/chip.ts';
import type { ChipProfile } from '../../chip/chip-profile.ts';
import { protectionByte } from '../../chip/protection.ts';
import type { Clock } from '../../clock.ts';
import { guess, recorded } from '../../provenance.ts';
import {
  countsBlocksOf,
  crashesBeyondMemory,
  endsUnprotectIn,
  leavesAtOnce,
  staysBusyForPolls,
} from '../../roms/usb-dfu/deviations.ts';
import type { RomProfile } from '../../roms/usb-dfu/rom-profile.ts';
import { KB } from '../../table/row.ts';
import { romRowOf } from '../../table/table.ts';
import { DfuState } from '../../usb/dfu-words.ts';
import { romBoard, type ScenarioOptions } from '../make-board.ts';
import type { Scenario } from '../scenario.ts';

const { profile: F1_LIKE, rom: F1_ROM } = romRowOf('STM32F105');

/** A chip with flash of the F1's kind, in `count` pages of 1 KB. */
function pagesOf1Kb(name: string, count: number): ChipProfile {
  const regions = [{ start: 0x0800_0000, sectorBytes: Array.from({ length: count }, () => KB) }];
  return { ...F1_LIKE, name, cells: { ...F1_LIKE.cells, regions, eraseMs: { [KB]: 20 } } };
}

/** The serial number has one byte for each letter: two of them make one character of a string descriptor. */
const GD32_SERIAL = '\u4333\u4a42';

const GD32VF103_ROM: RomProfile = {
  ...F1_ROM,
  maker: { vendorId: 0x28e9, productId: 0x0189, name: 'GigaDevice' },
  bcdDevice: 0x1000,
  product: 'GD32 0x418 DFU Bootloade',
  serial: GD32_SERIAL,
  layouts: ['@Internal Flash  /0x08000000/512*002Kg', '@Option Bytes  /0x1FFFF800/01*016 g'],
  firstState: recorded('error', 'dfu-util mailing list, October 2020'),
  deviations: [leavesAtOnce, crashesBeyondMemory],
};

const AT32_ROM: RomProfile = {
  ...F1_ROM,
  maker: { vendorId: 0x2e3c, productId: 0xdf11, name: 'Artery-Tech' },
  product: 'AT32 Bootloader DFU',
  serial: 'AT32',
  layouts: ['@Internal Flash   /0x08000000/128*002Kg', '@Option byte   /0x1FFFF800/01*512g'],
  deviations: [endsUnprotectIn(DfuState.IDLE)],
};

const BLACK_MAGIC: RomProfile = {
  ...F1_ROM,
  maker: { vendorId: 0x1d50, productId: 0x6017, name: 'Black Magic Debug' },
  bcdDevice: 0x0100,
  product: 'Black Magic Firmware Upgrade',
  serial: 'DDB5A7DF',
  layouts: ['@Internal Flash   /0x08000000/8*001Ka,120*001Kg'],
  transferSize: KB,
  poll: { erase: 0, program: 0 },
  deviations: [staysBusyForPolls(120)],
};

const LARGE_BLOCKS: RomProfile = {
  ...F1_ROM,
  maker: { vendorId: 0x2341, productId: 0x035b, name: 'Arduino' },
  product: 'bootloader with blocks of 8 KB',
  serial: '0',
  layouts: ['@Internal Flash   /0x08000000/128*002Kg'],
  transferSize: 8 * KB,
  deviations: [countsBlocksOf(8 * KB)],
};

const EXST_BLOCKS = 1024;
const EXST_FIRST_MANAGED = 1003;

/** An external NAND flash of 128 MB as an H750 maps it; Nothing of it is decoded from option bytes. */
const EXST_CHIP: ChipProfile = {
  ...F1_LIKE,
  name: 'STM32H750 with external flash',
  guard: protectionByte(0),
  cells: {
    regions: [{ start: 0x9000_0000, sectorBytes: Array.from({ length: EXST_BLOCKS }, () => 128 * KB) }],
    kind: 'plain',
    overwrite: 'clears',
    programBytes: 256,
    programMs: guess(0.1, 'a page of a NAND flash'),
    eraseMs: { [128 * KB]: guess(3, 'a block of a NAND flash') },
    massEraseMs: guess(3000, 'all blocks one after the other'),
  },
};

const EXST: RomProfile = {
  ...F1_ROM,
  product: 'SPRacing H7 EXST Bootloader',
  serial: '',
  layouts: ['@External Flash /0x90000000/1001*128Kg,3*128Kg,20*128Ka'],
};

/** The blocks in which bad blocks are managed cannot be erased or written, and the loader does not say so. */
const exstBoard = romBoard({
  profile: EXST_CHIP,
  rom: EXST,
  writeProtected: Array.from({ length: EXST_BLOCKS - EXST_FIRST_MANAGED }, (_, i) => EXST_FIRST_MANAGED + i),
});

const MAPLE_APPLICATION = 0x0800_5000;

function mapleBoard(clock: Clock, { seed = 1 }: ScenarioOptions = {}): Board {
  const chip = new Chip(pagesOf1Kb('STM32F103CB', 128), { seed });
  const device = new PlainDfu(chip.flash, {
    ids: { vendorId: 0x1eaf, productId: 0x0003, bcdDevice: 0x0200 },
    strings: { manufacturer: 'LeafLabs', product: 'Maple 003', serial: 'LLM 003' },
    alternate: 'STM32duino bootloader v1.0  Upload to Flash 0x8005000',
    start: MAPLE_APPLICATION,
  });
  const start = () => ({ name: 'bootloader', device, connectMs: 0 });
  return new Board(clock, { chip, pins: { boot0: false, vbus: true, key: false }, start });
}

export const otherMakersScenarios: readonly Scenario[] = [
  {
    name: 'gd32vf103-rom',
    title: 'GigaDevice GD32VF103CB in its ROM bootloader',
    description:
      'Announces 512 pages of 2 KB, has 128 of 1 KB; its serial number is no proper string; it leaves at once.',
    source: 'dfu-util quirks table, riscv-mcu/gd32-dfu-utils, aw/fiveforths #20',
    create: romBoard({ profile: pagesOf1Kb('GD32VF103CB', 128), rom: GD32VF103_ROM }),
  },
  {
    name: 'at32f403a-rom',
    title: 'Artery AT32F403A in its ROM bootloader, protected',
    description: 'Read Unprotect works, but is followed by dfuIDLE; the chip has to be plugged in again.',
    source: 'flashfloppy #584, #462; which state it answers is a guess',
    create: romBoard({ profile: { ...F1_LIKE, name: 'AT32F403A' }, rom: AT32_ROM, level: 1 }),
  },
  {
    name: 'black-magic-bootloader',
    title: 'Black Magic Probe in its bootloader',
    description: 'Says dfuDNBUSY for a hundred polls after an operation has ended, without a time to wait.',
    source: "dfu-util's dfuse.c (it gives up after 100 such polls); blackmagic #312",
    create: romBoard({ profile: pagesOf1Kb('STM32F103CB', 128), rom: BLACK_MAGIC }),
  },
  {
    name: 'bootloader-8k-blocks',
    title: 'A bootloader with blocks of 8 KB',
    description: 'Computes addresses from blocks of 8192 bytes, which no Linux host can send.',
    source: 'stm32-mw-usb-device (USBD_DFU_XFER_SIZE); Linux drivers/usb/core/devio.c',
    create: romBoard({ profile: F1_LIKE, rom: LARGE_BLOCKS }),
  },
  {
    name: 'sprh7-exst-bootloader',
    title: 'SPRacing H7 EXST bootloader',
    description: 'External flash; the block that manages its bad blocks is announced as writable, and ignores writes.',
    source: 'betaflight-configurator (two strings, and which is right); ids, product and times are guesses',
    create: exstBoard,
  },
  {
    name: 'maple-bootloader',
    title: 'Maple bootloader',
    description: "DFU 1.1 with the version number of ST's extension: whatever is sent is firmware.",
    source: 'dfu-util quirks table (LeafLabs), rogerclarkmelbourne/STM32duino-bootloader',
    create: mapleBoard,
  },
];
