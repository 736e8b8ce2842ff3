import { MemoryImage, type Segment } from '@sureflash/image';
import { type SealedImage, sealForLoader } from '@sureflash/programmer/fix';
import { Flash } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import {
  applicationOf,
  judgeOf,
  LOADER_SUBJECTS,
  type LoaderSubject,
  type LoaderVerdict,
  loaderOf,
} from './loader-rig.ts';
import { noCompiler } from './toolchain.ts';

interface Case {
  readonly proof?: 'crc32' | 'ed25519';
  /** Content of flash beside the loader. */
  readonly content: (sealed: SealedImage) => readonly Segment[];
}

function judgedWith(subject: LoaderSubject, { proof = 'crc32', content }: Case): LoaderVerdict {
  const loader = loaderOf(subject, proof);
  const { chip, facts } = loader;
  const sign = (signed: Uint8Array): Uint8Array => new Uint8Array(64).fill(signed.at(-1) ?? 0);
  const sealed = sealForLoader(new MemoryImage([{ address: subject.start, bytes: applicationOf(subject.start) }]), {
    chip,
    ...(proof === 'ed25519' && { sign }),
  });
  const flash = new Flash(facts.cells);
  for (const segment of content(sealed)) flash.load(segment.address, segment.bytes);
  return judgeOf(loader, sealed.record)(flash);
}

/** Segments with one piece replaced. */
const changed = (segments: readonly Segment[], address: number, bytes: readonly number[]): Segment[] => {
  const image = new MemoryImage(segments);
  return image.segments.map((segment) => {
    const copy = segment.bytes.slice();
    if (address >= segment.address && address < segment.address + copy.length)
      copy.set(bytes, address - segment.address);
    return { address: segment.address, bytes: copy };
  });
};

/** The record's marks are erased in the image; a mark is written over them. */
const marked = ({ image, marks }: SealedImage, ...names: (keyof SealedImage['marks'])[]): Segment[] =>
  names.reduce<Segment[]>(
    (all, name) => changed(all, marks[name].address, [...marks[name].bytes]),
    [...image.segments],
  );

const CASES: readonly (Case & { readonly name: string; readonly state: string })[] = [
  {
    name: 'is good and runs once it is sealed and marked as proven',
    state: 'good',
    content: (s) => marked(s, 'proven'),
  },
  { name: 'is unproven as the host writes it at first', state: 'unproven', content: (s) => s.image.segments },
  { name: 'is empty where nothing is', state: 'empty', content: () => [] },
  {
    name: 'is being updated from the first mark on',
    state: 'updating',
    content: (s) => marked(s, 'proven', 'updating'),
  },
  {
    name: 'is being updated when that mark was cut while it was written',
    state: 'updating',
    content: (s) => changed(marked(s, 'proven'), s.marks.updating.address, [0x55]),
  },
  {
    name: 'is unproven when the mark was cut while it was written',
    state: 'unproven',
    content: (s) => changed(marked(s, 'proven'), s.marks.proven.address + 8, [0xff, 0xff, 0xff, 0xff]),
  },
  { name: 'is out of use when it was rejected', state: 'rejected', content: (s) => marked(s, 'proven', 'rejected') },
  {
    name: 'is not what was described after one bit has changed',
    state: 'bad crc',
    content: (s) => changed(marked(s, 'proven'), (s.image.range?.start ?? 0) + 2000, [0]),
  },
  {
    name: 'has no record where the description was cut',
    state: 'no record',
    content: (s) => changed(marked(s, 'proven'), s.record.start + 12, [1]),
  },
  {
    name: 'has no stack in RAM',
    state: 'bad stack',
    content: (s) => changed(marked(s, 'proven'), s.image.range?.start ?? 0, [0, 0, 0, 0x60]),
  },
  { name: 'is good with the right signature', proof: 'ed25519', state: 'good', content: (s) => marked(s, 'proven') },
  {
    name: 'is refused with a wrong signature',
    proof: 'ed25519',
    state: 'bad signature',
    content: (s) => changed(marked(s, 'proven'), s.record.start + 32, [0xaa]),
  },
];

describe.skipIf(noCompiler !== undefined).each(LOADER_SUBJECTS)('an application behind the check of $id', (subject) => {
  it.each(CASES)('$name', (each) => {
    expect(judgedWith(subject, each)).toEqual({ state: each.state, runs: each.state === 'good' });
  });
});
