/**
 * ELF32 for ARM: the loadable segments of an executable, by physical address (TIS ELF 1.2, book I). Symbols and
 * sections are read elsewhere.
 */
import { Chunks } from '../chunks.ts';
import type { ElfSegment, Firmware } from '../firmware.ts';
import { errorAtOffset, hex, ImageError } from '../format-error.ts';
import type { Range } from '../memory-image.ts';
import { type BytePiece, refuseAddressWrap, refuseOverlappingPieces } from './bytes.ts';
import {
  type ElfHeader,
  PROGRAM_HEADER,
  PT_LOAD,
  readElfHeader,
  readSectionTable,
  SHF_ALLOC,
  SHT_NOBITS,
} from './elf-header.ts';
import { paddingOf } from './elf-padding.ts';

const SHT_NULL = 0;
const SEGMENT_FLAG = { execute: 1, write: 2, read: 4 } as const;

/**
 * Where STM32 chips have RAM that a debugger could load: the architecture's SRAM region (ARMv7-M and ARMv8-M memory
 * map), the
 * CCM and SRAM2 at 0x10000000 (RM0090, RM0351, RM0433), and the code-bus alias of SRAM on L5, U5 and H5 (RM0438,
 * RM0456,
 * RM0481), non-secure and secure. External memory is not among them: it can be flash.
 */
export const RAM_RANGES: readonly Range[] = [
  { start: 0x0a00_0000, end: 0x0a40_0000 },
  { start: 0x0e00_0000, end: 0x0e40_0000 },
  { start: 0x1000_0000, end: 0x1008_0000 },
  { start: 0x2000_0000, end: 0x4000_0000 },
];

/**
 * Reads an ELF32 executable for ARM. A segment's content goes to its physical address; segments without content
 * (.bss) and those
 * whose physical address is RAM are not in the image. Where no segment has a physical address, the virtual ones
 * count, as in
 * binutils. The file's own headers, which a linker may map in front of the first section, are left out, as objcopy
 * does.
 * Segments are views into `file` where they stand alone.
 * @throws ImageError `image/syntax`, `image/truncated`, `image/overlap`, `image/address`, `image/too-large`,
 * `image/unsupported`, `image/empty`
 */
export function parseElf(file: Uint8Array): Firmware {
  const header = readElfHeader(file);
  const segments = readSegments(header);
  const loaded = segments.filter(({ segment }) => segment.fileSize > segment.headerSize);
  const isRam = ({ segment }: Located) => RAM_RANGES.some((ram) => rangeHas(ram, segment.physicalAddress));
  const pieces = loaded.filter((located) => !isRam(located)).map(pieceOf);
  refuseCopies(file, pieces);
  const chunks = new Chunks(file);
  for (const piece of pieces) chunks.add(piece.address, piece.fileOffset, piece.size);
  refuseOverlappingPieces(chunks, pieces);
  const ramSegments = loaded.filter(isRam).map(({ segment }) => segment);
  const image = chunks.toImage();
  if (image.segments.length === 0) throw nothingForFlash(ramSegments);
  const forFlash = loaded.filter((located) => !isRam(located)).map(({ segment }) => segment);
  return {
    format: 'elf',
    image,
    padding: paddingOf(header, forFlash),
    ...(header.entry === 0 ? {} : { entry: header.entry }),
    details: { format: 'elf', machine: header.machine, segments: segments.map(({ segment }) => segment), ramSegments },
  };
}

interface Located {
  readonly segment: ElfSegment;
  readonly headerOffset: number;
}

function readSegments(header: ElfHeader): Located[] {
  const { view } = header;
  const offsets: number[] = [];
  for (let i = 0; i < header.programHeaders.count; i++) {
    const at = header.programHeaders.offset + i * header.programHeaders.size;
    if (view.getUint32(at + PROGRAM_HEADER.type, true) === PT_LOAD) offsets.push(at);
  }
  const physical = offsets.some((at) => view.getUint32(at + PROGRAM_HEADER.physicalAddress, true) !== 0);
  const context = { header, physical, contentStart: contentStart(header) };
  return offsets.map((at) => ({ headerOffset: at, segment: readSegment(context, at) }));
}

