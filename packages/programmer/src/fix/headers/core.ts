/** A minimal `core_cm.h` of ours: what CMSIS calls the registers and instructions of the core that generated code uses. */
import type { CoreName } from '@sureflash/chips';

interface CoreTraits {
  readonly number: number;
  /** 32-bit words of interrupt enables: 32, 240 or 480 interrupts. */
  readonly interruptWords: number;
  readonly hasVtor: boolean;
  readonly isMainline: boolean;
  readonly hasMpu: boolean;
}

const CORES: Readonly<Record<CoreName, CoreTraits>> = {
  'cortex-m0': { number: 0, interruptWords: 1, hasVtor: false, isMainline: false, hasMpu: false },
  'cortex-m0plus': { number: 0, interruptWords: 1, hasVtor: true, isMainline: false, hasMpu: true },
  'cortex-m3': { number: 3, interruptWords: 8, hasVtor: true, isMainline: true, hasMpu: false },
  'cortex-m4': { number: 4, interruptWords: 8, hasVtor: true, isMainline: true, hasMpu: true },
  'cortex-m7': { number: 7, interruptWords: 8, hasVtor: true, isMainline: true, hasMpu: true },
  'cortex-m33': { number: 33, interruptWords: 16, hasVtor: true, isMainline: true, hasMpu: true },
};

export const coreTraits = (core: CoreName): CoreTraits => CORES[core];

const MAINLINE = `
__STATIC_FORCEINLINE void __set_BASEPRI(uint32_t value) { __asm volatile("msr basepri, %0" : : "r"(value) : "memory"); }
__STATIC_FORCEINLINE void __set_FAULTMASK(uint32_t value) { __asm volatile("msr faultmask, %0" : : "r"(value) : "memory"); }
__STATIC_FORCEINLINE uint32_t __get_FAULTMASK(void) { uint32_t value; __asm volatile("mrs %0, faultmask" : "=r"(value)); return value; }`;
const MSPLIM = `
__STATIC_FORCEINLINE void __set_MSPLIM(uint32_t value) { __asm volatile("msr msplim, %0" : : "r"(value)); }`;

/** ARMv6-M, ARMv7-M and ARMv8-M architecture reference manuals, system address map. */
export function coreHeader(core: CoreName): string {
  const { number, interruptWords, hasMpu, isMainline } = CORES[core];
  const gap = 32 - interruptWords;
  return `/* Core registers and instructions under their CMSIS names, for builds without ST's packages. */
#ifndef CORE_CM_H
#define CORE_CM_H

#include <stdint.h>

#define __CORTEX_M ${number}U
#define __MPU_PRESENT ${hasMpu ? 1 : 0}U
#define __STATIC_FORCEINLINE __attribute__((always_inline)) static inline
#define __IO volatile

typedef struct { __IO uint32_t CTRL, LOAD, VAL, CALIB; } SysTick_Type;
typedef struct {
  __IO uint32_t ISER[${interruptWords}]; uint32_t RESERVED0[${gap}];
  __IO uint32_t ICER[${interruptWords}]; uint32_t RESERVED1[${gap}];
  __IO uint32_t ISPR[${interruptWords}]; uint32_t RESERVED2[${gap}];
  __IO uint32_t ICPR[${interruptWords}]; uint32_t RESERVED3[${gap}];
} NVIC_Type;
typedef struct {
  __IO uint32_t CPUID, ICSR, VTOR, AIRCR, SCR, CCR, SHPR[3], SHCSR, CFSR, HFSR, DFSR, MMFAR, BFAR, AFSR;
  uint32_t RESERVED0[132];
  __IO uint32_t ICIALLU; uint32_t RESERVED1;
  __IO uint32_t ICIMVAU, DCIMVAC, DCISW, DCCMVAU, DCCMVAC, DCCSW, DCCIMVAC, DCCISW;
} SCB_Type;
typedef struct { __IO uint32_t TYPE, CTRL, RNR, RBAR, RASR; } MPU_Type;

#define SysTick ((SysTick_Type *)0xE000E010u)
#define NVIC ((NVIC_Type *)0xE000E100u)
#define SCB ((SCB_Type *)0xE000ED00u)
#define MPU ((MPU_Type *)0xE000ED90u)

#define SCB_ICSR_PENDSTCLR_Msk (1u << 25)
#define SCB_ICSR_PENDSVCLR_Msk (1u << 27)
#define SCB_AIRCR_VECTKEY_Pos 16u
#define SCB_AIRCR_SYSRESETREQ_Msk (1u << 2)
#define SCB_CCR_DC_Msk (1u << 16)
#define SCB_CCR_BFHFNMIGN_Msk (1u << 8)
#define SCB_SHCSR_MEMFAULTENA_Msk (1u << 16)
#define SCB_SHCSR_BUSFAULTENA_Msk (1u << 17)
#define SCB_SHCSR_USGFAULTENA_Msk (1u << 18)

__STATIC_FORCEINLINE void __enable_irq(void) { __asm volatile("cpsie i" : : : "memory"); }
__STATIC_FORCEINLINE void __disable_irq(void) { __asm volatile("cpsid i" : : : "memory"); }
__STATIC_FORCEINLINE void __DSB(void) { __asm volatile("dsb 0xF" : : : "memory"); }
__STATIC_FORCEINLINE void __ISB(void) { __asm volatile("isb 0xF" : : : "memory"); }
__STATIC_FORCEINLINE uint32_t __get_IPSR(void) { uint32_t value; __asm volatile("mrs %0, ipsr" : "=r"(value)); return value; }
__STATIC_FORCEINLINE uint32_t __get_PRIMASK(void) { uint32_t value; __asm volatile("mrs %0, primask" : "=r"(value)); return value; }
__STATIC_FORCEINLINE void __set_PRIMASK(uint32_t value) { __asm volatile("msr primask, %0" : : "r"(value) : "memory"); }${isMainline ? MAINLINE : ''}${core === 'cortex-m33' ? MSPLIM : ''}

__attribute__((noreturn)) __STATIC_FORCEINLINE void NVIC_SystemReset(void) {
  __DSB();
  SCB->AIRCR = (0x5FAu << SCB_AIRCR_VECTKEY_Pos) | SCB_AIRCR_SYSRESETREQ_Msk;
  __DSB();
  for (;;) {}
}

#endif
`;
}
