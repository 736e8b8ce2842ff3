/** The part of a program that lies in memory which is written without an erase: data EEPROM and OTP. */
import { MemoryImage } from '@sureflash/image';
import { divideImage, planUnerased, type UnerasedWrite, writeUnerased } from '@sureflash/programmer/engine';
import type { Context } from '../context.ts';
import type { Device } from '../device/open.ts';
import type { LoadedFirmware } from '../firmware-file.ts';
import { rangeText } from '../render/plan.ts';
import { size } from '../render/words.ts';

export interface OtherMemoryOptions {
  /** OTP may be written, which nothing undoes. */
  readonly oneTime?: boolean;
}

export interface OtherMemoryPlan {
  readonly planned: readonly UnerasedWrite[];
  /** What is left for the flash; `undefined` where nothing is. */
  readonly rest: LoadedFirmware | undefined;
}

/** Reads what is there and tells what would be written. */
export async function planOtherMemory(
  context: Context,
  { target }: Device,
  firmware: LoadedFirmware,
  { oneTime = false }: OtherMemoryOptions,
): Promise<OtherMemoryPlan> {
  const { flash, unerased } = divideImage(firmware.image, target.geometry);
  if (unerased.length === 0) return { planned: [], rest: firmware };
  const planned = await planUnerased(target, unerased, { oneTime });
  for (const each of planned) context.note(context.style.strong('Plan'), planText(each));
  return { planned, rest: flash.segments.length === 0 ? undefined : { ...firmware, image: flash } };
}

/**
 * Writes and proves it.
 * @returns what is left for the flash; `undefined` where nothing is
 */
export async function programOtherMemory(
  context: Context,
  device: Device,
  firmware: LoadedFirmware,
  options: OtherMemoryOptions,
): Promise<LoadedFirmware | undefined> {
  const { planned, rest } = await planOtherMemory(context, device, firmware, options);
  if (planned.length === 0) return rest;
  const bytesWritten = await writeUnerased(device.target, planned, { signal: context.io.signal });
  const { byteLength } = new MemoryImage(planned.map(({ segment }) => segment));
  const names = [...new Set(planned.map(({ region }) => region.name))].join(', ');
  const written = bytesWritten === 0 ? 'held it already' : `${size(bytesWritten)} written`;
  context.result(context.style.ok('Verified'), `${names}: ${written}, ${size(byteLength)} read back and equal`);
  const outcome = bytesWritten === 0 ? 'unchanged' : 'programmed';
  context.emit({
    type: rest ? 'memory' : 'result',
    ok: true,
    outcome,
    memories: names,
    bytesWritten,
    verifiedBytes: byteLength,
  });
  return rest;
}

function planText({ region, segment, writes }: UnerasedWrite): string {
  const place = rangeText({ start: segment.address, end: segment.address + segment.bytes.length });
  const bytes = writes.reduce((sum, write) => sum + write.bytes.length, 0);
  const how = region.kind === 'otp' ? ', for ever' : ', without an erase';
  return `${region.name} at ${place}: ${bytes === 0 ? 'holds it already' : `write ${size(bytes)}${how}`}`;
}
