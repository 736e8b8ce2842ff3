/* The smallest firmware worth programming: blinks an LED at PC13 of an STM32F105. It stands for your own. */
#include <stdint.h>

#define RCC_APB2ENR (*(volatile uint32_t *)0x40021018) /* RM0008 7.3.7 */
#define GPIOC_CRH (*(volatile uint32_t *)0x40011004)   /* RM0008 9.2.2 */
#define GPIOC_ODR (*(volatile uint32_t *)0x4001100C)   /* RM0008 9.2.4 */

extern uint32_t _estack;

void Reset_Handler(void)
{
  RCC_APB2ENR |= 1u << 4;
  GPIOC_CRH = (GPIOC_CRH & ~(0xFu << 20)) | (0x2u << 20);
  for (;;) {
    GPIOC_ODR ^= 1u << 13;
    for (volatile uint32_t wait = 0; wait < 400000; wait++) {
    }
  }
}

static void Default_Handler(void)
{
  for (;;) {
  }
}

__attribute__((section(".isr_vector"), used)) static const void *const vectors[16] = {
    &_estack,        Reset_Handler, Default_Handler, Default_Handler, Default_Handler, Default_Handler,
    Default_Handler, 0,             0,               0,               0,               Default_Handler,
    Default_Handler, 0,             Default_Handler, Default_Handler,
};
