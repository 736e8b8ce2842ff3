/* The few registers of the STM32F105 that the dashboard uses (RM0008 rev 21: memory map §3.3, RCC §8, GPIO §9, ADC §11,
 * USART §27; SysTick: PM0056 §4.5). */
#ifndef STM32F105_H
#define STM32F105_H

#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(address))

#define RCC_APB2ENR REG32(0x40021018u)
#define RCC_APB1ENR REG32(0x4002101Cu)
#define RCC_APB2ENR_IOPA (1u << 2)
#define RCC_APB2ENR_IOPC (1u << 4)
#define RCC_APB2ENR_ADC1 (1u << 9)
#define RCC_APB1ENR_USART2 (1u << 17)

#define GPIOA_CRL REG32(0x40010800u)
#define GPIOC_CRH REG32(0x40011004u)
#define GPIOC_BSRR REG32(0x40011010u)

#define ADC1_SR REG32(0x40012400u)
#define ADC1_CR2 REG32(0x40012408u)
#define ADC1_SQR3 REG32(0x40012434u)
#define ADC1_DR REG32(0x4001244Cu)
#define ADC_SR_EOC (1u << 1)
#define ADC_CR2_ADON (1u << 0)

#define USART2_SR REG32(0x40004400u)
#define USART2_DR REG32(0x40004404u)
#define USART2_BRR REG32(0x40004408u)
#define USART2_CR1 REG32(0x4000440Cu)
#define USART_SR_TXE (1u << 7)
#define USART_CR1_UE_TE ((1u << 13) | (1u << 3))

#define SYST_CSR REG32(0xE000E010u)
#define SYST_RVR REG32(0xE000E014u)
#define SYST_CVR REG32(0xE000E018u)

/* The internal oscillator, on which the chip starts (RM0008 §8.2). */
#define HSI_HZ 8000000u

#endif
