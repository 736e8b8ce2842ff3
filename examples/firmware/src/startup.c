/* Vector table and reset of the STM32F105 (RM0008 §10.1.2, table 61: 16 system vectors and 68 interrupts). */
#include <stdint.h>

extern uint32_t _estack, _sidata, _sdata, _edata, _sbss, _ebss;

int main(void);
void SysTick_Handler(void);
void Reset_Handler(void);
void Default_Handler(void);

#define WEAK __attribute__((weak, alias("Default_Handler")))
void NMI_Handler(void) WEAK;
void HardFault_Handler(void) WEAK;
void MemManage_Handler(void) WEAK;
void BusFault_Handler(void) WEAK;
void UsageFault_Handler(void) WEAK;
void SVC_Handler(void) WEAK;
void DebugMon_Handler(void) WEAK;
void PendSV_Handler(void) WEAK;

enum { SYSTEM_VECTORS = 16, INTERRUPTS = 68, TABLE_WORDS = 121 };

/* The last word of the table in start-up code for this line of chips: an instruction for a start from RAM. */
#define BOOT_RAM 0xF1E0F85Fu

union vector {
  void (*handler)(void);
  uint32_t word;
};

/* 121 words, so that the table ends at 0x1E4: no multiple of 8, which is what makes the gap that README.md is about. */
__attribute__((section(".isr_vector"), used)) const union vector vectors[TABLE_WORDS] = {
    [0] = {.word = (uint32_t)&_estack},
    [1] = {.handler = Reset_Handler},
    [2] = {.handler = NMI_Handler},
    [3] = {.handler = HardFault_Handler},
    [4] = {.handler = MemManage_Handler},
    [5] = {.handler = BusFault_Handler},
    [6] = {.handler = UsageFault_Handler},
    [11] = {.handler = SVC_Handler},
    [12] = {.handler = DebugMon_Handler},
    [14] = {.handler = PendSV_Handler},
    [15] = {.handler = SysTick_Handler},
    [SYSTEM_VECTORS ... SYSTEM_VECTORS + INTERRUPTS - 1] = {.handler = Default_Handler},
    [TABLE_WORDS - 1] = {.word = BOOT_RAM},
};

void Reset_Handler(void) {
  const uint32_t *from = &_sidata;
  for (uint32_t *to = &_sdata; to < &_edata; to += 1) *to = *from++;
  for (uint32_t *to = &_sbss; to < &_ebss; to += 1) *to = 0;
  (void)main();
  Default_Handler();
}

void Default_Handler(void) {
  for (;;) __asm volatile("wfi");
}
