/** What a row of the chip table says. Sizes are bytes, times are ms or µs by their names, addresses are absolute. */

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** `count` sectors of `size` bytes, one behind the other. */
export interface SectorRun {
  readonly count: number;
  readonly size: number;
}

export interface Bank {
  readonly start: number;
  readonly runs: readonly SectorRun[];
}

/** One way in which the flash of this chip comes: by flash size, or by option bytes (dual or single bank). */
export interface FlashVariant {
  readonly name: string;
  readonly banks: readonly Bank[];
}

export interface FlashTiming {
  /** Bytes programmed at once in the mode that the bootloader uses at 2.7–3.6 V. */
  readonly programBytes: number;
  readonly programTypUs: number;
  readonly programMinUs: number;
  /** By sector size in bytes. */
  readonly erase: Readonly<Record<number, { readonly minMs: number; readonly typMs: number; readonly maxMs: number }>>;
  readonly source: string;
}

export interface Chip {
  /** Lower case, stable: `stm32f105`. */
  readonly id: string;
  readonly family: string;
  /** Part numbers as ST writes them, without package and temperature: `STM32F105`. */
  readonly names: readonly string[];
  /** DBGMCU_IDCODE bits 11–0. */
  readonly devId: number;
  readonly variants: readonly FlashVariant[];
  /** Bytes of one program operation: writes begin and end at multiples of it. */
  readonly writeSize: number;
  readonly erasedValue: number;
  /** `ecc`: a unit may be programmed once after each erase. */
  readonly cells: 'plain' | 'ecc';
  readonly ram: readonly Range[];
  readonly systemMemory: Range;
  /** Where the bootloader's own vector table is: the address to jump to. */
  readonly bootloaderVectors: number;
  readonly usbDfu: boolean;
  readonly boot: { readonly pattern: string; readonly clock: string; readonly note?: string };
  readonly flashSizeAddress: number;
  readonly uidAddress: number;
  readonly optionBytes: readonly number[];
  readonly timing?: FlashTiming;
  readonly sources: readonly string[];
}
