/** The flash of chips with TrustZone as the secure world drives it (RM0438 §6.5, §6.9; RM0456 §7.5, §7.9; RM0481 §7.5, §7.11). Data. */
import type { Chip } from '../chip.ts';
import { type FlashController, flashControllerOf } from './flash-controllers.ts';
import { peripheral } from './registers.ts';

export interface SecureFlash {
  /** By its secure registers, under their secure names. */
  readonly controller: FlashController;
  /** What the option TZEN holds where TrustZone is on. */
  readonly on: number;
  /** The first SECBBxR of each bank: a set bit makes a page secure until the next reset; 32 pages in each. */
  readonly blocks: readonly number[];
}

/** Names of the secure world have bit 28 set, those of its flash bit 26 (RM0438 §2.3, RM0456 §2.3, RM0481 §2.3). */
const SECURE_REGISTERS = 0x1000_0000;
export const SECURE_FLASH_DISTANCE = 0x0400_0000;
const SECURE_START = 0x0c00_0000;
const SECURE_END = 0x0d00_0000;

/** @returns the address of a byte of flash by its plain name, whichever name is given */
export const plainFlashAddress = (address: number): number =>
  address >= SECURE_START && address < SECURE_END ? address - SECURE_FLASH_DISTANCE : address;

interface SecureRow {
  readonly registers: Readonly<Record<string, number>>;
  readonly blocks: readonly number[];
  readonly on: number;
}

const PAGED: SecureRow = {
  registers: { ACR: 0x00, SECKEYR: 0x0c, SECSR: 0x24, SECCR: 0x2c, ECCR: 0x30, OPTR: 0x40 },
  blocks: [0x80, 0xa0],
  on: 1,
};
const ROWS: Readonly<Record<string, SecureRow>> = {
  L5: PAGED,
  U5: PAGED,
  // Taken as on U5 (embassy-rs/stm32-data flash_u3, flash_wba).
  U3: PAGED,
  WBA: PAGED,
  H5: {
    registers: { ACR: 0x00, SECKEYR: 0x08, SECSR: 0x24, SECCR: 0x2c, SECCCR: 0x34, OPTSR_CUR: 0x50 },
    blocks: [0xa0, 0x1a0],
    on: 0xb4,
  },
};

/** @returns `undefined` for families without TrustZone; in the others TZEN may be an option that a chip does not have */
export function secureFlashOf(chip: Chip): SecureFlash | undefined {
  const row = ROWS[chip.family];
  const plain = flashControllerOf(chip);
  if (!row || !plain) return undefined;
  const base = plain.flash.base + SECURE_REGISTERS;
  const clear = row.registers['SECCCR'] === undefined ? {} : { clear: 'SECCCR' };
  return {
    controller: {
      ...plain,
      flash: peripheral(base, row.registers),
      banks: [{ key: 'SECKEYR', status: 'SECSR', control: 'SECCR', ...clear }],
    },
    on: row.on,
    blocks: row.blocks.map((offset) => base + offset),
  };
}
