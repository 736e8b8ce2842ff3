/** Bootloaders with ST's class over real flash whose map, or whose flash driver, is not what it should be. */
import { CLASS_V2_5_3, CLASS_V2_11_4, type ClassVersion } from '../../applications/class-version.ts';
import { DfuClassDevice } from '../../applications/dfu-class.ts';
import { CUBEMX_LAYOUT, flashMedia, type MediaInterface } from '../../applications/media.ts';
import type { Chip } from '../../chip/chip.ts';
import type { ChipProfile } from '../../chip/chip-profile.ts';
import { FLASH_START } from '../../flash/datasheet.ts';
import { KB } from '../../table/row.ts';
import { bootloaderBoard } from '../bootloader-board.ts';
import type { Scenario } from '../scenario.ts';
import { CHIP_F105, CHIP_F407 } from './make-loader.ts';

interface ClassBoard extends Pick<Scenario, 'name' | 'title' | 'description' | 'source'> {
  readonly version: ClassVersion;
  readonly chip: ChipProfile;
  readonly media: (chip: Chip) => MediaInterface;
}

/** CubeMX's product string stays where only the media file was filled in. */
const PRODUCT = 'STM32 DownLoad Firmware Update';

/** The first 16 KB hold the bootloader. */
function behindBootloader(chip: Chip, layout: string): MediaInterface {
  const size = chip.flash.sectors.at(-1)?.end ?? FLASH_START;
  return flashMedia(chip, { layout, application: { start: FLASH_START + 16 * KB, end: size }, pollMs: 50 });
}

/** Read gives a null pointer for what is no flash. */
function boundedMedia(chip: Chip, layout: string): MediaInterface {
  const media = behindBootloader(chip, layout);
  return {
    ...media,
    read: (address, length) => (chip.flash.contains(address, length) ? media.read(address, length) : undefined),
  };
}

const failing = (chip: Chip): MediaInterface => ({
  ...behindBootloader(chip, '@Internal Flash   /0x08000000/08*02Ka,120*02Kg'),
  erase: (_, now) => ({ ok: false, endsAt: now }),
  write: (_address, _bytes, now) => ({ ok: false, endsAt: now }),
});

const SOURCE = 'stm32-mw-usb-device with media written by hand, run behind USB/IP';

const BOARDS: readonly ClassBoard[] = [
  {
    name: 'bootloader-large-map',
    title: "A correct bootloader with CubeMX's map of 2 MB on a chip with 1 MB",
    description: 'Reads beyond the end of flash are refused, and everything below is right.',
    source: SOURCE,
    version: CLASS_V2_11_4,
    chip: CHIP_F407,
    media: (chip) => boundedMedia(chip, CUBEMX_LAYOUT),
  },
  {
    name: 'bootloader-coarse-map',
    title: "A bootloader with CubeMX's map on an STM32F105, class V2.5.3",
    description: 'It announces sectors of 16 KB and erases pages of 2 KB.',
    source: SOURCE,
    version: CLASS_V2_5_3,
    chip: CHIP_F105,
    media: (chip) => behindBootloader(chip, CUBEMX_LAYOUT),
  },
  {
    name: 'bootloader-coarse-map-2.11',
    title: 'The same with class V2.11.4',
    description: 'It announces sectors of 16 KB and erases pages of 2 KB; what fails is reported.',
    source: SOURCE,
    version: CLASS_V2_11_4,
    chip: CHIP_F105,
    media: (chip) => behindBootloader(chip, CUBEMX_LAYOUT),
  },
  {
    name: 'bootloader-large-sectors',
    title: 'A correct bootloader that groups pages into sectors',
    description: 'It announces sectors of 8 KB and erases the four pages of each.',
    source: 'made up: a map may name larger sectors than the chip has, as long as they are erased whole',
    version: CLASS_V2_11_4,
    chip: CHIP_F105,
    media: (chip) => grouped(chip),
  },
  {
    name: 'bootloader-flash-fails',
    title: 'A bootloader whose erase and write fail, class V2.11.4',
    description: 'Both end in dfuERROR with errVENDOR, as the class has it since V2.11.2.',
    source: SOURCE,
    version: CLASS_V2_11_4,
    chip: CHIP_F105,
    media: failing,
  },
];

const GROUP_PAGES = 4;

function grouped(chip: Chip): MediaInterface {
  const media = behindBootloader(chip, '@Internal Flash   /0x08000000/02*08Ka,30*08Kg');
  const page = 2 * KB;
  return {
    ...media,
    erase: (address, now) => {
      let endsAt = now;
      for (let i = 0; i < GROUP_PAGES; i++) {
        const done = media.erase(address + i * page, endsAt);
        if (!done.ok) return done;
        ({ endsAt } = done);
      }
      return { ok: true, endsAt };
    },
  };
}

export const classScenarios: readonly Scenario[] = BOARDS.map(({ version, chip: profile, media, ...told }) => ({
  ...told,
  create: bootloaderBoard({
    profile,
    bytes: 14 * KB,
    deviceOf: ({ chip, board, serial }) => {
      const atAddressZero = (length: number) => chip.read(FLASH_START, length) ?? new Uint8Array(length);
      return new DfuClassDevice({ version, product: PRODUCT, serial, media: media(chip), atAddressZero }, board);
    },
  }),
}));
