/** ST's ROM bootloaders with the deviation that a document or an owner reports, one at a time. */

import type { ProtectionLevel } from '../../chip/chip-profile.ts';
import type { FlashCells } from '../../flash/datasheet.ts';
import { guess } from '../../provenance.ts';
import {
  ignoresErasesFrom,
  refusesMassErase,
  silentWhenProtected,
  stallsStrings,
  staysBusyForPolls,
  uploadsAtMost,
} from '../../roms/usb-dfu/deviations.ts';
import type { RomDeviation } from '../../roms/usb-dfu/hooks.ts';
import type { RomProfile } from '../../roms/usb-dfu/rom-profile.ts';
import type { RomRow } from '../../table/row.ts';
import { romRows } from '../../table/table.ts';
import { romBoard } from '../make-board.ts';
import type { Scenario } from '../scenario.ts';

interface Deviating extends Pick<Scenario, 'name' | 'title' | 'description' | 'source'> {
  /** The row of the table that it deviates from. */
  readonly chip: string;
  readonly variant?: string;
  /** What it says of itself in place of the row's. */
  readonly says?: Partial<RomProfile>;
  readonly deviation?: RomDeviation;
  readonly level?: ProtectionLevel;
  /** Milliseconds for one sector of any size, and for all of the flash. */
  readonly eraseMs?: number;
  readonly massEraseMs?: number;
  /** First bytes of the option bytes. */
  readonly options?: readonly number[];
}

function deviating(scenario: Deviating): Scenario {
  const { name, title, description, source, says = {}, deviation, level = 0, options = [] } = scenario;
  const { profile, rom, romNeedsVbus } = rowOf(scenario);
  const initial = [...options, ...profile.options.initial.slice(options.length)];
  const changed = {
    ...profile,
    cells: slowed(profile.cells, scenario),
    options: { ...profile.options, initial },
  };
  const create = romBoard({
    profile: changed,
    rom: { ...rom, ...says, deviations: [...(deviation ? [deviation] : []), ...rom.deviations] },
    romNeedsVbus,
    level,
  });
  return { name, title, description, source, create };
}

/** These cells with the erase times of the scenario, at any supply. */
function slowed(cells: FlashCells, { eraseMs, massEraseMs }: Deviating): FlashCells {
  const sectors = Object.keys(cells.eraseMs);
  const times = {
    ...(eraseMs !== undefined && { eraseMs: Object.fromEntries(sectors.map((size) => [size, eraseMs])) }),
    ...(massEraseMs !== undefined && { massEraseMs }),
  };
  const { paces } = cells;
  return { ...cells, ...times, ...(paces && { paces: paces.map((pace) => ({ ...pace, ...times })) }) };
}

function rowOf({ chip, variant }: Deviating): RomRow {
  const found = romRows.find((row) => row.name === chip && row.variant === variant);
  if (!found) throw new RangeError(`no row ${chip}`);
  return found;
}

/** What an owner's lsusb shows behind the string: the string's stated length reaches into other memory. */
const GARBAGE = '챐ƨ⹔뺿䭼뛮컸';

/** Polls of 40 ms for each operation. */
const BUSY_POLLS = guess(60, 'makes ten minutes of an image of 128 KB in pages of 2 KB');

