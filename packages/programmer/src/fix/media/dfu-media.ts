/** Writes `usbd_dfu_if.c`: the callbacks behind ST's USB DFU class, for one chip and one partition. Text from chip facts. */
import type { Chip, FlashController } from '@sureflash/chips';
import { bootloaderEntryOf, chipName, flashControllerOf, sectorCode } from '@sureflash/chips';
import { FlashError } from '../../errors.ts';
import { hex } from '../../target/geometry.ts';
import { comment, document, u32 } from '../c-text.ts';
import type { GeneratedModule } from '../generated.ts';
import { deviceHeaders } from '../headers/device.ts';
import { dfuClassHeaders } from '../headers/dfu-class.ts';
import { identityC } from '../identity.ts';
import { layoutOfPartition } from '../layout/make.ts';
import { type Partition, partitionOf } from '../partition.ts';
import { cacheC } from './cache.ts';
import { callbacksC, initialiserC, readC } from './callbacks.ts';
import { controllerC } from './controller.ts';
import type { DfuMediaOptions } from './options.ts';
import { ownChipC } from './own-chip.ts';
import { type PollTimes, pollTimes } from './times.ts';
import { mediaCautions, mediaIntroduction, mediaSteps } from './words.ts';
import { writeC } from './write.ts';

export const MEDIA_SOURCE = 'usbd_dfu_if.c';

/**
 * `usbd_dfu_if.c` with real erase, write and read, and the layout string of the partition.
 * @throws FlashError `fix/impossible` where no source tells how the flash is programmed or divided; `fix/option` for an
 * application address that is no sector border, or a transfer size that the chip cannot write
 */
export function dfuMedia(options: DfuMediaOptions): GeneratedModule & { readonly layout: string } {
  const { chip, classVersion = 'since-2.11.2', port = 'FS', transferSize = 1024 } = options;
  const controller = controllerOf(chip);
  if (transferSize % controller.unit !== 0 || transferSize <= 0) throw badTransferSize(transferSize, controller);
  const partition = partitionOf(options);
  const layout = layoutOfPartition(partition);
  const times = pollTimes(chip, controller, partition, transferSize);
  const identity = identityC('dfu-media', {
    chip: chip.id,
    application: hex(partition.application.start),
    class: classVersion,
  });
  const text = document([
    comment(mediaIntroduction(chip, partition, classVersion)),
    `#include "usbd_dfu_if.h"\n#include "${headerOf(chip)}.h"`,
    '/* Called while flash is busy, for as long as a sector takes to erase: feed a watchdog here. */\n#ifndef DFU_MEDIA_KICK\n#define DFU_MEDIA_KICK() ((void)0)\n#endif',
    identity.define,
    mediaPlacesC(chip, { controller, partition, layout, times }),
    ownChipC(chip, partition.variant),
    controllerC(controller),
    cacheC(controller),
    writeC(),
    readC(bootloaderCore(chip) === 'cortex-m7', classVersion),
    callbacksC(port, identity.keep),
    controller.reportsEcc ? nmiC() : undefined,
    initialiserC(port),
  ]);
  return {
    files: [{ name: MEDIA_SOURCE, text }],
    headers: [...deviceHeaders(chip), ...dfuClassHeaders(port, transferSize)],
    steps: mediaSteps(partition),
    cautions: mediaCautions(chip, controller, partition, times),
    guesses: [...(controller.guesses ?? []), ...(times.guessed ? [times.source] : [])],
    layout,
  };
}

function controllerOf(chip: Chip): FlashController {
  const controller = flashControllerOf(chip);
  const isWritten = controller?.banks.every(({ failures }) => failures === undefined);
  if (controller && isWritten) return controller;
  throw new FlashError('fix/impossible', {
    chip: chipName(chip),
    wanted: 'program its flash',
    reason: controller
      ? 'its flash controller tells of failures in a register of its own, and no C is written for that yet'
      : 'no public source that we have describes its flash controller',
    source: chip.sources.join(', '),
    instead: 'its ROM bootloader',
  });
}

const badTransferSize = (size: number, { unit }: FlashController): FlashError<'fix/option'> =>
  new FlashError('fix/option', {
    option: 'transferSize',
    value: String(size),
    expected: `a multiple of ${unit}, the bytes that this chip programs at once`,
  });

function headerOf(chip: Chip): string {
  const entry = bootloaderEntryOf(chip);
  return entry?.possible ? entry.header : `stm32${chip.family.toLowerCase()}xx`;
}

function bootloaderCore(chip: Chip): string | undefined {
  const entry = bootloaderEntryOf(chip);
  return entry?.possible ? entry.core : undefined;
}

/** What the constants at the top of the file are made from. */
interface Places {
  readonly controller: FlashController;
  readonly partition: Partition;
  readonly layout: string;
  readonly times: PollTimes;
}

function mediaPlacesC(chip: Chip, { controller, partition, layout, times }: Places): string {
  const { application, groups, variant } = partition;
  const twoSets = controller.banks.length > 1;
  const rows = groups.map(({ start, size, count, bank, number }) => {
    const { first, step } = sectorCode(controller, bank, number);
    return `  {${u32(start)}, ${u32(size)}, ${count}u, ${twoSets ? bank : 0}u, ${u32(first)}, ${u32(step)}},`;
  });
  return `/* What the host learns: "a" is readable, "g" readable, erasable and writable. */
#define LAYOUT "${layout}"

/* ${variant.name}: the loader first, which nothing here changes, then the application. */
#define FLASH_START ${u32(groups[0]?.start ?? 0)}
#define APPLICATION_START ${u32(application.start)}
#define APPLICATION_END ${u32(application.end)}
/* Bytes that are programmed at once${chip.cells === 'ecc' ? ', once after each erase: they share an error-correcting code' : ''}. */
#define UNIT ${controller.unit}u
#define ERASED ${u32(chip.erasedValue)}
/* ${times.source} */
#define ERASE_MS ${times.eraseMs}u
#define PROGRAM_MS ${times.programMs}u

/* Equal sectors one behind the other; \`code\` is the first one's number as the control register takes it. */
static const struct {
  uint32_t start, size, count, bank, code, step;
} GROUPS[] = {
${rows.join('\n')}
};`;
}

const nmiC = (): string => `/*
 * Call this in NMI_Handler, and return from it if it says 1: a unit whose programming lost its power may read with an error
 * that cannot be corrected, which the chip reports by NMI. The host erases it and programs it again.
 */
int dfu_media_nmi(void) {
  if ((FLASH->ECCR & 0x80000000u) == 0u) return 0;
  FLASH->ECCR = FLASH->ECCR | 0x80000000u;
  return 1;
}`;
