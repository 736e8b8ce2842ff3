/** What becomes of an access of a debugger on a chip with TrustZone: names of the secure world, pages and RAM of the other one. */

import type { Width } from '../core/index.ts';
import type { Microcontroller, World } from '../registers/index.ts';

const SECURE_NAME = 0x1000_0000;
const PLAIN_FLASH = 0x0800_0000;
const SECURE_FLASH = 0x0c00_0000;
const FLASH_END = 0x0900_0000;
const RAM = 0x2000_0000;
const PERIPHERALS = 0x4000_0000;
const NAMES_END = 0x6000_0000;

/** @returns the address of the same cell in the other name of the flash, or the address itself */
export function flashAddress(address: number): number {
  const isSecureName = address >= SECURE_FLASH && address < SECURE_FLASH + (FLASH_END - PLAIN_FLASH);
  return isSecureName ? address - SECURE_FLASH + PLAIN_FLASH : address;
}

/** Names with bit 28 set: 0x0C000000, and from 0x30000000 and 0x50000000 on. */
function isSecureName(address: number): boolean {
  if (address >= SECURE_FLASH && address < 0x1000_0000) return true;
  return address >= RAM && address < NAMES_END && (address & SECURE_NAME) !== 0;
}

/**
 * A bus error for names of the secure world, to whoever is not of it (RM0438 §2.3). Without TrustZone nobody is of it: a guess.
 * @param world absent while TrustZone is off
 */
export function worldRefusal({ zone }: Microcontroller, address: number, world: World | undefined): boolean {
  return zone !== undefined && world !== 'secure' && isSecureName(address);
}

const isRam = (address: number): boolean => address >= RAM && address < PERIPHERALS;

/** @returns 0 for what is secure; `undefined` where the bus has the answer */
export function nonSecureRead({ zone, flash }: Microcontroller, address: number, width: Width): number | undefined {
  const sector = flash.sectorAt(address);
  if (!zone) return undefined;
  if (sector) return zone.isSecure(sector.index) ? 0 : numberOf(flash.peek(address, width));
  // All RAM is secure until secure code gives some away (RM0438 §5, GTZC_MPCBB).
  return isRam(address) && zone.core === 'secure' ? 0 : undefined;
}

/** @returns whether a write goes nowhere */
export function nonSecureWrite({ zone, flash }: Microcontroller, address: number): boolean {
  const sector = flash.sectorAt(address);
  if (!zone) return false;
  return sector ? zone.isSecure(sector.index) : isRam(address) && zone.core === 'secure';
}

const numberOf = (bytes: Uint8Array): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0);
