/** Flash of made-up or real division, for tests of what is computed from it. */
import type { Range, Region } from '../src/target/geometry.ts';

interface FlashShape extends Pick<Region, 'start' | 'end' | 'erasedValue' | 'cells' | 'writeSize'> {
  readonly sectors: readonly Range[];
}

export const FLASH_START = 0x0800_0000;

/** Sectors of these lengths, one behind the other, of plain cells. */
export function flashOf(lengths: readonly number[]): FlashShape {
  let end = FLASH_START;
  const sectors = lengths.map((length) => {
    const start = end;
    end += length;
    return { start, end };
  });
  return { start: FLASH_START, end, sectors, erasedValue: 0xff, cells: 'plain', writeSize: 2 };
}

/** Pages of 2 KB, as RM0008 §3.3.3 has them. */
export const pagedFlash = (size: number): FlashShape => flashOf(Array.from({ length: size / 2048 }, () => 2048));
