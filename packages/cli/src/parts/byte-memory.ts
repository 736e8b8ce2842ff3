/** The parts of a program for EEPROM and OTP, in words. */
import type { MemoryImage } from '@sureflash/image';
import type { ByteMemoryReport, ByteMemoryWrite, Region } from '@sureflash/programmer';
import { rangeText } from '../render/plan.ts';
import { size } from '../render/words.ts';

/** @returns the memories that a part of the image is for, in ascending order */
export function memoriesOf(regions: readonly Region[], image: MemoryImage): Region[] {
  return regions.filter((region) => image.within(region).length > 0).toSorted((a, b) => a.start - b.start);
}

/** Each once: `Internal Flash, DATA Memory`. */
export function regionNamesOf(regions: readonly Region[]): string {
  return [...new Set(regions.map(({ name }) => name))].join(', ');
}

/** `DATA Memory at 0x08080000..0x08080008: write 8 B, without an erase` */
export function byteMemoryPlanText({ region, segment, writes }: ByteMemoryWrite): string {
  const place = rangeText({ start: segment.address, end: segment.address + segment.bytes.length });
  const bytes = writes.reduce((sum, write) => sum + write.bytes.length, 0);
  const how = region.kind === 'otp' ? ', permanently' : ', without an erase';
  return `${region.name} at ${place}: ${bytes === 0 ? 'holds it already' : `write ${size(bytes)}${how}`}`;
}

/** `DATA Memory: 8 B written, 8 B read back and equal` */
export function byteMemoryOutcomeText(memories: string, { bytesWritten, verifiedBytes }: ByteMemoryReport): string {
  const written = bytesWritten === 0 ? 'held it already' : `${size(bytesWritten)} written`;
  return `${memories}: ${written}, ${size(verifiedBytes)} read back and equal`;
}
