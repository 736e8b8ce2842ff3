/** From a claimed USB interface to a `DfuTarget`: who is it, what memory has it, which deviations hold. */
import type { Chip } from '@sureflash/chips';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Alternate, UsbPort } from '../ports/usb.ts';
import { findFunctionalDescriptor } from './functional.ts';
import { layoutOf, regionsOf } from './geometry.ts';
import { type Identification, identify, isSt } from './identify.ts';
import { quirksOf } from './quirks.ts';
import { DfuSession } from './session.ts';
import { DfuTarget } from './target.ts';

export interface ConnectOptions {
  readonly clock: Clock;
  /** What the user says that the chip is; it outweighs what descriptors suggest. */
  readonly chip?: Chip;
  /** Always wait the advertised time between polls. */
  readonly polite?: boolean;
}

/** Block size of a device without a functional descriptor: the smallest that DfuSe loaders use. */
const DEFAULT_TRANSFER_SIZE = 1024;
/** Linux refuses control transfers above this (drivers/usb/core/devio.c). */
const LARGEST_TRANSFER = 4096;

/**
 * Looks at descriptors only: nothing in the device changes, not even its DFU state.
 * @throws FlashError `device/not-programmable`, `dfu/layout`
 */
export function connectDfu(port: UsbPort, { clock, chip, polite = false }: ConnectOptions): DfuTarget {
  const functional = findFunctionalDescriptor(port.configurationDescriptor);
  if (functional && !functional.canDownload) {
    throw new FlashError('device/not-programmable', {
      detail: 'its functional descriptor says that it takes no downloads',
    });
  }
  const transferSize = Math.min(functional?.transferSize ?? DEFAULT_TRANSFER_SIZE, LARGEST_TRANSFER);
  const flash = port.alternates.find((a) => /flash/i.test(a.name)) ?? port.alternates[0];
  const seen = {
    identity: port.identity,
    alternateCount: port.alternates.length,
    transferSize,
    announced: (flash && layoutOf(flash)?.sectors) ?? [],
    optionBytes: optionBytesOf(port.alternates),
  };
  const identification = withStatedChip(identify(seen), chip);
  const quirks = quirksOf({ identity: port.identity, flashLayout: flash?.name ?? '' });
  // Only ST's loaders are known to hold a poll until they are done.
  const session = new DfuSession(port, { clock, quirks, polite: polite || !isSt(port.identity) });
  const regions = regionsOf(port.alternates, identification.chips);
  return new DfuTarget({ port, session, clock, identification, regions, transferSize });
}

function optionBytesOf(alternates: readonly Alternate[]): number[] {
  return alternates
    .filter(({ name }) => /^@option byte/i.test(name))
    .flatMap((alternate) => layoutOf(alternate)?.sectors.map(({ start }) => start) ?? []);
}

function withStatedChip(found: Identification, chip: Chip | undefined): Identification {
  if (!chip) return found;
  return {
    ...found,
    chips: [chip],
    certain: true,
    because: `${found.because}; the chip was stated as ${chip.names[0] ?? chip.id}`,
  };
}
