/** Chips that acknowledge everything and do nothing while they are read-protected, and how to know before. */
import type { Target } from '../target/target.ts';

/** STM32U5: FLASH_OPTR stays readable when nothing else is. Where no option bytes are shown nothing can be known. */
export async function isSilentlyProtected(target: Target): Promise<boolean> {
  const [block] = target.geometry.find(({ kind }) => kind === 'option-bytes')?.sectors ?? [];
  if (!block) return false;
  for await (const { bytes } of target.read(block)) return !isOpen(bytes);
  return false;
}

/**
 * FLASH_OPTR (RM0456): RDP in the first byte, TZEN in the last bit. Level 0.5 is there with TrustZone only, and leaves the
 * non-secure flash open, which no table of fields tells.
 */
function isOpen([rdp = 0, , , last = 0]: Uint8Array): boolean {
  return rdp === 0xaa || (rdp === 0x55 && (last & 0x80) !== 0);
}
