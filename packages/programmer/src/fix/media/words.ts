/** What a person must know about a generated media file. Words only. */
import type { Chip, FlashController } from '@sureflash/chips';
import { hex } from '../../target/geometry.ts';
import type { Partition } from '../partition.ts';
import type { ClassVersion } from './options.ts';
import type { PollTimes } from './times.ts';

export function mediaIntroduction(chip: Chip, { application, variant }: Partition, version: ClassVersion): string[] {
  return [
    `usbd_dfu_if.c for ${chip.names.join(', ')} with ${variant.name} of flash: the callbacks behind ST's USB DFU class, class ${version === 'since-2.11.2' ? '2.11.2 or newer' : 'before 2.11.2'}. Made by sureflash in place of the file of that name that STM32CubeMX generates, whose functions do nothing. The file is yours: change it as you like.`,
    `The loader has ${hex(variant.banks[0]?.start ?? 0)} to ${hex(application.start - 1)}, the application ${hex(application.start)} to ${hex(application.end - 1)}. Nothing here erases or writes outside of the application.`,
  ];
}

export const mediaSteps = ({ application }: Partition): string[] => [
  'Put usbd_dfu_if.c in place of the one that STM32CubeMX generated, and keep it out of code generation (USBD_DFU_fops must stay).',
  `Set USBD_DFU_APP_DEFAULT_ADD to ${hex(application.start)}.`,
  `Link the application for ${hex(application.start)}, and let it set VTOR to that address where the core has one.`,
  'Let the loader check the application before it starts it; the module application_check does that.',
];

export function mediaCautions(
  chip: Chip,
  controller: FlashController,
  { variant }: Partition,
  times: PollTimes,
): string[] {
  const others = chip.variants.filter((each) => each !== variant).map(({ name }) => name);
  return [
    ...(others.length > 0
      ? [
          `It is written for ${variant.name}; on a part with another size or division (${others.join('; ')}) it refuses to erase and write.`,
        ]
      : []),
    ...(times.guessed ? [`The poll times are ${times.source}.`] : []),
    ...(controller.kind === 'half-word'
      ? ['HSI must be on while flash is erased or written; it is, unless the application turns it off.']
      : []),
    ...(controller.kind === 'sector' || controller.control['PSIZE_X64']
      ? ['Flash is written in the widest way that 2.7 to 3.6 V allow: with less, PSIZE must be smaller.']
      : []),
    ...(controller.reportsEcc
      ? ['Call dfu_media_nmi() in NMI_Handler: a unit whose programming was cut may raise an NMI when it is read.']
      : []),
    ...(chip.family === 'WB'
      ? ['While the second core runs, flash needs the semaphores of AN5289 §4.7, which are not taken here.']
      : []),
    'Code stands still while the bank that it runs from is erased: interrupts wait up to the time of a sector erase.',
    'A watchdog must allow for that time, or be fed by DFU_MEDIA_KICK().',
  ];
}
