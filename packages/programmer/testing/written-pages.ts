/** What a host asks for to program the first pages of a flash, as steps. Tests of where deviations send them begin with it. */
import { type Ground, groundOf, type Step, stepsOf } from '../src/explain/steps.ts';
import { pagedFlash } from './flash-shapes.ts';

const PAGES = 12;
const BLOCK_BYTES = 512;

/** Each of the pages is erased, then the first bytes of each are written. `size`: of the flash, in bytes. */
export function writtenPages(size: number): { readonly steps: readonly Step[]; readonly ground: Ground } {
  const shape = pagedFlash(size);
  const used = shape.sectors.slice(0, PAGES);
  const operations = [
    ...used.map(({ start, end }) => ({ kind: 'erase' as const, address: start, length: end - start })),
    ...used.map(({ start }) => ({
      kind: 'write' as const,
      base: start,
      number: 0,
      address: start,
      bytes: new Uint8Array(BLOCK_BYTES),
    })),
  ];
  return { steps: stepsOf(operations, shape, BLOCK_BYTES), ground: groundOf(shape, BLOCK_BYTES, operations) };
}
