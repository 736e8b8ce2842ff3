/** Finds read protection in chips that, while protected, acknowledge everything and do nothing. */
import type { Target } from '../../target/target.ts';

/**
 * Reads FLASH_OPTR of an STM32U5, which stays readable when nothing else is.
 * @returns `false` also if the target shows no option bytes: then protection cannot be seen
 */
export async function isSilentlyProtected(target: Target): Promise<boolean> {
  const [block] = target.geometry.find(({ kind }) => kind === 'option-bytes')?.sectors ?? [];
  if (!block) return false;
  for await (const { bytes } of target.read(block)) return !isReadable(bytes);
  return false;
}

/** FLASH_OPTR (RM0456): RDP in the first byte, TZEN in the last bit. Level 0.5 needs TrustZone and leaves non-secure flash open. */
function isReadable([rdp = 0, , , last = 0]: Uint8Array): boolean {
  return rdp === 0xaa || (rdp === 0x55 && (last & 0x80) !== 0);
}
