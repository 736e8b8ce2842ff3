/** From the options of a command to a target that is ready to work. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { CHIPS, type Chip, findChipByName, findChipsByName, findOtherChipByName } from '@sureflash/chips';
import { MemoryImage } from '@sureflash/image';
import { type Clock, hasCode, type UsbPort } from '@sureflash/programmer';
import { connectDfu, type DfuTarget, examineDfu, loaderOf } from '@sureflash/programmer/dfu';
import type { Subject } from '@sureflash/programmer/engine';
import { recordTrace, type TraceLine } from '@sureflash/programmer/transports';
import type { Board } from '@sureflash/virtual';
import type { Context } from '../context.ts';
import { fileError } from '../firmware-file.ts';
import { usage } from '../numbers.ts';
import { explained } from '../render/problem.ts';
import { openLocalUsb } from './local-usb.ts';
import type { DeviceOptions } from './options.ts';
import { openRemote } from './remote-usbip.ts';
import { reopened } from './reopen.ts';
import { openReplay } from './replay.ts';
import type { Source } from './source.ts';
import { openVirtual } from './virtual-board.ts';
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

/** Opens what the options name, tells of it, and closes it again whatever happens. */
export async function withDevice<T>(
  context: Context,
  options: DeviceOptions,
  work: (device: Device) => Promise<T>,
): Promise<T> {
  const device = await openDevice(context, options);
  try {
    return await work(device);
  } finally {
    await device[Symbol.asyncDispose]();
  }
}

async function openDevice(context: Context, options: DeviceOptions): Promise<Device> {
  const chip = options.chip === undefined ? undefined : chipNamed(options.chip);
  const open = async (): Promise<Source> => await openSource(context, options);
  const { wait } = options;
  const source = await (wait === undefined ? open() : waitFor(context, { seconds: wait }, open));
  try {
    return await connect(context, source, { ...options, ...(chip && { stated: chip }) });
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

async function openSource(
  { io }: Context,
  { usb, usbip, virtual, replay, instant, load }: DeviceOptions,
): Promise<Source> {
  if (virtual !== undefined)
    return await openVirtual(io, virtual, { ...(instant && { instant }), ...(load !== undefined && { load }) });
  if (load !== undefined || instant)
    throw usage('--load and --instant go with --virtual only.', 'Add --virtual stm32f105-rom, or leave them out.');
  if (usbip !== undefined) return await openRemote(usbip);
  if (replay !== undefined) return await openReplay(io, replay);
  return await openLocalUsb(usb);
}

/** A port that is open becomes a device that is understood: a ROM bootloader is read for what its chip is. */
export async function connect(
  context: Context,
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
  announce(context, device);
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

/** Begins the file anew. @returns what adds a line to it */
function beginTrace(path: string): (line: TraceLine) => void {
  try {
    writeFileSync(path, '');
  } catch (cause) {
    throw fileError(path, 'written', cause);
  }
  return (line) => appendFileSync(path, `${JSON.stringify(line)}\n`);
}

function announce(context: Context, { target, port, where }: Device): void {
  const { vendorId, productId, bcdDevice, product, serial } = port.identity;
  const { loader, title, chips, because } = target.identification;
  context.emit({
    type: 'device',
    where,
    vendorId,
    productId,
    bcdDevice,
    product,
    serial,
    loader,
    title,
    because,
    chips: chips.flatMap((chip) => chip.names),
    transferSize: target.transferSize,
    uid: target.examination?.uid,
    differences: target.differences,
  });
  context.note(context.style.strong('Device'), `${title} (${where})`);
  for (const difference of target.differences) context.note(context.style.warn('Difference'), difference);
}

/** @throws CommandError `usage` that lists the known chips */
export function chipNamed(name: string): Chip {
  const chip = findChipByName(name);
  if (chip) return chip;
  const other = findOtherChipByName(name);
  if (other) throw usage(`The ${name} cannot be programmed here: ${other.limitations.join('; ')}.`);
  const meant = findChipsByName(name).flatMap((each) => each.names);
  const families = [...new Set(CHIPS.map(({ family }) => family))].join(', ');
  throw usage(
    meant.length > 0 ? `"${name}" may be one of several chips.` : `The chip "${name}" is not in the table.`,
    meant.length > 0 ? `Say which: ${meant.join(', ')}` : `Write it as on the chip: STM32F105RB. Families: ${families}`,
  );
}
