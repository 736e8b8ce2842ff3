/** What rows of the chip table are written with: flash maps by size, address ranges, and texts that families share. */
import type { Bank, FlashVariant, OptionBit, Range, UsbSupply } from '../chip.ts';

export const KB = 1024;
const FLASH = 0x0800_0000;

export const HSI48 = 'no crystal: HSI48';
export const NO_USB = 'no crystal: it speaks UART and the like, not USB';

export const range = (start: number, end: number): Range => ({ start, end });

interface Uniform {
  /** The option bit that must have this value for the flash to be so divided. */
  readonly option?: OptionBit;
  /** First address of the flash, 0x08000000 where absent. */
  readonly start?: number;
}

interface TwoBanks {
  readonly option?: OptionBit;
  /** First address of bank 2; right behind bank 1 where absent. */
  readonly second?: number;
}

/** One bank of equal pages, for each flash size in KB. */
export function uniform(sizesKb: readonly number[], page: number, { option, start = FLASH }: Uniform = {}) {
  return sizesKb.map((kb) => variant([{ start, runs: [{ count: (kb * KB) / page, size: page }] }], option));
}

/**
 * Two banks of equal pages, for each flash size in KB; the size counts both. They are equally large, except where bank 2
 * begins at an address within the flash (768 KB parts of STM32F1 XL density: 512 and 256 KB).
 */
export function twoBanks(sizesKb: readonly number[], page: number, { option, second }: TwoBanks = {}) {
  return sizesKb.map((kb) => {
    const bytes = kb * KB;
    const first = second !== undefined && second - FLASH < bytes ? second - FLASH : bytes / 2;
    const run = (size: number) => [{ count: size / page, size: page }];
    const banks = [
      { start: FLASH, runs: run(first) },
      { start: second ?? FLASH + first, runs: run(bytes - first) },
    ];
    return variant(banks, option);
  });
}

/** One bank of four sectors of `smallest` bytes, one of four times, and then some of eight times that size. */
export function graded(sizesKb: readonly number[], smallest: number, { option }: Uniform = {}) {
  return sizesKb.map((kb) => variant([gradedBank(FLASH, kb * KB, smallest)], option));
}

/** Two such banks, one behind the other; the size in KB counts both. */
export function gradedTwoBanks(sizesKb: readonly number[], smallest: number, { option }: Uniform = {}) {
  return sizesKb.map((kb) => {
    const half = (kb * KB) / 2;
    return variant([gradedBank(FLASH, half, smallest), gradedBank(FLASH + half, half, smallest)], option);
  });
}

function gradedBank(start: number, bytes: number, smallest: number): Bank {
  let left = bytes;
  const take = (size: number, most: number) => {
    const count = Math.min(most, Math.floor(left / size));
    left -= count * size;
    return { count, size };
  };
  const runs = [take(smallest, 4), take(4 * smallest, 1), take(8 * smallest, Number.POSITIVE_INFINITY)];
  return { start, runs: runs.filter(({ count }) => count > 0) };
}

function variant(banks: readonly Bank[], option: OptionBit | undefined): FlashVariant {
  const bytes = banks.flatMap(({ runs }) => runs).reduce((sum, { count, size }) => sum + count * size, 0);
  const mode = banks.length > 1 ? 'dual bank' : 'single bank';
  const size = bytes % (1024 * KB) === 0 || bytes === 1536 * KB ? `${bytes / KB / KB} MB` : `${bytes / KB} KB`;
  const name = option ? `${size}, ${mode} (${option.name} = ${option.value})` : size;
  return { name, bytes, banks, ...(option && { option }) };
}

/** Full-speed USB runs from VDD and is stated to work from 2.7 V on, below 3.0 V with degraded electrical characteristics. */
export function usbFromVdd(datasheet: string): UsbSupply {
  const source = `${datasheet}, "USB OTG FS operating voltage" and its note: functionality is ensured down to 2.7 V`;
  return { pin: 'VDD', leastVolts: 2.7, source };
}

/** Full-speed USB runs from 3.0 to 3.6 V at a pin of its own, while VDD may be as low as 1.7 V. */
export function usbFromVddusb(datasheet: string): UsbSupply {
  return { pin: 'VDDUSB', leastVolts: 3, source: `${datasheet}, power supply schemes: VDDUSB is independent of VDD` };
}
