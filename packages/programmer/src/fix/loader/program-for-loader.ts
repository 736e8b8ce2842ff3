/** Programs a sealed image so that the loader never sees it as good before it was read back. It knows the marks, not the sealing. */
import { MemoryImage, type Segment, sameBytes } from '@sureflash/image';
import { readMemoryBytes } from '../../engine/memory/read-memory.ts';
import { type JobOptions, type Preparation, type Programmable, prepare, refusal } from '../../engine/prepare.ts';
import { carryOut, type Report } from '../../engine/program.ts';
import { FlashError, isFlashError } from '../../errors.ts';
import type { Device } from '../../target/device.ts';
import { type Region, regionHolding, sectorsTouched } from '../../target/geometry.ts';
import { SLOT, SLOT_BYTES } from '../check/record.ts';
import { type SealedImage, type SealOptions, sealForLoader } from '../check/seal.ts';

/** The two halves of a job: `prepare` reads and plans, `carryOut` writes and proves. */
export interface JobSteps {
  readonly prepare: (device: Device, programmable: Programmable, options?: JobOptions) => Promise<Preparation>;
  readonly carryOut: (device: Device, preparation: Preparation, options?: JobOptions) => Promise<Report>;
}

/**
 * Seals an image, programs and proves it, and marks it as proven after that. Cut anywhere, it leaves the application that
 * was there before, untouched, or one that `application_check()` does not call good.
 * @throws FlashError as `sealForLoader` and `program`; `verify/mismatch` when a mark does not stay
 */
export async function programForLoader(
  device: Device,
  image: MemoryImage,
  options: SealOptions & JobOptions,
): Promise<Report> {
  const steps = stepsForLoader(sealForLoader(image, options));
  return await steps.carryOut(device, await steps.prepare(device, image, options), options);
}

/** The same in two halves. What `prepare` is given is replaced by the sealed image; the rest of a firmware file is checked as it is. */
export function stepsForLoader(sealed: SealedImage): JobSteps {
  return {
    async prepare(device, programmable, options = {}) {
      const firmware = 'image' in programmable ? programmable : {};
      if (!options.replaceAll && (await isMarkedProven(device, sealed))) {
        const proven = await prepare(device, { ...firmware, image: withProof(sealed) }, options);
        if (changesNothing(proven)) return proven;
      }
      return await prepare(device, { ...firmware, image: sealed.image }, options);
    },
    async carryOut(device, preparation, options = {}) {
      const refused = refusal(preparation);
      if (refused && !options.force) throw refused;
      if (changesNothing(preparation) && holdsProof(preparation, sealed)) {
        return await carryOut(device, preparation, options);
      }
      await withdraw(device, sealed, options);
      const { leave = false, ...job } = options;
      const report = await carryOut(device, preparation, job);
      await writeMark(device, sealed, { ...job, name: 'proven' });
      const marked: Report = { ...report, outcome: 'programmed', bytesWritten: report.bytesWritten + SLOT_BYTES };
      const startedAt = sealed.image.range?.start;
      if (!leave || startedAt === undefined) return marked;
      await device.target.leave(startedAt);
      return { ...marked, startedAt };
    },
  };
}

const changesNothing = ({ plan }: Preparation): boolean =>
  plan.sectors.length > 0 && plan.sectors.every(({ action }) => action === 'keep');

/** The sealed image as it is once it is proven. */
function withProof({ image, marks }: SealedImage): MemoryImage {
  const { address, bytes } = marks.proven;
  const slot = { start: address, end: address + bytes.length };
  return new MemoryImage([...image.without([slot]).segments, marks.proven]);
}

const holdsProof = ({ divided }: Preparation, { marks: { proven } }: SealedImage): boolean =>
  sameBytes(divided.flash.read({ start: proven.address, end: proven.address + SLOT_BYTES }), proven.bytes);

/** Whether the device says of this very image that it was proven. A record that cannot be read says nothing. */
async function isMarkedProven(device: Device, sealed: SealedImage): Promise<boolean> {
  try {
    const found = await readMemoryBytes(device.target, sealed.record);
    return sameBytes(found, withProof(sealed).read(sealed.record));
  } catch (error) {
    if (isFlashError(error)) return false;
    throw error;
  }
}

/** An application that the loader would start loses that before anything else of it is touched. */
async function withdraw(device: Device, sealed: SealedImage, options: JobOptions): Promise<void> {
  const { record } = sealed;
  const erased = regionOf(device, sealed).erasedValue;
  const found = await readMemoryBytes(device.target, record, { signal: options.signal });
  const slotOf = (name: 'proven' | 'updating' | 'rejected'): Uint8Array =>
    found.subarray(SLOT[name], SLOT[name] + SLOT_BYTES);
  const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === erased);
  if (isBlank(slotOf('proven')) || !isBlank(slotOf('updating')) || !isBlank(slotOf('rejected'))) return;
  await writeMark(device, sealed, { ...options, name: 'updating' });
}

interface MarkOptions extends JobOptions {
  readonly name: 'proven' | 'updating';
}

/**
 * Writes a mark into its slot, which is erased, and reads it back. A slot of ECC flash that lost its power may look erased and
 * take nothing: its sector is erased and written with the new record then, in which every slot is erased.
 */
async function writeMark(device: Device, sealed: SealedImage, { name, ...options }: MarkOptions): Promise<void> {
  const { target } = device;
  const wanted = sealed.marks[name];
  if (await takes(device, wanted, options)) return;
  await rewriteRecord(device, sealed, options);
  if (name === 'updating') return;
  if (await takes(device, wanted, options)) return;
  const found = await readMemoryBytes(target, { start: wanted.address, end: wanted.address + SLOT_BYTES }, options);
  const differing = wanted.bytes.filter((byte, i) => byte !== found[i]).length;
  const at = wanted.bytes.findIndex((byte, i) => byte !== found[i]);
  const [expected = 0, was = 0] = [wanted.bytes[at], found[at]];
  const facts = { address: wanted.address + at, expected, found: was, differing, compared: SLOT_BYTES };
  throw new FlashError('verify/mismatch', facts);
}

/** @returns whether the slot holds the mark now */
async function takes({ target }: Device, { address, bytes }: Segment, { signal }: JobOptions): Promise<boolean> {
  signal?.throwIfAborted();
  try {
    await target.write(address, bytes, { signal });
  } catch (error) {
    await target.settle();
    // The loader refused the write; anything else, such as a device that is gone, ends the job.
    if (!isFlashError(error) || !['usb/stall', 'dfu/status'].includes(error.code)) throw error;
  }
  const found = await readMemoryBytes(target, { start: address, end: address + bytes.length }, { signal });
  return sameBytes(found, bytes);
}

async function rewriteRecord(device: Device, sealed: SealedImage, options: JobOptions): Promise<void> {
  const [sector] = sectorsTouched(regionOf(device, sealed), sealed.record);
  const image = new MemoryImage(sector ? sealed.image.within(sector) : []);
  const { leave: _, ...job } = options;
  await carryOut(device, await prepare(device, image, { ...job, replaceAll: true, force: true }), {
    ...job,
    force: true,
  });
}

/** @throws FlashError `plan/outside` */
function regionOf({ target }: Device, { record }: SealedImage): Region {
  const region = regionHolding(target.geometry, record);
  if (region) return region;
  throw new FlashError('plan/outside', { ...record, available: target.geometry.map(({ name }) => name) });
}
