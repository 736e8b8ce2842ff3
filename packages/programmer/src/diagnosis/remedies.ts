/** What to do, in words that several causes share; made for the chip where it is known. */
import { bootloaderEntryOf, type Chip, chipName } from '@sureflash/chips';
import { hex } from '../target/geometry.ts';
import { type Remedy, remedy } from './remedy.ts';

/** How a person gets this chip into its ROM bootloader. */
export function startBootloader(chip: Chip | undefined): Remedy[] {
  if (!chip) {
    return [
      remedy(
        'Start the ROM bootloader of the chip (on most STM32: BOOT0 high at reset) and program through that. State the chip to see its pins and option bits.',
        'state-chip',
      ),
    ];
  }
  if (!chip.usbDfu) {
    return [
      remedy(
        `The ROM bootloader of the ${chipName(chip)} does not speak USB: program it through a debug probe or its UART.`,
      ),
    ];
  }
  return [
    remedy(
      `Start the ROM bootloader of the ${chipName(chip)} and program through that: ${chip.boot.pattern}; it needs ${chip.boot.clock}.`,
    ),
    ...noteOf(chip),
    ...emptyIt(chip),
  ];
}

/** Some chips start their bootloader when there is no program (AN2606, empty check). */
function emptyIt(chip: Chip): Remedy[] {
  if (!chip.boot.emptyCheck) return [];
  const text = `Or erase it through a debug probe: at power-on an empty ${chipName(chip)} starts its ROM bootloader.`;
  return [remedy(text, 'erase-by-probe')];
}

/** The whole way of a person into the bootloader, step by step. */
export function bootloaderSteps(chip: Chip): Remedy[] {
  if (!chip.usbDfu) return startBootloader(chip);
  const connect = chip.bootloader.connect ?? [];
  const waits = connect.map(({ ms, when }) => `${(ms / 1000).toFixed(1)} s${when === undefined ? '' : ` (${when})`}`);
  return [
    remedy('Disconnect the board from USB and from every other supply.'),
    remedy(`For the ${chipName(chip)}: ${chip.boot.pattern}. The chip reads its pins and option bits only at a reset.`),
    remedy(`Check the crystal: the bootloader needs ${chip.boot.clock}.`),
    ...noteOf(chip),
    remedy('Plug it into USB with a cable that has data lines; if the board has no power switch, that is the reset.'),
    ...(waits.length > 0 ? [remedy(`Wait until it appears on the bus: at least ${waits.join(', ')}.`)] : []),
    remedy('Then check that it is on the bus.', 'list-devices'),
  ];
}

const noteOf = ({ boot: { note } }: Chip): Remedy[] => (note === undefined ? [] : [remedy(`${note}.`)]);

/** How an application gets there (AN2606; UM on each family). */
export function jumpToBootloader(chip: Chip | undefined): Remedy {
  if (!chip) {
    return remedy('Or let the application jump to the bootloader before any peripheral is started.', 'write-jump');
  }
  const entry = bootloaderEntryOf(chip);
  if (entry && !entry.possible)
    return remedy(`No code can start the ROM bootloader of the ${chipName(chip)}: ${entry.reason}.`);
  const { bootloaderVectors } = chip;
  const text = `Or let the application jump to it: stack pointer from ${hex(bootloaderVectors)}, entry from ${hex(bootloaderVectors + 4)}, before any peripheral is started and with interrupts enabled.`;
  return remedy(text, 'write-jump', chipName(chip));
}

/** No loader stands between a debug probe and the flash. */
export const BY_PROBE = remedy(
  'Or program it through a debug probe, which needs no loader in the chip.',
  'program-by-probe',
);

export function writeCallbacks(chip: Chip | undefined): Remedy {
  const text =
    'Or write MEM_If_Erase, MEM_If_Write and MEM_If_Read in usbd_dfu_if.c: STM32CubeMX generates them empty.';
  return remedy(text, 'write-callbacks', chip && chipName(chip));
}

/** For a loader whose author can be asked. */
export const fixLoader = (what: string): string => `In the loader (usbd_dfu_if.c where it is ST's class): ${what}`;

export const POWER_CYCLE = 'Disconnect the board from all power for a few seconds, then try again.';
export const OTHER_CABLE = 'Try another cable, and a port on the computer itself.';
export const ANOTHER_HUB = 'Put a USB 2.0 hub in between, or remove the one that is there.';
export const SUPPLY =
  'Measure the supply of the chip while it erases: below the minimum voltage, flash programs badly.';

/** What another way of reading would settle. */
export const READ_BY_PROBE = 'Read the flash through a debug probe: that shows what it really holds.';

/** The one udev rule: the line that gives ST's bootloaders and ST-LINK probes to whoever is logged in. */
export const UDEV_RULE =
  'SUBSYSTEM=="usb", ATTR{idVendor}=="0483", ATTR{idProduct}=="df11|374?|375?", MODE="0660", TAG+="uaccess"';
export const ALLOW_ON_LINUX: readonly string[] = [
  `Linux: put this line into /etc/udev/rules.d/70-sureflash.rules: ${UDEV_RULE}`,
  'Then run "sudo udevadm control --reload" and plug the device in again.',
];
export const ALLOW_ON_WINDOWS =
  'Windows: bind WinUSB to "STM32 BOOTLOADER" with Zadig (https://zadig.akeo.ie), or install STM32CubeProgrammer.';
export const CLOSE_OTHERS =
  'Close other programmers, debug sessions, browser tabs and virtual machines that use the device, then try again.';
