/** The part of a program that lies in memory which is written without an erase, in words: data EEPROM and OTP. */
import type { MemoryImage } from '@sureflash/image';
import type { Region } from '@sureflash/programmer';
import type { UnerasedReport, UnerasedWrite } from '@sureflash/programmer/engine';
import { rangeText } from '../render/plan.ts';
import { size } from '../render/words.ts';

/** The memories that have a part of an image. */
export function memoriesOf(regions: readonly Region[], image: MemoryImage): Region[] {
  return regions.filter((region) => image.within(region).length > 0).toSorted((a, b) => a.start - b.start);
}

/** Each once: `Internal Flash, DATA Memory`. */
export function namesOf(regions: readonly Region[]): string {
  return [...new Set(regions.map(({ name }) => name))].join(', ');
}

/** `DATA Memory at 0x08080000..0x08080008: write 8 B, without an erase` */
export function otherPlanText({ region, segment, writes }: UnerasedWrite): string {
  const place = rangeText({ start: segment.address, end: segment.address + segment.bytes.length });
  const bytes = writes.reduce((sum, write) => sum + write.bytes.length, 0);
  const how = region.kind === 'otp' ? ', permanently' : ', without an erase';
  return `${region.name} at ${place}: ${bytes === 0 ? 'holds it already' : `write ${size(bytes)}${how}`}`;
}

/** `DATA Memory: 8 B written, 8 B read back and equal` */
export function otherOutcomeText(memories: string, { bytesWritten, verifiedBytes }: UnerasedReport): string {
  const written = bytesWritten === 0 ? 'held it already' : `${size(bytesWritten)} written`;
  return `${memories}: ${written}, ${size(verifiedBytes)} read back and equal`;
}
