/* Exceptions of every kind, logged word by word: the same log must come out of QEMU and of the core of `virtual`. */
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define ICSR REG(0xE000ED04)
#define VTOR REG(0xE000ED08)
#define CCR REG(0xE000ED14)
#define SHCSR REG(0xE000ED24)
#define CFSR REG(0xE000ED28)
#define HFSR REG(0xE000ED2C)
#define BFAR REG(0xE000ED38)
#define AIRCR REG(0xE000ED0C)
#define SHPR2 REG(0xE000ED1C)
#define SHPR3 REG(0xE000ED20)
#define SYST ((volatile uint32_t *)0xE000E010)
#define NVIC(offset) REG(0xE000E000 + (offset))
#define MAINLINE (__ARM_ARCH != 6)

/* Read by the tests: the number of words, then the words. */
struct { uint32_t count, words[500]; } trace __attribute__((section(".trace")));
static void note(uint32_t word) { if (trace.count < 500) trace.words[trace.count++] = word; }

static volatile uint32_t skip, depth, chain, ticked;
void irq_common(uint32_t number, uint32_t *frame, uint32_t link);

/* Handlers get their number, their frame and EXC_RETURN. */
#define HANDLER(name, number)                                                                      \
  __attribute__((naked)) void name(void) {                                                         \
    __asm volatile("mov r2, lr\n movs r0, #4\n tst r0, r2\n bne 1f\n mrs r1, msp\n b 2f\n"         \
                   "1: mrs r1, psp\n2: push {r4, lr}\n movs r0, #" #number "\n"                    \
                   "ldr r3, =irq_common\n blx r3\n pop {r4, pc}\n .ltorg");                        \
  }
HANDLER(nmi, 2) HANDLER(hard, 3) HANDLER(mem, 4) HANDLER(bus, 5) HANDLER(usage, 6) HANDLER(svc, 11)
HANDLER(pendsv, 14) HANDLER(systick, 15) HANDLER(irq0, 16) HANDLER(irq1, 17) HANDLER(irq2, 18) HANDLER(irq3, 19)

void irq_common(uint32_t number, uint32_t *frame, uint32_t link) {
  note(0x11110000 | number);
  note(link & 0xff);
  note(ICSR & 0x1ff);
  uint32_t address = frame[6];
  if (number == 11) {
    note(((uint16_t *)address)[-1]);
    frame[0] += 1;
    note(frame[7] & 0xff0003ff);
  } else if (number < 11) {
    note(frame[7] & 0xf600fc00);
#if MAINLINE
    note(CFSR);
    if (CFSR & 0x8000) note(BFAR);
    note(HFSR);
    CFSR = CFSR;
    HFSR = HFSR;
#endif
    if (number != 2) frame[6] = address + skip;
    if (number != 2) frame[7] |= 0x01000000;
    if (number == 3 && skip == 0) frame[6] = frame[5] & ~1u;
  }
  if (number == 16) { NVIC(0x200) = 0xc; depth++; __asm volatile("dsb\n isb"); note(0x22220000 | depth); depth--; }
  if (number == 14 && chain) { chain--; ICSR = 1 << 28; }
  if (number == 15) {
    SYST[0] = 0;
    ICSR = 1 << 25;
    ticked = 1;
  }
  note(0x33330000 | number);
}

extern uint32_t stack_top;
void start(void);
#define V (uint32_t)
__attribute__((section(".vectors"), used)) const uint32_t vectors[48] = {
  V &stack_top, V start, V nmi, V hard, V mem, V bus, V usage, 0, 0, 0, 0, V svc, 0, 0, V pendsv, V systick,
  V irq0, V irq1, V irq2, V irq3,
};

