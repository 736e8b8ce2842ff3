/** Which bytes of an ELF file's segments belong to no section: what the linker put between them (TIS ELF 1.2, book I). */
import type { ElfSegment } from '../firmware.ts';
import type { Range } from '../memory-image.ts';
import { type ElfHeader, readSectionTable, SHF_ALLOC, SHT_NOBITS } from './elf-header.ts';

/**
 * The ranges of memory, ascending, that `segments` fill and no section with content owns. `objcopy` leaves them out, so that
 * a HEX file of the same program lacks them. None where the file has no sections with content.
 */
export function paddingOf(header: ElfHeader, segments: readonly ElfSegment[]): Range[] {
  const sections = ownedInFile(header);
  if (sections.length === 0) return [];
  return segments.flatMap((segment) => gapsIn(segment, sections)).toSorted((a, b) => a.start - b.start);
}

/** File offsets that sections with content own, ascending. */
function ownedInFile(header: ElfHeader): Range[] {
  const owned: Range[] = [];
  for (const { type, flags, offset, size } of readSectionTable(header)) {
    if (type === SHT_NOBITS || (flags & SHF_ALLOC) === 0 || size === 0) continue;
    owned.push({ start: offset, end: offset + size });
  }
  return owned.sort((a, b) => a.start - b.start);
}

function gapsIn({ fileOffset, fileSize, headerSize, physicalAddress }: ElfSegment, owned: readonly Range[]): Range[] {
  const toMemory = physicalAddress - fileOffset;
  const end = fileOffset + fileSize;
  const gaps: Range[] = [];
  let next = fileOffset + headerSize;
  for (const section of owned) {
    if (section.start >= end) break;
    if (section.end <= next) continue;
    if (section.start > next) gaps.push({ start: next + toMemory, end: section.start + toMemory });
    next = section.end;
  }
  if (next < end) gaps.push({ start: next + toMemory, end: end + toMemory });
  return gaps;
}
