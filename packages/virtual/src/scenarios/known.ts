/** Boards that behave as the documents and captures of their chips have it. */

import { CLASS_V2_5_3, CLASS_V2_11_4 } from '../applications/class-version.ts';
import { romRows, scenarioNameOf } from '../table/table.ts';
import {
  F407_ROM,
  G431_ROM,
  H743_ROM,
  L476_ROM,
  L476_ROM_EARLY_STALL,
  STM32F407,
  STM32G431,
  STM32H743,
  STM32L476,
} from '../table/well-known.ts';
import { customBoard, F105, romBoard, stubBoard } from './make-board.ts';
import type { Scenario } from './scenario.ts';

/** The short list that people are shown. */
export const knownScenarios: readonly Scenario[] = [
  {
    name: 'stm32f105-rom',
    title: 'STM32F105 in its ROM bootloader',
    description: 'BOOT0 is high: the bootloader that ST put into the chip, V2.2. It really erases, writes and reads.',
    source: 'AN2662, AN3156, AN2606, PM0075; captures of F105 and F107 (flashfloppy #462, dfu-util device-logs)',
    create: romBoard(F105),
  },
  {
    name: 'stm32f105-rom-rdp1',
    title: 'STM32F105 ROM, read-protected',
    description: 'Reads, writes and erases are refused with errVENDOR until Read Unprotect erases everything.',
    source: 'AN2662 §§4.4–4.5, AN3156 §§4–5, PM0075',
    create: romBoard({ ...F105, level: 1 }),
  },
  {
    name: 'stm32f105-rom-wrp',
    title: 'STM32F105 ROM with write-protected pages',
    description:
      'Pages 4–7 (0x08002000–0x08003FFF) ignore erase and write, and the bootloader answers OK all the same.',
    source: 'AN2662 §4.5 and AN3156 §5 (no error is returned for protected sectors), PM0075',
    create: romBoard({ ...F105, writeProtected: [4, 5, 6, 7] }),
  },
  {
    name: 'stm32f105-cubemx-stub',
    title: 'STM32F105 with the DFU class as CubeMX generates it',
    description:
      'Erase and write answer OK and do nothing; every read gives the start of the running program. Class V2.5.3.',
    source: 'stm32-mw-usb-device v2.5.3, CubeMX usbd_dfu_if.c; community.st.com td-p/621282',
    create: stubBoard(CLASS_V2_5_3),
  },
  {
    name: 'stm32f105-cubemx-stub-2.11',
    title: 'The same with class V2.11.4',
    description: 'Erase and write answer OK and do nothing; every read stalls.',
    source: 'stm32-mw-usb-device v2.11.4, CubeMX usbd_dfu_if.c',
    create: stubBoard(CLASS_V2_11_4),
  },
  {
    name: 'stm32f105-custom',
    title: 'STM32F105 with a correct bootloader of its own',
    description: 'The same class over real flash: the first 20 KB are the bootloader and fail to erase or write.',
    source: 'stm32-mw-usb-device v2.5.3; STM32CubeF1 STM3210C_EVAL DFU_Standalone',
    create: customBoard(CLASS_V2_5_3),
  },
  {
    name: 'stm32f407-rom',
    title: 'STM32F407 in its ROM bootloader',
    description:
      'Sectors of 16, 64 and 128 KB; starts in dfuERROR; programs bytes until Device Feature names the supply.',
    source: 'AN3156, AN2606, DS8626, RM0090; captures of F405 and F407, two timed jobs on an F405',
    create: romBoard({ profile: STM32F407, rom: F407_ROM }),
  },
  {
    name: 'stm32l476-rom',
    title: 'STM32L476 in its ROM bootloader',
    description: 'Flash with ECC: each double word can be programmed once per erase.',
    source: 'AN3156, AN2606, DS10198, RM0351; captures of L433, L452 and L4R9',
    create: romBoard({ profile: STM32L476, rom: L476_ROM }),
  },
  {
    name: 'stm32l476-rom-early-stall',
    title: 'STM32L476 ROM that stalls early polls',
    description: 'Advertises waits that are too short and stalls a GETSTATUS that comes before it is done.',
    source: 'dfu-util dfuse.c (workaround for some STM32L4 bootloaders)',
    create: romBoard({ profile: STM32L476, rom: L476_ROM_EARLY_STALL }),
  },
  {
    name: 'stm32g431-rom',
    title: 'STM32G431 in its ROM bootloader',
    description: 'Takes blocks of 1024 bytes and no more; flash with ECC, option bytes counted in bytes ("40Be").',
    source: 'AN3156, AN2606, RM0440; capture of a CLN17 board, web-stm32-updater #3; cell times of the L476',
    create: romBoard({ profile: STM32G431, rom: G431_ROM }),
  },
  {
    name: 'stm32h743-rom',
    title: 'STM32H743 in its ROM bootloader V9.1',
    description: 'Words of 32 bytes with ECC; after an erase in bank 2 it says "busy" until CLRSTATUS is sent twice.',
    source: 'AN3156, AN2606, DS12110, RM0433; betaflight-configurator #1861, NuttX documentation',
    create: romBoard({ profile: STM32H743, rom: H743_ROM }),
  },
];

/** The ROM bootloader of every STM32 that has USB DFU; some of them are among the scenarios above, by the same name. */
export const romScenarios: readonly Scenario[] = romRows.map((row) => {
  const { profile, rom, romNeedsVbus, source } = row;
  const name = scenarioNameOf(row);
  return (
    knownScenarios.find((scenario) => scenario.name === name) ?? {
      name,
      title: `${[row.name, row.variant].filter(Boolean).join(', ')} in its ROM bootloader`,
      description: `${row.line}. ${row.guesses.length === 0 ? 'As captured and documented.' : `Guesses: ${row.guesses.join('; ')}.`}`,
      source,
      create: romBoard({ profile, rom, romNeedsVbus }),
    }
  );
});
