/** What a linker put where: loadable segments and symbols of a 32-bit little-endian ELF file (TIS ELF 1.2). */

export interface LoadedSegment {
  /** Where it is stored (p_paddr), which is not where `.data` runs. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

const PT_LOAD = 1;
const SHT_SYMTAB = 2;

function viewOf(file: Uint8Array): DataView {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isElf = file.length > 52 && view.getUint32(0, false) === 0x7f45_4c46 && file[4] === 1 && file[5] === 1;
  if (!isElf) throw new RangeError('not a 32-bit little-endian ELF file');
  return view;
}

/** The segments that are to be loaded, in the order of the file; throws `RangeError` for anything but ELF. */
export function elfSegments(file: Uint8Array): LoadedSegment[] {
  const view = viewOf(file);
  const [headers, size, count] = [view.getUint32(28, true), view.getUint16(42, true), view.getUint16(44, true)];
  const segments: LoadedSegment[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = headers + index * size;
    const offset = view.getUint32(at + 4, true);
    const bytes = view.getUint32(at + 16, true);
    if (view.getUint32(at, true) !== PT_LOAD || bytes === 0) continue;
    if (offset + bytes > file.length) throw new RangeError('a segment reaches beyond the end of the file');
    segments.push({ address: view.getUint32(at + 12, true), bytes: file.slice(offset, offset + bytes) });
  }
  return segments;
}

/** @returns the address of a symbol; throws `RangeError` when the file does not have it */
export function elfSymbol(file: Uint8Array, name: string): number {
  const view = viewOf(file);
  const [sections, size, count] = [view.getUint32(32, true), view.getUint16(46, true), view.getUint16(48, true)];
  for (let index = 0; index < count; index += 1) {
    const at = sections + index * size;
    if (view.getUint32(at + 4, true) !== SHT_SYMTAB) continue;
    const [offset, bytes] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true)];
    const names = view.getUint32(sections + view.getUint32(at + 24, true) * size + 16, true);
    for (let symbol = offset; symbol < offset + bytes; symbol += 16) {
      if (textAt(file, names + view.getUint32(symbol, true)) === name) return view.getUint32(symbol + 4, true);
    }
  }
  throw new RangeError(`no symbol ${name}`);
}

function textAt(file: Uint8Array, start: number): string {
  return new TextDecoder().decode(file.subarray(start, file.indexOf(0, start)));
}
