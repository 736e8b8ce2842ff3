/* Vector table and start-up code of the programs that tests run: ours, for any Cortex-M. */
#include <stdint.h>

extern uint32_t _estack, _sdata, _edata, _sidata, _sbss, _ebss;
int main(void);

/* Where a fault or an interrupt that nobody expected ends: the harness finds the core here. */
void unexpected(void) {
  for (;;) {}
}

__attribute__((weak)) void NMI_Handler(void) { unexpected(); }
__attribute__((weak)) void SysTick_Handler(void) { unexpected(); }
__attribute__((weak)) void PendSV_Handler(void) { unexpected(); }
__attribute__((weak)) void IRQ_Handler(void) { unexpected(); }

/* Test programs that must look before anything else is touched take this. */
__attribute__((weak)) void before_data(void) {}

void Reset_Handler(void) {
  before_data();
  const uint32_t *from = &_sidata;
  for (uint32_t *to = &_sdata; to < &_edata; ++to) *to = *from++;
  for (uint32_t *to = &_sbss; to < &_ebss; ++to) *to = 0u;
  main();
  unexpected();
}

typedef void (*handler_t)(void);

__attribute__((section(".isr_vector"), used)) static const handler_t vectors[16 + 48] = {
    (handler_t)&_estack, Reset_Handler, NMI_Handler, unexpected, unexpected, unexpected, unexpected,      0, 0, 0, 0,
    unexpected,          unexpected,    0,           PendSV_Handler, SysTick_Handler,
    [16 ... 63] = IRQ_Handler,
};

/* What the compiler may call by itself. */
void *memcpy(void *to, const void *from, unsigned int length) {
  volatile uint8_t *t = to;
  const uint8_t *f = from;
  while (length-- > 0u) *t++ = *f++;
  return to;
}

void *memset(void *to, int value, unsigned int length) {
  volatile uint8_t *t = to;
  while (length-- > 0u) *t++ = (uint8_t)value;
  return to;
}
