/** Readout protection as a debugger meets it: which level the option bytes say, and that leaving it erases the flash. */

import type { ChipFacts, Microcontroller, TrustZone } from '../registers/index.ts';

/** 0.5: with TrustZone on, the secure world is closed to debuggers, and the other one is open. */
export type RdpLevel = 0 | 0.5 | 1 | 2;

/** Where RDP stands in the option bytes, and its values: by the start of a chip's name. */
const RDP_BYTES = [
  // PM0075: level 2 does not exist.
  { family: 'STM32F1', byte: 0, open: 0xa5, closed: undefined },
  // RM0091, RM0316.
  { family: 'STM32F0', byte: 0, open: 0xaa, closed: 0xcc },
  { family: 'STM32F3', byte: 0, open: 0xaa, closed: 0xcc },
  // OPTCR.RDP, bits 15:8 (RM0033, RM0090, RM0410).
  { family: 'STM32F2', byte: 1, open: 0xaa, closed: 0xcc },
  { family: 'STM32F4', byte: 1, open: 0xaa, closed: 0xcc },
  { family: 'STM32F7', byte: 1, open: 0xaa, closed: 0xcc },
  // NVSTATE is open or closed, and no more (RM0477, FLASH_NVSR).
  { family: 'STM32H7R', byte: 0, open: 0xb4, closed: undefined },
  { family: 'STM32H7S', byte: 0, open: 0xb4, closed: undefined },
  // OPTSR.RDP, bits 15:8 (RM0433).
  { family: 'STM32H7', byte: 1, open: 0xaa, closed: 0xcc },
  // RDP_LEVEL has no level 1: what is not open is closed for ever (ST's low-layer header of C5).
  { family: 'STM32C5', byte: 1, open: 0xed, closed: 0x72 },
  // The lowest byte of OPTR, or of the option bytes (RM0351, RM0444, RM0440, RM0038, RM0434).
  { family: 'STM32L', byte: 0, open: 0xaa, closed: 0xcc },
  { family: 'STM32G', byte: 0, open: 0xaa, closed: 0xcc },
  { family: 'STM32U', byte: 0, open: 0xaa, closed: 0xcc },
  { family: 'STM32C0', byte: 0, open: 0xaa, closed: 0xcc },
  { family: 'STM32W', byte: 0, open: 0xaa, closed: 0xcc },
] as const;

const HALF_OPEN = 0x55;

/** @param zone of a chip that may have two worlds @returns 0 for chips whose protection is not an RDP byte (H5 has product states) */
export function protectionLevel({ name }: ChipFacts, options: Uint8Array, zone?: TrustZone): RdpLevel {
  const row = RDP_BYTES.find(({ family }) => name.startsWith(family));
  if (!row) return 0;
  const value = options[row.byte];
  if (value === row.open) return 0;
  if (zone?.isOn && value === HALF_OPEN) return 0.5;
  return row.closed !== undefined && value === row.closed ? 2 : 1;
}

/** Puts a level into option bytes, as a programmer would have. Throws `RangeError` for a level that the chip has not. */
export function setProtectionLevel({ name }: ChipFacts, options: Uint8Array, level: RdpLevel): void {
  const row = RDP_BYTES.find(({ family }) => name.startsWith(family));
  const closed = level === 0.5 ? HALF_OPEN : 0x00;
  const value = level === 0 ? row?.open : level < 2 ? closed : row?.closed;
  if (!row || value === undefined) throw new RangeError(`${name} has no RDP level ${level}`);
  options[row.byte] = value;
  // F0, F1 and F3 keep the complement beside each option byte.
  if (row.family === 'STM32F1' || row.family === 'STM32F0' || row.family === 'STM32F3') options[1] = ~value & 0xff;
}

/** The mass erase that goes with the change from level 1 to 0 (RM0090). Its time is not modelled: the cells are done at once. */
export function eraseUnprotected({ cells }: ChipFacts, microcontroller: Microcontroller): void {
  const { flash, bus } = microcontroller;
  flash.protect([]);
  flash.eraseAll(microcontroller.now() - cells.massEraseMs);
  flash.eraseEeprom();
  for (const { start, bytes } of flash.memories) bus.invalidate(start, bytes.length);
}

/** What a debugger reaches: everything, the non-secure world, or DBGMCU alone. */
export type DebugRights = 'all' | 'non-secure' | 'none';

/** PRODUCT_STATE of H5 (RM0481 §7.6.1, §59.4): open; closed and locked; every other one leaves the non-secure world alone. */
const PRODUCT_OPEN = 0xed;
const PRODUCT_CLOSED = [0x72, 0x5c];

/**
 * @param level as it holds since the last reset
 * @param zone absent for a chip that has one world
 */
export function debugRights(
  { name }: ChipFacts,
  options: Uint8Array,
  { level, zone }: { readonly level: RdpLevel; readonly zone: TrustZone | undefined },
): DebugRights {
  if (name.startsWith('STM32H5')) {
    const state = options[1] ?? 0;
    if (state === PRODUCT_OPEN) return 'all';
    return PRODUCT_CLOSED.includes(state) ? 'none' : 'non-secure';
  }
  if (!zone?.isOn || level === 0) return 'all';
  // At level 1 nothing is reached while secure code runs (AN5347 §7.1).
  return level === 1 && zone.core === 'secure' ? 'none' : 'non-secure';
}
