/** A unit of option bytes between the block that a bootloader would show and the register that holds it. Pure. */
import type { OptionLayout, OptionPlace } from '@sureflash/chips';

/** Puts what a register holds into its unit, with the complement where the chip always has one. */
export function putOptionUnit(
  { unit, complement }: Pick<OptionLayout, 'unit' | 'complement'>,
  bytes: Uint8Array,
  { at, upper }: OptionPlace,
  word: number,
): void {
  const value = upper ? word >>> 16 : word;
  for (let i = 0; i < unit; i++) {
    const byte = (value >>> (8 * i)) & 0xff;
    bytes[at + i] = byte;
    if (complement === 'always') bytes[at + unit + i] = ~byte & 0xff;
  }
}

/** @returns the register with its unit as in `bytes` */
export function withOptionUnit(
  { unit }: Pick<OptionLayout, 'unit'>,
  bytes: Uint8Array,
  { at, upper }: OptionPlace,
  before: number,
): number {
  let value = 0;
  for (let i = 0; i < unit; i++) value |= (bytes[at + i] ?? 0) << (8 * i);
  if (unit === 4) return value >>> 0;
  return (upper ? (before & 0xffff) | (value << 16) : (before & 0xffff_0000) | value) >>> 0;
}
