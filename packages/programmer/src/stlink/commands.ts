/** The commands of ST-LINK firmware, by their bytes. Facts, from openocd, pyOCD, probe-rs and stlink; no code but assembling. */

/** Every command is sent as 16 bytes, padded with zeros. */
export const COMMAND_BYTES = 16;

/** Bytes of a reply that is a status alone. */
export const STATUS_REPLY_BYTES = 2;

export const STLINK = {
  VERSION: 0xf1,
  DEBUG: 0xf2,
  DFU: 0xf3,
  SWIM: 0xf4,
  MODE: 0xf5,
  VOLTAGE: 0xf7,
  VERSION_EX: 0xfb,
} as const;

export const DFU_EXIT = 0x07;
export const SWIM_EXIT = 0x01;

/** The second byte of a debug command. */
export const DEBUG = {
  READ_MEMORY_32: 0x07,
  WRITE_MEMORY_32: 0x08,
  READ_MEMORY_8: 0x0c,
  WRITE_MEMORY_8: 0x0d,
  EXIT: 0x21,
  ENTER: 0x30,
  READ_IDCODES: 0x31,
  WRITE_WORD: 0x35,
  READ_WORD: 0x36,
  LAST_STATUS: 0x3b,
  NRST: 0x3c,
  LAST_STATUS_2: 0x3e,
  SWD_FREQUENCY: 0x43,
  READ_MEMORY_16: 0x47,
  WRITE_MEMORY_16: 0x48,
  INIT_AP: 0x4b,
  CLOSE_AP: 0x4c,
  SET_FREQUENCY: 0x61,
  GET_FREQUENCIES: 0x62,
} as const;

/** The argument of ENTER: SWD, without a reset. */
export const ENTER_SWD = 0xa3;
export const NRST = { LOW: 0, HIGH: 1 } as const;
/** What MODE answers. */
export const MODE = { DFU: 0, MASS_STORAGE: 1, DEBUG: 2, SWIM: 3, BOOTLOADER: 4 } as const;

/** Dividers of V2 for SWD_FREQUENCY, by kHz, quickest first. */
export const V2_DIVIDERS: readonly (readonly [kHz: number, divider: number])[] = [
  [4000, 0],
  [1800, 1],
  [1200, 2],
  [950, 3],
  [480, 7],
  [240, 15],
  [125, 31],
  [100, 40],
  [50, 79],
  [25, 158],
  [15, 265],
  [5, 798],
];

export const u16 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff];
export const u32Bytes = (value: number): number[] => [...u16(value), ...u16(value >>> 16)];
