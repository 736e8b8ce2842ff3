/** The flashes that the generated application check must judge right, and what it says of them when its code runs. */
import { crc32, MemoryImage, type Segment } from '@sureflash/image';
import { type SealedImage, sealForLoader } from '@sureflash/programmer/fix';
import { Flash } from '@sureflash/virtual';
import { applicationOf, judgeOf, type LoaderSubject, loaderOf, signedBy } from './loader-rig.ts';

/** One flash, and what the loader must say of it. */
export interface JudgedCase {
  readonly name: string;
  readonly state: string;
  readonly proof?: 'crc32' | 'ed25519';
  /** Whose key signs; absent, the one that the loader knows, 1. */
  readonly key?: number;
  /** Content of flash beside the loader. */
  readonly content: (sealed: SealedImage) => readonly Segment[];
}

/** Segments with one piece replaced. */
const patched = (segments: readonly Segment[], address: number, bytes: readonly number[]): Segment[] => {
  const image = new MemoryImage(segments);
  return image.segments.map((segment) => {
    const copy = segment.bytes.slice();
    if (address >= segment.address && address < segment.address + copy.length)
      copy.set(bytes, address - segment.address);
    return { address: segment.address, bytes: copy };
  });
};

/** The record's marks are erased in the image; a mark is written over them. */
const withMarks = ({ image, marks }: SealedImage, ...names: (keyof SealedImage['marks'])[]): Segment[] =>
  names.reduce<Segment[]>(
    (all, name) => patched(all, marks[name].address, [...marks[name].bytes]),
    [...image.segments],
  );

const startOf = ({ image }: SealedImage): number => image.range?.start ?? 0;
const wordBytes = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** The record of an image that states another length, whole in itself. */
const withLength = (sealed: SealedImage, length: number): Segment[] => {
  const { start } = sealed.record;
  const description = new MemoryImage(patched(withMarks(sealed, 'proven'), start + 4, wordBytes(length)));
  const sum = crc32(description.read({ start, end: start + 16 }));
  return patched(description.segments, start + 16, wordBytes(sum));
};

export const JUDGED_CASES: readonly JudgedCase[] = [
  {
    name: 'is good and runs once it is sealed and marked as proven',
    state: 'good',
    content: (s) => withMarks(s, 'proven'),
  },
  { name: 'is unproven as the host writes it at first', state: 'unproven', content: (s) => s.image.segments },
  { name: 'is empty where nothing is', state: 'empty', content: () => [] },
  {
    name: 'is being updated from the first mark on',
    state: 'updating',
    content: (s) => withMarks(s, 'proven', 'updating'),
  },
  {
    name: 'is being updated when that mark was cut while it was written',
    state: 'updating',
    content: (s) => patched(withMarks(s, 'proven'), s.marks.updating.address, [0x55]),
  },
  {
    name: 'is unproven when the mark was cut while it was written',
    state: 'unproven',
    content: (s) => patched(withMarks(s, 'proven'), s.marks.proven.address + 8, [0xff, 0xff, 0xff, 0xff]),
  },
  { name: 'is out of use when it was rejected', state: 'rejected', content: (s) => withMarks(s, 'proven', 'rejected') },
  {
    name: 'is not what was described after one bit has changed',
    state: 'bad crc',
    content: (s) => patched(withMarks(s, 'proven'), startOf(s) + 2000, [0]),
  },
  {
    name: 'has no record where the description was cut',
    state: 'no record',
    content: (s) => patched(withMarks(s, 'proven'), s.record.start + 12, [1]),
  },
  {
    name: 'has no record where the magic word is another one',
    state: 'no record',
    content: (s) => {
      const { start } = s.record;
      const other = new MemoryImage(patched(withMarks(s, 'proven'), start, [0x54]));
      return patched(other.segments, start + 16, wordBytes(crc32(other.read({ start, end: start + 16 }))));
    },
  },
  { name: 'has a length that does not fit its flash', state: 'bad length', content: (s) => withLength(s, 0x7fff_ffff) },
  { name: 'has a length that no vector table has', state: 'bad length', content: (s) => withLength(s, 4) },
  {
    name: 'has no stack in RAM',
    state: 'bad stack',
    content: (s) => patched(withMarks(s, 'proven'), startOf(s), [0, 0, 0, 0x60]),
  },
  {
    name: 'has a stack that is not aligned',
    state: 'bad stack',
    content: (s) => patched(withMarks(s, 'proven'), startOf(s), [2]),
  },
  {
    name: 'has an entry that is no Thumb address',
    state: 'bad entry',
    content: (s) => patched(withMarks(s, 'proven'), startOf(s) + 4, [0]),
  },
  {
    name: 'has an entry in the loader',
    state: 'bad entry',
    content: (s) => patched(withMarks(s, 'proven'), startOf(s) + 4, wordBytes(0x0800_0101)),
  },
  {
    name: 'has an entry behind its end',
    state: 'bad entry',
    content: (s) => patched(withMarks(s, 'proven'), startOf(s) + 4, wordBytes(startOf(s) + 0x3001)),
  },
  { name: 'is good with the right signature', proof: 'ed25519', state: 'good', content: (s) => withMarks(s, 'proven') },
  {
    name: 'is refused with a wrong signature',
    proof: 'ed25519',
    state: 'bad signature',
    content: (s) => patched(withMarks(s, 'proven'), s.record.start + 32, [0xaa]),
  },
  {
    name: 'is refused when another key has signed it',
    proof: 'ed25519',
    key: 2,
    state: 'bad signature',
    content: (s) => withMarks(s, 'proven'),
  },
];

/** @returns the first case that the loader of this subject judges wrong, and how; nothing if it judges all of them right */
export function misjudged(
  subject: LoaderSubject,
  cases: readonly JudgedCase[],
  change?: (source: string) => string,
): string | undefined {
  for (const proof of ['crc32', 'ed25519'] as const) {
    const own = cases.filter((each) => (each.proof ?? 'crc32') === proof);
    if (own.length === 0) continue;
    const loader = loaderOf(subject, proof, change);
    const bytes = applicationOf(subject.start);
    const sealedBy = (key: number): SealedImage =>
      sealForLoader(new MemoryImage([{ address: subject.start, bytes }]), {
        chip: loader.chip,
        ...(proof === 'ed25519' && { sign: signedBy(key) }),
      });
    const judge = judgeOf(loader, sealedBy(1).record);
    for (const { name, state, content, key = 1 } of own) {
      const sealed = sealedBy(key);
      const flash = new Flash(loader.facts.cells);
      for (const segment of content(sealed)) flash.load(segment.address, segment.bytes);
      const found = judge(flash);
      if (found.state !== state || found.runs !== (state === 'good')) {
        return `${name}: ${found.state}${found.runs ? ' and runs' : ''}`;
      }
    }
  }
  return undefined;
}
