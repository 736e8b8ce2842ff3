/* Jumps to the ROM when PA9 is high. DIRTY leaves SysTick, an interrupt and PRIMASK as a running program has them. */
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))

extern uint32_t stack_top;
void start(void);
static void stay(void) { for (;;) continue; }
__attribute__((section(".vectors"), used)) const uint32_t vectors[16] = {
  (uint32_t)&stack_top, (uint32_t)start, (uint32_t)stay, (uint32_t)stay, [15] = (uint32_t)stay,
};
/* Where link.ld wants the log of other programs. */
uint32_t trace __attribute__((section(".trace"), used));

void start(void) {
  REG(PORT_ENABLE) |= 1u << PORT_BIT;
#ifdef MODER
  REG(MODER) &= ~(3u << 18);
#endif
  if (((REG(IDR) >> 9) & 1) == 0) stay();
  __asm volatile("cpsid i");
  REG(0xE000E014) = 99;
  REG(0xE000E018) = 0;
  REG(0xE000E010) = 7;
  REG(0xE000E100) = 0x20;
  REG(0xE000E200) = 0x20;
  for (volatile int i = 0; i < 100; i++) continue;
#ifndef DIRTY
  REG(0xE000E010) = 0;
  REG(0xE000E014) = 0;
  REG(0xE000E018) = 0;
  REG(0xE000ED04) = 1 << 25;
  REG(0xE000E180) = 0xFFFFFFFF;
  REG(0xE000E280) = 0xFFFFFFFF;
#ifdef REMAP
  REG(REMAP_ENABLE) |= 1u << REMAP_BIT;
  REG(REMAP) = 1;
  REG(REMAP_ENABLE) &= ~(1u << REMAP_BIT);
#endif
  REG(PORT_ENABLE) &= ~(1u << PORT_BIT);
  __asm volatile("cpsie i");
#endif
  uint32_t stack = REG(ROM), entry = REG(ROM + 4);
  __asm volatile("msr msp, %0\n bx %1" ::"r"(stack), "r"(entry));
}
