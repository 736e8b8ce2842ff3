/** `verify`, `read`, `erase` and `leave`: what can be done to a device's memory besides programming it. */
import {
  FORMAT_TITLES,
  type FormatName,
  formatFirmware,
  formatOfName,
  MemoryImage,
  type Range,
} from '@sureflash/image';
import { FlashError, hex, type Region } from '@sureflash/programmer';
import { eraseAllFlash, eraseSectors, planErase, readAll, verify } from '@sureflash/programmer/engine';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { type Device, withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { EXIT } from '../exit-codes.ts';
import { type LoadOptions, loadFirmware, saveFile } from '../firmware-file.ts';
import { usage } from '../numbers.ts';
import { rangeText } from '../render/plan.ts';
import { count, duration, size } from '../render/words.ts';

export async function verifyCommand(
  context: Context,
  path: string,
  options: DeviceOptions & LoadOptions,
): Promise<void> {
  const { image } = await loadFirmware(context.io, path, options);
  await withDevice(context, options, async (device) => {
    const { target, clock } = device;
    const sectors = target.geometry.flatMap((region) => region.sectors);
    const view = context.progress(
      clock,
      sectors.filter((sector) => image.within(sector).length > 0),
    );
    const started = clock.now();
    const compared = await verify(device.subject(image), {
      signal: context.io.signal,
      onProgress: view.onProgress,
    }).finally(() => view.end());
    context.result(
      context.style.ok('Verified'),
      `${size(compared)} read back and equal (${duration(clock.now() - started)})`,
    );
    context.emit({ type: 'result', ok: true, verifiedBytes: compared });
  });
}

export interface ReadOptions extends DeviceOptions {
  readonly range?: Range;
  readonly format?: FormatName;
}

export async function readCommand(
  context: Context,
  path: string,
  { range, format, ...options }: ReadOptions,
): Promise<void> {
  const chosen = format ?? formatOfName(path);
  if (!chosen)
    throw usage(
      `"${path}" does not say in which format to write.`,
      'Give the file an ending such as .bin or .hex, or use --format.',
    );
  await withDevice(context, options, async (device) => {
    const { target, clock } = device;
    const wanted = range ?? wholeFlash(target.geometry);
    const view = context.progress(clock);
    const started = clock.now();
    const bytes = await readAll(target, wanted, { signal: context.io.signal, onProgress: view.onProgress }).finally(
      () => view.end(),
    );
    await saveFile(context.io, path, formatFirmware(new MemoryImage([{ address: wanted.start, bytes }]), chosen));
    context.result(
      context.style.ok('Read'),
      `${size(bytes.length)} at ${rangeText(wanted)} to ${path}, ${FORMAT_TITLES[chosen]} (${duration(clock.now() - started)})`,
    );
    context.emit({ type: 'result', ok: true, path, format: chosen, bytes: bytes.length, ...wanted });
  });
}

function wholeFlash(regions: readonly Region[]): Range {
  const flash = regions.find((region) => region.kind === 'flash');
  if (flash) return { start: flash.start, end: flash.end };
  throw usage('This device names no flash.', 'Give the range to read: --range 0x08000000+64K');
}

export interface EraseOptions extends DeviceOptions {
  readonly range?: Range;
  readonly all?: boolean;
}

export async function eraseCommand(context: Context, { range, all = false, ...options }: EraseOptions): Promise<void> {
  if (!range === !all)
    throw usage('What shall be erased?', 'Everything: --all. A part: --range 0x08004000+16K (whole sectors).');
  await withDevice(context, options, async (device) => {
    const { target, clock } = device;
    const flash = target.geometry.filter((region) => region.kind === 'flash');
    const wanted = range ?? {
      start: Math.min(...flash.map((r) => r.start)),
      end: Math.max(...flash.map((r) => r.end)),
    };
    const sectors = planErase(target.geometry, wanted);
    const bytes = sectors.reduce((sum, sector) => sum + sector.end - sector.start, 0);
    const taken = { start: sectors[0]?.start ?? 0, end: sectors.at(-1)?.end ?? 0 };
    context.note(
      context.style.strong('Plan'),
      `erase ${count(sectors.length, 'sector')}, ${size(bytes)} at ${rangeText(taken)}`,
    );
    context.emit({ type: 'plan', eraseBytes: bytes, sectors });
    const view = context.progress(clock, sectors);
    const started = clock.now();
    const erase = all ? eraseAllFlash : eraseSectors;
    await erase(target, sectors, { signal: context.io.signal, onProgress: view.onProgress }).finally(() => view.end());
    context.result(
      context.style.ok('Erased'),
      `${count(sectors.length, 'sector')}, ${size(bytes)}, read back and blank (${duration(clock.now() - started)})`,
    );
    context.emit({ type: 'result', ok: true, sectorsErased: sectors.length, erasedBytes: bytes });
  });
}

/** Stack pointer and reset vector (ARMv7-M B1.5.3). */
const VECTORS = 8;

/** Whether a start at `address` would run into erased flash. A device that cannot be read gets the benefit of the doubt. */
async function isBlank({ target }: Device, address: number): Promise<boolean> {
  try {
    const vectors = await readAll(target, { start: address, end: address + VECTORS });
    return vectors.every((byte) => byte === 0xff);
  } catch (error) {
    if (error instanceof FlashError) return false;
    throw error;
  }
}

export async function leaveCommand(
  context: Context,
  { at, ...options }: DeviceOptions & { at?: number },
): Promise<void> {
  await withDevice(context, options, async (device) => {
    const flash = device.target.geometry.find((region) => region.kind === 'flash');
    const address = at ?? flash?.start;
    if (address === undefined) throw new FlashError('plan/outside', { start: 0, end: 1, available: [] });
    if (await isBlank(device, address)) {
      throw new CommandError({
        code: 'cli/nothing-to-start',
        exitCode: EXIT.refused,
        title: `There is no program at ${hex(address)}: the flash is blank there.`,
        remedy: ['Program one first, or give the address of its vector table: --at 0x08004000'],
        facts: { address },
      });
    }
    await device.target.leave(address);
    context.result(context.style.ok('Left'), `the bootloader started the program at ${hex(address)}`);
    context.emit({ type: 'result', ok: true, address });
  });
}
