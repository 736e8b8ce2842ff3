/** What to do, in words that several causes share; made for the chip where it is known. */
import type { Chip } from '@sureflash/chips';
import { hex } from '../target/geometry.ts';

const nameOf = (chip: Chip): string => chip.names[0] ?? chip.id;

/** How a person gets this chip into its ROM bootloader. */
export function startBootloader(chip: Chip | undefined): string[] {
  if (!chip) {
    return [
      'Start the ROM bootloader of the chip (for most STM32: BOOT0 high at reset) and program through that. docs/chips.md has the pins and option bits of each chip; --chip NAME tells them here.',
    ];
  }
  if (!chip.usbDfu) {
    return [
      `The ROM bootloader of the ${nameOf(chip)} does not speak USB: program it through a debug probe or its UART.`,
    ];
  }
  return [
    `Start the ROM bootloader of the ${nameOf(chip)} and program through that: ${chip.boot.pattern}; it needs ${chip.boot.clock}.`,
    ...(chip.boot.note ? [`${chip.boot.note}.`] : []),
  ];
}

/** The whole way of a person into the bootloader, step by step. */
export function bootloaderSteps(chip: Chip): string[] {
  if (!chip.usbDfu) return startBootloader(chip);
  const connect = chip.bootloader.connect ?? [];
  const waits = connect.map(({ ms, when }) => `${(ms / 1000).toFixed(1)} s${when === undefined ? '' : ` (${when})`}`);
  return [
    'Take the board off USB and off every other supply.',
    `For the ${nameOf(chip)}: ${chip.boot.pattern}. The pins and option bits are looked at during a reset only.`,
    `Look at the crystal: the bootloader needs ${chip.boot.clock}.`,
    ...(chip.boot.note ? [`${chip.boot.note}.`] : []),
    'Plug it into USB with a cable that has data lines; without a power switch that is the reset.',
    ...(waits.length > 0 ? [`Wait until it shows itself: ${waits.join(', ')} at least.`] : []),
    'Then: sureflash list',
  ];
}

/** How an application gets there (AN2606; UM on each family). */
export function jumpToBootloader(chip: Chip | undefined): string {
  if (!chip) return 'Or let the application jump to the bootloader before any peripheral is started.';
  const { bootloaderVectors } = chip;
  return `Or let the application jump to it: stack pointer from ${hex(bootloaderVectors)}, entry from ${hex(bootloaderVectors + 4)}, before any peripheral is started and with interrupts enabled.`;
}

export const WRITE_CALLBACKS =
  'Or write MEM_If_Erase, MEM_If_Write and MEM_If_Read in usbd_dfu_if.c: STM32CubeMX generates them empty.';

/** For a loader whose author can be asked. */
export const fixLoader = (what: string): string => `In the loader (usbd_dfu_if.c where it is ST's class): ${what}`;

export const POWER_CYCLE = 'Take the power away from the board for some seconds, then try again.';
export const OTHER_CABLE = 'Try another cable, and a port of the computer itself.';
export const ANOTHER_HUB = 'Put a USB 2.0 hub between, or take away the one that is there.';
export const SUPPLY = 'Measure the supply of the chip while it erases: below its minimum flash programs badly.';

/** What another way of reading would settle. */
export const READ_BY_PROBE = 'Read the flash through a debug probe: that shows what it really holds.';
