/** Compares sectors by CRCs that the chip computes itself, where it can: what is equal or erased need not be read. */
import { crc32, type MemoryImage } from '@sureflash/image';
import type { Range } from '../../target/geometry.ts';
import type { OperationOptions, Target } from '../../target/target.ts';
import { type Look, SAMPLE_BYTES } from './look.ts';
import { readMemoryBytes } from './read-memory.ts';

/** Small sectors that differ are replaced as they are; in a large one it is worth while to look for what may be filled. */
const LARGE_SECTOR_BYTES = 16 * 1024;
/** Sectors of which some bytes are kept as they were, for a diagnosis. */
const KEPT_SAMPLES = 4;

/**
 * Fills in the looks that CRCs decide.
 * @returns those looks; empty where the target computes no CRCs
 * @throws what the target throws
 */
export async function compareByDigest(
  target: Target,
  image: MemoryImage,
  looks: readonly Look[],
  { signal }: OperationOptions,
): Promise<ReadonlySet<Look>> {
  const settled = new Set<Look>();
  const whole = looks.filter((look) => coversAll(look) && look.span.start % 4 === 0);
  const digests =
    whole.length > 0
      ? await target.digest?.(
          whole.map(({ span }) => span),
          { signal },
        )
      : undefined;
  if (!digests) return settled;
  for (const [index, look] of whole.entries()) {
    const { span, region, sector } = look;
    const found = digests[index];
    if (found === crc32(image.read(span, region.erasedValue))) {
      look.byCrc = true;
      settled.add(look);
    } else if (region.cells === 'plain' && found === erasedCrc(span, region.erasedValue)) {
      look.missing.push({ ...span });
      settled.add(look);
    } else if (sector.end - sector.start < LARGE_SECTOR_BYTES) {
      look.different = true;
      settled.add(look);
    }
  }
  for (const look of [...settled].filter(({ different }) => different).slice(0, KEPT_SAMPLES)) {
    const { start, end } = look.span;
    const sample = { start, end: Math.min(end, start + SAMPLE_BYTES) };
    look.before = { address: start, bytes: await readMemoryBytes(target, sample, { signal }) };
  }
  return settled;
}

/** Whether the image has every byte of the span, so that one CRC says all. */
function coversAll({ span, covered }: Look): boolean {
  const bytes = covered.reduce((sum, part) => sum + part.bytes.length, 0);
  return bytes === span.end - span.start;
}

function erasedCrc({ start, end }: Range, erasedValue: number): number {
  return crc32(new Uint8Array(end - start).fill(erasedValue));
}