interface SegmentContext {
  readonly header: ElfHeader;
  /** Whether physical addresses are given. */
  readonly physical: boolean;
  readonly contentStart: number;
}

function readSegment(context: SegmentContext, at: number): ElfSegment {
  const { header, physical } = context;
  const field = (name: keyof typeof PROGRAM_HEADER) => header.view.getUint32(at + PROGRAM_HEADER[name], true);
  const fileOffset = field('fileOffset');
  const fileSize = field('fileSize');
  const memorySize = field('memorySize');
  if (fileOffset + fileSize > header.file.length && fileSize > 0)
    throw errorAtOffset('image/truncated', at, 'the segment is not all in the file', {
      expected: `${fileSize} bytes at file offset ${hex(fileOffset, 1)}`,
      found: `a file of ${header.file.length} bytes`,
    });
  if (fileSize > memorySize)
    throw errorAtOffset('image/syntax', at, 'the segment has more content than memory', {
      expected: `at most ${memorySize} bytes`,
      found: `${fileSize}`,
    });
  const flags = field('flags');
  const physicalAddress = field(physical ? 'physicalAddress' : 'virtualAddress');
  refuseAddressWrap({ address: physicalAddress, size: fileSize, headerOffset: at, kind: 'segment' });
  return {
    physicalAddress,
    virtualAddress: field('virtualAddress'),
    fileOffset,
    fileSize,
    memorySize,
    headerSize: fileOffset < header.headersEnd ? Math.min(Math.max(context.contentStart - fileOffset, 0), fileSize) : 0,
    readable: (flags & SEGMENT_FLAG.read) !== 0,
    writable: (flags & SEGMENT_FLAG.write) !== 0,
    executable: (flags & SEGMENT_FLAG.execute) !== 0,
  };
}

/**
 * File offset of the first section with content that is loaded. GNU ld maps the file's headers with the first segment
 * when its
 * start is not aligned to a page of the host's kind: an application at 0x08008000 would then overwrite what is at
 * 0x08000000.
 */
function contentStart(header: ElfHeader): number {
  let start = Number.POSITIVE_INFINITY;
  let sections = 0;
  for (const { type, flags, offset, size } of readSectionTable(header)) {
    if (type === SHT_NULL || type === SHT_NOBITS) continue;
    sections++;
    if ((flags & SHF_ALLOC) !== 0 && size > 0) start = Math.min(start, offset);
  }
  return sections > 0 ? start : 0;
}

function rangeHas({ start, end }: Range, address: number): boolean {
  return start <= address && address < end;
}

interface ElfPiece extends BytePiece {
  readonly fileOffset: number;
}

function pieceOf({ segment, headerOffset }: Located): ElfPiece {
  return {
    address: segment.physicalAddress + segment.headerSize,
    size: segment.fileSize - segment.headerSize,
    fileOffset: segment.fileOffset + segment.headerSize,
    headerOffset,
    kind: 'segment',
  };
}

/** Many headers may name the same content; a joined copy of it must not outgrow the file. */
function refuseCopies(file: Uint8Array, pieces: readonly BytePiece[]): void {
  const total = pieces.reduce((sum, { size }) => sum + size, 0);
  if (total <= 2 * file.length) return;
  throw new ImageError(
    'image/too-large',
    `The ELF segments together claim ${total} bytes of content, but the file has only ${file.length}.`,
    { expected: `at most ${2 * file.length} bytes`, found: `${total}` },
  );
}

function nothingForFlash(ramSegments: readonly ElfSegment[]): ImageError {
  const [first] = ramSegments;
  if (!first) return new ImageError('image/empty', 'The ELF file has no loadable segment with content.');
  const where = hex(first.physicalAddress);
  return new ImageError(
    'image/empty',
    `The ELF file has nothing for flash: all ${ramSegments.length} loadable segments with content go to RAM (the first to ${where}). Link it for flash to program it.`,
    { address: first.physicalAddress },
  );
}
