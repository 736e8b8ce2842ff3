/** What a row of the chip table says. Sizes are bytes, times are ms or µs by their names, addresses are absolute. */

/** Half-open: `start` is inside, `end` is not. */
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

/** A bit of the option bytes by its name in the reference manual. */
export interface OptionBit {
  readonly name: string;
  readonly value: 0 | 1;
}

/** One way in which the flash of this chip comes: by flash size, or by option bytes (dual or single bank). */
export interface FlashVariant {
  /** Unique within the chip: `256 KB`, `1 MB, dual bank (DB1M = 1)`. */
  readonly name: string;
  /** All banks together. */
  readonly bytes: number;
  readonly banks: readonly Bank[];
  /** What the option bytes must say for this division; absent where they have no say. */
  readonly option?: OptionBit;
}

/** Milliseconds for one sector; what no document tells is absent. */
export interface EraseTime {
  /** A lower bound: whoever says it was quicker did not erase. */
  readonly minMs?: number;
  readonly typMs?: number;
  readonly maxMs?: number;
}

export interface FlashTiming {
  /** Bytes programmed at once in the mode that the bootloader uses at 2.7–3.6 V. */
  readonly programBytes: number;
  readonly programTypUs: number;
  readonly programMinUs: number;
  /** By sector size in bytes; every sector size of the chip has an entry. */
  readonly erase: Readonly<Record<number, EraseTime>>;
  /** Usual milliseconds for a sector, by its size, while fewer bytes are programmed at once: by their number. */
  readonly eraseTypMs?: Readonly<Record<number, Readonly<Record<number, number>>>>;
  readonly source: string;
}

export interface BootloaderVersion {
  /** As AN2606 writes it: `V9.1`. */
  readonly name: string;
  /** What stands at `idAddress`; one byte, two on the newest (AN2606). */
  readonly id?: number;
  /** The word at `bootloaderVectors` + 4, where that is how versions are told apart. */
  readonly resetHandler?: number;
  readonly note?: string;
}

export interface Bootloader {
  readonly versions: readonly BootloaderVersion[];
  /** Where a version says which it is. */
  readonly idAddress?: number;
  /** RAM that it overwrites, in the version that takes most; empty where no source tells. */
  readonly ram: readonly Range[];
  /** Version of ST's DFU protocol (AN3156): `2.2`, `3.0`. */
  readonly dfuProtocol?: string;
  /** bcdDevice of its USB device descriptor, as seen or documented for the family. */
  readonly bcdDevice?: readonly number[];
  /** From reset to the first answer over USB, at least (AN2606, minimum connection time). */
  readonly connect?: readonly { readonly ms: number; readonly when?: string }[];
}

/** Which supply the USB transceiver runs from: what a device that answers on USB tells of its VDD. */
export interface UsbSupply {
  /** `VDD`: the chip has no other. `VDDUSB`: a pin of its own, in at least one package. */
  readonly pin: 'VDD' | 'VDDUSB';
  /** Volts at this pin down to which USB is stated to work. */
  readonly leastVolts: number;
  /** Datasheet, and what it says. */
  readonly source: string;
}

/** Data EEPROM of L0 and L1; `parts` says which parts of the row have it so. */
export interface DataEeprom extends Range {
  readonly parts: string;
}

/** A field whose value is not certain. */
export interface DoubtfulField {
  readonly field: keyof Chip;
  readonly why: string;
}

export interface Chip {
  /** Lower case, stable: `stm32f105`. */
  readonly id: string;
  /** `F1`, `L4+`, `WBA`. */
  readonly family: string;
  /**
   * Part numbers as ST writes them, without package and temperature: `STM32F105`. Where the flash size decides about the
   * row it is there too, after an `x` for the package: `STM32F070xB`; `-A` at the end stands for that suffix.
   */
  readonly names: readonly string[];
  /** DBGMCU_IDCODE bits 11–0. Several rows may share it. */
  readonly devId: number;
  /** Empty where no source states the flash sizes. */
  readonly variants: readonly FlashVariant[];
  /** Bytes of one program operation: writes begin and end at multiples of it. */
  readonly writeSize: number;
  /** Bytes at once that Device Feature chooses among by supply voltage (F2, F4, F7); the ROM begins with 1. */
  readonly programSizes?: readonly number[];
  /** Stated for the chips with a Device Feature (F2, F4, F7) that have USB. */
  readonly usbSupply?: UsbSupply;
  readonly erasedValue: number;
  /** `ecc`: a unit may be programmed once after each erase. */
  readonly cells: 'plain' | 'ecc';
  /** RAM of the largest part of the row; empty where no source tells. */
  readonly ram: readonly Range[];
  /** Written without an erase; absent where there is none. */
  readonly eeprom?: readonly DataEeprom[];
  /** Where the bootloader lies; empty where no source states its end. */
  readonly systemMemory: readonly Range[];
  /** Where the bootloader's own vector table is: the address to jump to. Not always the first of system memory. */
  readonly bootloaderVectors: number;
  readonly bootloader: Bootloader;
  /** Whether the ROM speaks DfuSe over USB, in at least one of its versions. */
  readonly usbDfu: boolean;
  /** How to get into the bootloader. `clock` reads after "it needs", and matters for USB. */
  readonly boot: {
    readonly pattern: string;
    readonly clock: string;
    readonly note?: string;
    /** An erased flash starts it at power-on, whatever BOOT0 is. */
    readonly emptyCheck?: true;
  };
  /** 16 bits, in KB. Absent where not sourced. */
  readonly flashSizeAddress?: number;
  /** 96 bits. Absent where not sourced. */
  readonly uidAddress?: number;
  /** Offsets of the three words of the UID; 0, 4, 8 where absent. */
  readonly uidOffsets?: readonly number[];
  /** First addresses of the option bytes, as memory or as registers; empty where not sourced. */
  readonly optionBytes: readonly number[];
  readonly timing?: FlashTiming;
  /** What is known to go wrong, one sentence or clause each. */
  readonly limitations: readonly string[];
  /** Which of these fields is not certain, and why. */
  readonly doubts: readonly DoubtfulField[];
  /** Public documents and projects. */
  readonly sources: readonly string[];
}

/** A limitation that hosts can do something about: they leave time between transfers. */
export const MISSES_QUICK_PACKETS =
  'USB DFU fails behind some high-speed host controllers, which leave less than 25 µs between packets: use a hub';

/** A chip whose bootloader is none of AN2606's, or that has no internal flash: we know it, and cannot program it. */
export type OtherChip = Omit<Chip, 'bootloaderVectors' | 'devId'> & { readonly devId?: number };
