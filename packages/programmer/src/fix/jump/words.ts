/** What a person must know about a bootloader jump: the head comment, steps and cautions. Words only. */
import type { Chip, FamilyFacts } from '@sureflash/chips';
import { hex } from '../../target/geometry.ts';
import type { Trigger } from './trigger.ts';

export function introduction(chip: Chip, family: FamilyFacts, when: string): string[] {
  const { bootloader, boot } = chip;
  const ram = bootloader.ram.map(({ start, end }) => `${hex(start)} to ${hex(end - 1)}`).join(', ');
  const connect = (bootloader.connect ?? []).map((time) => `${time.ms} ms${time.when ? ` with ${time.when}` : ''}`);
  return [
    `Starts the ROM bootloader of ${chip.names.join(', ')}, so that the chip can be programmed over USB. Made by sureflash, when=${when}. The file is yours: change it as you like.`,
    `The ROM's vector table is at ${hex(chip.bootloaderVectors)}. For USB the chip needs ${boot.clock}.${boot.note ? ` ${boot.note}.` : ''}${connect.length > 0 ? ` The device appears after at least ${connect.join(', ')} (AN2606).` : ''}`,
    ram === '' ? '' : `The ROM uses RAM at ${ram}: what stands there is lost.`,
    `Sources: ${family.source}; AN2606 for the ROM.`,
  ].filter((paragraph) => paragraph !== '');
}

export function jumpStepsOf({ kind }: Trigger): string[] {
  if (kind === 'never') {
    return [
      'Add bootloader_jump.c and bootloader_jump.h to the project.',
      'Call bootloader_jump_now() where the application wants to be updated, from thread mode.',
    ];
  }
  return [
    'Add bootloader_jump.c and bootloader_jump.h to the project.',
    'Call bootloader_jump_if_asked() first of all: in Reset_Handler or SystemInit, or as the first statement of main(), before HAL_Init() and the clocks.',
    'Call bootloader_jump_request() where the application itself wants to be updated.',
    "The linker script must define _estack, the end of RAM, as ST's do; else define BOOTLOADER_JUMP_MAGIC_ADDRESS.",
  ];
}

export function cautionsOf(chip: Chip, family: FamilyFacts, trigger: Trigger): string[] {
  const { bootloader, boot } = chip;
  const slow = bootloader.connect?.find(({ ms }) => ms > 5000);
  return [
    'An independent watchdog started by the option bytes runs in the ROM too; one that the application started goes on after bootloader_jump_now() and ends with bootloader_jump_request().',
    `For USB the chip needs ${boot.clock}.`,
    ...(boot.note ? [`${boot.note}.`] : []),
    ...(slow
      ? [`With ${slow.when ?? 'the slowest crystal'} the device may take ${(slow.ms / 1000).toFixed(1)} s to appear.`]
      : []),
    ...(trigger.kind === 'pin' && trigger.level === 'high' && trigger.pull === 'none'
      ? [
          `While P${trigger.pin.port}${trigger.pin.number} stays high every start ends in the bootloader, also the one after programming: unplug the cable to run the application. The pin needs a divider or a pull-down that holds it low without the cable.`,
        ]
      : []),
    ...(family.blocks ?? []).map(({ why }) => `The module does not jump when ${why}.`),
    ...chip.limitations.map((text) => `${text}.`),
    ...(family.clocks
      ? []
      : [`On STM32${chip.family} the bootloader is entered through a reset: there is no bootloader_jump_now().`]),
    'Read protection level 1 leaves the bootloader reachable but closed; level 2 ends it.',
  ];
}
