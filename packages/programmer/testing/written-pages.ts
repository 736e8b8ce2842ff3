/** What a host asks for to program the first pages of a flash. Tests of where deviations send that begin with it. */
import { pagedFlash } from './flash-shapes.ts';

const PAGES = 12;
const blockSize = 512;

/** Each of the pages is erased, then the first bytes of each are written. `size`: of the flash, in bytes. */
export function writtenPages(size: number) {
  const shape = pagedFlash(size);
  const used = shape.sectors.slice(0, PAGES);
  const operations = [
    ...used.map(({ start, end }) => ({ kind: 'erase' as const, address: start, length: end - start })),
    ...used.map(({ start }) => ({
      kind: 'write' as const,
      base: start,
      number: 0,
      address: start,
      bytes: new Uint8Array(blockSize),
    })),
  ];
  return { shape, blockSize, operations };
}
