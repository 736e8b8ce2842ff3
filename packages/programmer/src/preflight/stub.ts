/** STM32CubeMX's DFU class with its media callbacks left empty, found in the firmware itself. */
import { type ElfSymbol, elfSymbols, ImageError, type MemoryImage } from '@sureflash/image';
import { touchesNothing } from './thumb.ts';

/** usbd_desc.c and usbd_dfu_if.c as STM32CubeMX generates them. */
const PRODUCT = 'STM32 DownLoad Firmware Update';
const DEFAULT_MAP = '@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg';
/** The callbacks that must act; `_FS` or `_HS` follows. */
const CALLBACK_NAMES = ['MEM_If_Erase', 'MEM_If_Write', 'MEM_If_Read'] as const;

export interface DfuClassTraits {
  readonly product: boolean;
  readonly defaultMap: boolean;
  /** Callbacks whose code provably does nothing to any memory. */
  readonly emptyCallbacks: readonly string[];
}

/**
 * The parts of the class that the image carries.
 * @param elf the ELF file that the image comes from: its symbols name the callbacks
 */
export function findDfuClass(image: MemoryImage, elf: Uint8Array | undefined): DfuClassTraits {
  return {
    product: holdsText(image, PRODUCT),
    defaultMap: holdsText(image, DEFAULT_MAP),
    emptyCallbacks: elf ? emptyCallbacks(image, elf) : [],
  };
}

function emptyCallbacks(image: MemoryImage, file: Uint8Array): string[] {
  const found: string[] = [];
  for (const { name, address, size, type } of symbolsOf(file)) {
    const callback = CALLBACK_NAMES.find((each) => name === each || name.startsWith(`${each}_`));
    if (!callback || type !== 'function' || size === 0) continue;
    const start = address - (address % 2);
    const [code] = image.within({ start, end: start + size });
    if (code?.bytes.length === size && touchesNothing(code.bytes)) found.push(name);
  }
  return CALLBACK_NAMES.flatMap((callback) => found.filter((name) => name.startsWith(callback)));
}

/** Nothing is programmed by its symbols: from where they cannot be read on they count as none. */
function* symbolsOf(file: Uint8Array): Generator<ElfSymbol> {
  try {
    yield* elfSymbols(file);
  } catch (error) {
    if (error instanceof ImageError) return;
    throw error;
  }
}

function holdsText({ segments }: MemoryImage, text: string): boolean {
  const wanted = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return segments.some(({ bytes }) => indexOf(bytes, wanted) >= 0);
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const [first] = wanted;
  if (first === undefined) return -1;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++;
    if (i === wanted.length) return at;
  }
  return -1;
}