static void semihost(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm("r0") = operation;
  register const void *r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void print(void) {
  char line[10];
  for (uint32_t i = 0; i < trace.count; i++) {
    for (int digit = 0; digit < 8; digit++) line[digit] = "0123456789abcdef"[(trace.words[i] >> (28 - 4 * digit)) & 15];
    line[8] = '\n';
    line[9] = 0;
    semihost(4, line);
  }
  semihost(0x18, (void *)0x20026);
}

static uint32_t call(uint32_t value) {
  register uint32_t r0 __asm("r0") = value;
  __asm volatile("svc 7" : "+r"(r0)::"r1", "r2", "r3", "r12", "lr", "memory");
  return r0;
}

static uint32_t process_stack[128];

static void priorities(void) {
  NVIC(0x400) = 0x40c08000; /* irq0 0x00, irq1 0x80, irq2 0xc0, irq3 0x40 */
  NVIC(0x100) = 0xf;
  NVIC(0x200) = 6;
  __asm volatile("dsb\n isb");
  note(NVIC(0x200));
  NVIC(0x400) = 0x4000c080; /* irq0 0x80, irq1 0xc0, irq2 0x00, irq3 0x40: both preempt irq0 */
  NVIC(0x200) = 3;
  __asm volatile("dsb\n isb");
  __asm volatile("cpsid i");
  NVIC(0x200) = 2;
  ICSR = 1 << 28;
  __asm volatile("dsb\n isb");
  note(NVIC(0x200));
  note((ICSR >> 12) & 0x1ff);
  __asm volatile("cpsie i\n isb");
  chain = 2;
  ICSR = 1 << 28;
  __asm volatile("dsb\n isb");
  ICSR = 1u << 31;
  __asm volatile("dsb\n isb");
#if MAINLINE
  __asm volatile("msr basepri, %0" ::"r"(0x80));
  NVIC(0x200) = 0xa;
  __asm volatile("dsb\n isb");
  note(NVIC(0x200));
  __asm volatile("msr basepri, %0\n isb" ::"r"(0));
  __asm volatile("cpsid f");
  NVIC(0x200) = 2;
  __asm volatile("dsb\n isb");
  note(NVIC(0x200));
  __asm volatile("cpsie f\n isb");
#endif
}

static void stacks(void) {
  note(call(41));
  __asm volatile("msr psp, %0\n movs r0, #2\n msr control, r0\n isb" ::"r"(&process_stack[127]) : "r0");
  note(call(1));
  __asm volatile("movs r0, #0\n msr control, r0\n isb" ::: "r0");
  note(call(2));
  __asm volatile("sub sp, #4");
  note(call(3));
  __asm volatile("add sp, #4");
}

static void faults(void) {
  skip = 2;
  __asm volatile(".hword 0xde00" ::: "memory");
  __asm volatile("ldr r0, =0x20000001\n .hword 0x6800" ::: "r0", "memory"); /* ldr r0, [r0] */
#if !MAINLINE
  note(0x44440001);
#else
  skip = 4;
  for (int round = 0; round < 2; round++) {
    __asm volatile(".hword 0xf7f0, 0xa000" ::: "memory");
    CCR |= 0x18;
    __asm volatile("movs r1, #0\n udiv r2, r1, r1" ::: "r1", "r2", "memory");
    __asm volatile("ldr r1, =0x20000001\n ldr.w r2, [r1]" ::: "r1", "r2", "memory");
    CCR &= ~0x18;
    __asm volatile("movs r1, #0\n udiv r2, r1, r1" ::: "r1", "r2", "memory");
    __asm volatile("ldr r1, =0xd0000000\n ldr.w r2, [r1]" ::: "r1", "r2", "memory");
    __asm volatile("movs r1, #1\n cmp r1, #1\n .hword 0xbf08, 0xf7f0, 0xa000" ::: "r1", "memory");
    __asm volatile("ldr r1, =0x20000001\n ldmia.w r1, {r2, r3}" ::: "r1", "r2", "r3", "memory");
    skip = 0;
    __asm volatile("adr r1, 1f\n mov lr, r1\n bx r1\n .align 2\n1: nop" ::: "r1", "lr", "memory");
    skip = 4;
    SHCSR = 7 << 16;
  }
  note(SHCSR);
#endif
}

static void ticks(void) {
  SYST[1] = 0x3ffff;
  SYST[2] = 0;
  SYST[0] = 7;
  while (!ticked) continue;
  note(0x55550000);
}

void start(void) {
  trace.count = 0;
  depth = 0;
  chain = 0;
  ticked = 0;
#if MAINLINE
  VTOR = (uint32_t)vectors;
  CCR |= 0x200;
#endif
  stacks();
  priorities();
  faults();
  ticks();
  print();
  for (;;) continue;
}
