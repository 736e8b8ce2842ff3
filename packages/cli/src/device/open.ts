/** From the options of a verb to a device that is ready to work. It prints nothing. */
import type { Chip } from '@sureflash/chips';
import { MemoryImage } from '@sureflash/image';
import { type Clock, hasCode, type UsbPort } from '@sureflash/programmer';
import { connectDfu, type DfuTarget, examineDfu, loaderOf } from '@sureflash/programmer/dfu';
import type { Subject } from '@sureflash/programmer/engine';
import { recordTrace } from '@sureflash/programmer/transports';
import type { Board } from '@sureflash/virtual';
import type { Io } from '../base/io.ts';
import { explained } from '../render/problem.ts';
import { chipNamed } from './chip-named.ts';
import { openSource } from './open-source.ts';
import type { DeviceOptions } from './options.ts';
import { reopened } from './reopen.ts';
import type { Source } from './source.ts';
import { beginTrace } from './trace-file.ts';
import { waitFor } from './waiting.ts';

export interface Device extends AsyncDisposable {
  readonly target: DfuTarget;
  readonly port: UsbPort;
  readonly clock: Clock;
  readonly where: string;
  /** The chip, when the device itself or the user has named it. */
  readonly chip?: Chip;
  readonly board?: Board;
  subject(image: MemoryImage): Subject;
  /** The target once more, when the device is on the bus again. @throws FlashError `device/not-back` */
  reopen(): Promise<DfuTarget>;
}

/** No file is at hand while a device is opened. */
const NOTHING = new MemoryImage([]);

/** @param onWaiting told once when there is no device yet and `wait` is among the options */
export async function openDevice(io: Io, options: DeviceOptions, onWaiting: () => void): Promise<Device> {
  const chip = options.chip === undefined ? undefined : chipNamed(options.chip);
  const open = async (): Promise<Source> => await openSource(io, options);
  const { wait } = options;
  const source = await (wait === undefined ? open() : waitFor(open, { seconds: wait, signal: io.signal, onWaiting }));
  try {
    return await connect(source, { ...options, ...(chip && { stated: chip }) });
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** A port that is open becomes a device that is understood: a ROM bootloader is read for what its chip is. */
export async function connect(
  source: Source,
  options: { polite?: boolean; trace?: string; stated?: Chip },
): Promise<Device> {
  const { clock, where, board } = source;
  const { polite = false, trace, stated } = options;
  const sink = trace === undefined ? undefined : beginTrace(trace);
  const connecting = { clock, polite, ...(stated && { chip: stated }) };
  const portOf = (from: Source): UsbPort => (sink ? recordTrace(from.port, clock, sink) : from.port);
  let current = source;
  const port = portOf(source);
  const target = await examineDfu(port, connecting).catch((error: unknown) => {
    // With what descriptors tell; where they are the trouble, this throws it once more.
    throw explained(subjectOf(connectDfu(port, connecting), NOTHING, clock), error);
  });
  const { chip } = subjectOf(target, NOTHING, clock);
  const device: Device = {
    target,
    port,
    clock,
    where,
    ...(chip && { chip }),
    ...(board && { board }),
    subject: (image) => subjectOf(target, image, clock),
    reopen: async () => {
      await current[Symbol.asyncDispose]();
      const again = await reopened(current, async (from) => await examineDfu(portOf(from), connecting)).catch(
        (error: unknown) => {
          if (hasCode(error, 'device/not-back')) sink?.({ type: 'absent' });
          throw error;
        },
      );
      current = again.source;
      return again.target;
    },
    [Symbol.asyncDispose]: async () => await current[Symbol.asyncDispose](),
  };
  return device;
}

function subjectOf(target: DfuTarget, image: MemoryImage, clock: Clock): Subject {
  const { loader, chips, certain } = target.identification;
  const [chip] = certain ? chips : [];
  const likely = chips.find(({ timing }) => timing !== undefined);
  const isRom = loader === 'st-rom';
  return {
    target,
    image,
    clock,
    isRom,
    loader: loaderOf(target),
    ...(chip && { chip }),
    ...(likely && { likely }),
  };
}
