/** The program of the demo's last act: an application that calls the generated jump first of all. C and a linker script, as text. */
import type { GeneratedFile } from '@sureflash/programmer/fix';

const APPLICATION = `/* An application for the STM32F105: into the ROM bootloader while USB is plugged in, else it counts. */
#include "bootloader_jump.h"

extern uint32_t _estack;
void Reset_Handler(void);
void Default_Handler(void);

volatile uint32_t counted;
const volatile uint32_t version = FIRMWARE_VERSION;

void Default_Handler(void) { for (;;) {} }

/* Nothing here is initialised data: there is nothing to copy before main() could begin. */
void Reset_Handler(void) {
  bootloader_jump_if_asked();
  for (counted = 0u;; counted += version) {}
}

typedef void (*handler_t)(void);

__attribute__((section(".isr_vector"), used)) static const handler_t vectors[16] = {
    (handler_t)&_estack, Reset_Handler,   Default_Handler, Default_Handler, Default_Handler, Default_Handler,
    Default_Handler,     0,               0,               0,               0,               Default_Handler,
    Default_Handler,     0,               Default_Handler, Default_Handler,
};
`;

const LINKER_SCRIPT = `MEMORY {
  FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 256K
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 64K
}
ENTRY(Reset_Handler)
PHDRS { flash PT_LOAD FLAGS(5); ram PT_LOAD FLAGS(6); }
_estack = ORIGIN(RAM) + LENGTH(RAM);
SECTIONS {
  .isr_vector : { KEEP(*(.isr_vector)) } > FLASH :flash
  .text : { *(.text*) *(.rodata*) . = ALIGN(4); } > FLASH :flash
  .bss (NOLOAD) : { *(.bss*) *(COMMON) } > RAM :ram
  /DISCARD/ : { *(.ARM.exidx* .ARM.extab* .comment .note.*) }
}
`;

export const JUMP_PROGRAM: readonly GeneratedFile[] = [
  { name: 'application.c', text: APPLICATION },
  { name: 'application.ld', text: LINKER_SCRIPT },
];

/** The object of a version that comes with this program, made from the same text: `compile.test.ts` builds it again. */
export const jumpObjectName = (version: number): string => `jump-v${version}.elf`;