export const stRomScenarios: readonly Scenario[] = [
  deviating({
    name: 'stm32u585-rom-rdp1',
    title: 'STM32U585 ROM, read-protected',
    description: 'Erases and writes are acknowledged and do nothing; the option bytes can be read.',
    source: 'inertial-sense-sdk #1186; what flash reads as is a guess',
    chip: 'STM32U585',
    level: 1,
    says: { setAddressWhenProtected: true },
    deviation: silentWhenProtected,
  }),
  deviating({
    name: 'stm32f407-rom-one-string',
    title: 'STM32F407 ROM of whose strings only the map of the flash is read',
    description: 'Product, serial number and the names of all other settings are stalled.',
    source: 'nanoFirmwareFlasher #363 (review); which strings are lost is made up',
    chip: 'STM32F407',
    deviation: stallsStrings(4),
  }),
  deviating({
    name: 'stm32f407-rom-no-strings',
    title: 'STM32F407 ROM whose strings cannot be read',
    description: 'All of them are stalled, the map of the flash among them.',
    source: 'nanoFirmwareFlasher #363 (review)',
    chip: 'STM32F407',
    deviation: stallsStrings(),
  }),
  deviating({
    name: 'stm32g431-rom-2048',
    title: 'STM32G431 ROM that announces more than it takes',
    description: 'wTransferSize is 2048, and a block of that size ends in dfuERROR, errSTALLEDPKT.',
    source: 'siliconwitchery/web-stm32-updater #3; that the descriptor says 2048 is a guess',
    chip: 'STM32G431',
    says: { announcedTransferSize: 2048 },
  }),
  deviating({
    name: 'stm32h7a3-rom-v9.0',
    title: 'STM32H7A3 in its ROM bootloader V9.0',
    description: 'Announces 256 sectors of 2 KB; its sectors have 8 KB.',
    source: 'AN2606, V9.0 limitations; the spelling of the string is a guess',
    chip: 'STM32H7A3',
    says: {
      layouts: ['@Internal Flash   /0x08000000/256*02Kg', '@Option Bytes   /0x5200201C/01*297 e'],
    },
  }),
  deviating({
    name: 'stm32h723-rom-v9.1',
    title: 'STM32H723 in its ROM bootloader V9.1',
    description: 'Announces 2 MB of flash, where there is 1 MB.',
    source: 'AN2606, V9.1 limitations; which size it announces is a guess',
    chip: 'STM32H723',
    says: {
      layouts: ['@Internal Flash   /0x08000000/16*128Kg', '@Option Bytes   /0x5200201C/01*88 e'],
    },
  }),
  deviating({
    name: 'stm32f767-rom-single-bank-map',
    title: 'STM32F767 in two banks, with the map of one',
    description: 'nDBANK is 0, so that sectors have 16, 64 and 128 KB; the map announces 32, 128 and 256 KB.',
    source: 'RM0410; STM32Cube_MCU_Overall_Offer #34, community.st.com td-p/127960; option bytes: td-p/410209',
    chip: 'STM32F767',
    variant: 'dual bank',
    says: {
      layouts: ['@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg', '@Option Bytes  /0x1FFF0000/01*032 e'],
    },
    options: [0xff, 0xaa, 0x00, 0x55, 0, 0, 0, 0, 0xff, 0xdf, 0x00, 0x20],
  }),
  deviating({
    name: 'stm32f072-rom-busy-polls',
    title: 'STM32F072 ROM behind some host controllers',
    description: 'It says dfuDNBUSY again and again after an operation has ended, so that an image takes minutes.',
    source: 'dfu-util tickets 25 and 78 (5 to 20 minutes an image, less than 20 s behind a hub)',
    chip: 'STM32F072',
    deviation: staysBusyForPolls(BUSY_POLLS),
  }),
  deviating({
    name: 'stm32f405-rom-slow-mass-erase',
    title: 'STM32F405 ROM whose mass erase takes half a minute',
    description: 'It advertises 100 ms for a mass erase that takes 33 s.',
    source: 'DS8626 (x8 programming), dfu-util dfuse.c',
    chip: 'STM32F407',
    massEraseMs: 33_000,
  }),
  deviating({
    name: 'stm32f745-rom-slow-status',
    title: 'STM32F745 ROM that holds a GETSTATUS for seconds',
    description: 'Each erase takes 4.9 s, and the second GETSTATUS is held for all of it.',
    source: 'fwupd #1944, #2696',
    chip: 'STM32F746',
    eraseMs: 4900,
  }),
  deviating({
    name: 'stm32f429-rom-garbled-map',
    title: 'STM32F429 ROM with a tail behind its map',
    description: 'The layout string goes on with characters that are no part of it.',
    source: 'BIGTREETECH-OCTOPUS-Pro #42; dfu-util accepts truncated strings of F427',
    chip: 'STM32F429',
    says: {
      layouts: [
        `@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg${GARBAGE}`,
        '@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e',
      ],
    },
  }),
  deviating({
    name: 'stm32f429-rom-v7.0',
    title: 'STM32F429 ROM V7.0 in two banks',
    description: 'Erases in bank 2 are acknowledged and not done.',
    source: 'AN2606, V7.0 limitations',
    chip: 'STM32F429',
    deviation: ignoresErasesFrom(0x0810_0000),
  }),
  deviating({
    name: 'stm32wb55-rom-no-mass-erase',
    title: 'STM32WB55 ROM without a mass erase',
    description: 'The command ends in dfuERROR, errSTALLEDPKT.',
    source: 'community.st.com td-p/591453; how it is refused is a guess',
    chip: 'STM32WB55',
    deviation: refusesMassErase,
  }),
  deviating({
    name: 'stm32f407-rom-short-upload',
    title: 'STM32F407 ROM that sends less than it was asked for',
    description: 'An upload brings 1000 bytes at most.',
    source:
      'DFU 1.1 §6.2: a short answer ends an upload; betaflight-configurator sees short option bytes at RDP level 1',
    chip: 'STM32F407',
    deviation: uploadsAtMost(1000),
  }),
];
