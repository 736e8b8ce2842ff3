/** The C that makes the CPU see what flash holds after it was changed: one function for each kind of cache. */
import type { FlashController } from '@sureflash/chips';
import { lines } from '../c-text.ts';

const BODIES: Readonly<Record<NonNullable<FlashController['cache']>, readonly string[]>> = {
  // ACR: DCEN bit 10, DCRST bit 12, which is taken only while the cache is off (RM0090 §3.9.1, RM0351 §3.7.1).
  interface: [
    '(void)start;',
    '(void)length;',
    'uint32_t access = FLASH->ACR;',
    'if ((access & 0x400u) == 0u) return;',
    'FLASH->ACR = access & ~0x400u;',
    'FLASH->ACR = (access & ~0x400u) | 0x1000u;',
    'FLASH->ACR = access & ~0x400u;',
    'FLASH->ACR = access;',
  ],
  core: [
    'if ((SCB->CCR & SCB_CCR_DC_Msk) == 0u) return;',
    '__DSB();',
    'for (uint32_t line = start & ~31u; line < start + length; line += 32u) SCB->DCIMVAC = line;',
    '__DSB();',
    '__ISB();',
  ],
  // ICACHE_CR: EN bit 0, CACHEINV bit 1; ICACHE_SR: BUSYF bit 0 (RM0456 §8.6). The same address on L5, U5 and H5.
  icache: [
    '(void)start;',
    '(void)length;',
    'volatile uint32_t *icache = (volatile uint32_t *)0x40030400u;',
    'if ((icache[0] & 1u) == 0u) return;',
    'icache[0] |= 2u;',
    'while ((icache[1] & 1u) != 0u) {}',
  ],
};

export function cacheC({ cache }: FlashController): string {
  const body = cache ? BODIES[cache] : ['(void)start;', '(void)length;'];
  const why = cache
    ? 'Reads from here on come from flash, not from a cache.'
    : 'Nothing on this chip caches what flash holds.';
  return `/* ${why} */
static void forget_cached(uint32_t start, uint32_t length) {
${lines(body)}
}`;
}
