/** The C functions of the bootloader jump that do not depend on its trigger: the state after a reset, and the last steps. */
import type { BlockFacts, Chip, ClockFacts, FamilyFacts, Range } from '@sureflash/chips';
import { document, lines, u32 } from '../c-text.ts';
import { HAND_OVER_C } from '../hand-over.ts';
import { coreTraits } from '../headers/core.ts';
import type { JumpStyle } from './options.ts';

/** Whether a jump would arrive: the ROM's vector table makes sense, and no option of the chip is in the way. */
export function possibleC(chip: Chip, family: FamilyFacts): string {
  const { blocks = [] } = family;
  return `int bootloader_jump_possible(void) {
${lines([
  ...blocks.map(blockC),
  'uint32_t stack = ROM_VECTORS[0];',
  'uint32_t entry = ROM_VECTORS[1];',
  ...romRangeC(chip.systemMemory),
  'return (stack >> 28) == 2u && (entry & 1u) == 1u;',
])}
}`;
}

function blockC({ peripheral, register, mask, value, unless = false, why }: BlockFacts): string {
  return `/* ${why}. */
if ((${peripheral}->${register} & ${u32(mask)}) ${unless ? '!=' : '=='} ${u32(value)}) return 0;`;
}

function romRangeC(ranges: readonly Range[]): string[] {
  if (ranges.length === 0) return [];
  const outside = ranges.map(({ start, end }) => `(entry < ${u32(start)} || entry >= ${u32(end)})`).join(' && ');
  return [`if (${outside}) return 0;`];
}

/** RCC, DMA and the peripherals as a reset leaves them, for families where that can be done by hand. */
export function clocksC({ clocks }: FamilyFacts): string | undefined {
  if (!clocks) return undefined;
  const [on, ready] = clocks.start;
  const { before = [], select, stop, stopped, pulse, values, latencyMask } = clocks;
  return `/* Everything that a running application has turned on, as a reset leaves it; only a running watchdog goes on. */
static void state_after_reset(void) {
${lines([
  ...(clocks.dma ?? []).map(dmaC),
  '/* The oscillator that the chip starts with drives the system again, then the others stop. */',
  `RCC->CR |= ${on};`,
  `while ((RCC->CR & ${ready}) == 0u) {}`,
  ...before.map(({ register, clear, set }) => `RCC->${register} = (RCC->${register} & ~${u32(clear)}) | ${u32(set)};`),
  `RCC->CFGR = ${u32(select.value)};`,
  `while ((RCC->CFGR & RCC_CFGR_SWS) != ${u32(select.status)}) {}`,
  `RCC->CR &= ~(${stop.join(' | ')});`,
  ...stopped.map((flag) => `while ((RCC->CR & ${flag}) != 0u) {}`),
  '/* No wait states are needed at that speed. */',
  `FLASH->ACR &= ~${u32(latencyMask)};`,
  '/* Every peripheral is reset, which also stops DMA and lets go of all pins. */',
  ...pulse.flatMap(([register, mask]) => [`RCC->${register} = ${u32(mask)};`, `RCC->${register} = 0u;`]),
  ...values.map(([register, value]) => `RCC->${register} = ${u32(value)};`),
])}
}`;
}

function dmaC({ name, base, channels, clock }: NonNullable<ClockFacts['dma']>[number]): string {
  return `/* No reset register reaches ${name}: its channels are turned off one by one. */
if ((RCC->${clock.register} & ${clock.bit}) != 0u) {
  for (uint32_t channel = 0; channel < ${channels}u; ++channel) *(volatile uint32_t *)(${u32(base + 8)} + 20u * channel) = 0u;
  *(volatile uint32_t *)${u32(base + 4)} = 0x0FFFFFFFu;
}`;
}

/** SysTick, NVIC, pending exceptions, fault handlers, MPU: the core as a reset leaves it, interrupts still off. */
export function coreC(family: FamilyFacts): string {
  const { isMainline } = coreTraits(family.core);
  return `/* The core as a reset leaves it, with interrupts still off. */
static void core_after_reset(void) {
${lines([
  'SysTick->CTRL = 0u;',
  'SysTick->LOAD = 0u;',
  'SysTick->VAL = 0u;',
  'for (uint32_t i = 0; i < sizeof NVIC->ICER / sizeof NVIC->ICER[0]; ++i) {',
  '  NVIC->ICER[i] = 0xFFFFFFFFu;',
  '  NVIC->ICPR[i] = 0xFFFFFFFFu;',
  '}',
  'SCB->ICSR = SCB_ICSR_PENDSTCLR_Msk | SCB_ICSR_PENDSVCLR_Msk;',
  isMainline
    ? `SCB->SHCSR &= ~(SCB_SHCSR_USGFAULTENA_Msk | SCB_SHCSR_BUSFAULTENA_Msk | SCB_SHCSR_MEMFAULTENA_Msk);
__set_BASEPRI(0u);
__set_FAULTMASK(0u);`
    : undefined,
  family.core === 'cortex-m33' ? '__set_MSPLIM(0u);' : undefined,
  `#if defined(__MPU_PRESENT) && (__MPU_PRESENT == 1U)
MPU->CTRL = 0u;
#endif`,
])}
}`;
}

/** System memory at address 0, where the core looks for its vectors, as after a start with BOOT0 high. */
function remapC({ remap }: FamilyFacts, style: JumpStyle): string | undefined {
  if (!remap) return undefined;
  const { register, mask, value, clock } = remap;
  const on =
    style === 'hal'
      ? '__HAL_RCC_SYSCFG_CLK_ENABLE();'
      : `RCC->${clock?.register} |= ${clock?.bit};\n(void)RCC->${clock?.register};`;
  const off = `RCC->${clock?.register} &= ~${clock?.bit};`;
  return [
    '/* System memory at address 0, as after a start with BOOT0 high: the ROM looks for its vectors there. */',
    ...(clock ? [on] : []),
    `SYSCFG->${register} = (SYSCFG->${register} & ~${u32(mask)}) | ${u32(value)};`,
    `(void)SYSCFG->${register};`,
    ...(clock ? [off] : []),
  ].join('\n');
}

/** The last steps, from which nothing comes back. */
export function enterC(family: FamilyFacts, style: JumpStyle): string {
  const { hasVtor } = coreTraits(family.core);
  const vtor = family.remap ? 'SCB->VTOR = 0u;' : 'SCB->VTOR = (uint32_t)ROM_VECTORS;';
  return document([
    `/* Interrupts end up enabled: the ROM's USB lives on them, and it does not enable them itself. */
__attribute__((noreturn)) static void enter_rom(void) {
${lines([
  'uint32_t stack = ROM_VECTORS[0];',
  'uint32_t entry = ROM_VECTORS[1];',
  '__disable_irq();',
  family.clocks
    ? '/* A watchdog that runs cannot be stopped: it gets its whole time once more. */\nIWDG->KR = 0xAAAAu;'
    : undefined,
  family.clocks ? 'state_after_reset();' : undefined,
  'core_after_reset();',
  remapC(family, style),
  hasVtor ? vtor : undefined,
  '__DSB();',
  '__ISB();',
  '/* No C between here and the ROM: the stack changes under it. CONTROL 0: main stack, privileged. */',
  HAND_OVER_C,
])}
}`,
  ]).trimEnd();
}
