/** Whether the flash loader in RAM is still what was put there. It knows no mailbox. */
import type { DebugAccess } from '../cortex/debug-access.ts';
import { FlashError } from '../errors.ts';
import { FLASH_LOADER } from './flash-loader-code.ts';

/** @throws FlashError `core/ram-changed` with the first byte that is another one */
export async function assureOwnCode(access: DebugAccess, code: number, operation: string): Promise<void> {
  const found = await access.readMemory(code, FLASH_LOADER.length - (FLASH_LOADER.length % 4), { width: 4 });
  const at = found.findIndex((byte, index) => byte !== FLASH_LOADER[index]);
  if (at < 0) return;
  const facts = { operation, address: code + at, expected: FLASH_LOADER[at] ?? 0, found: found[at] ?? 0 };
  throw new FlashError('core/ram-changed', facts);
}
