/* What gcc makes of ordinary C: the log must be the same from every core, whatever instructions it has. */
#include <stdint.h>

struct { uint32_t count, words[500]; } trace __attribute__((section(".trace")));
static void note(uint32_t word) { if (trace.count < 500) trace.words[trace.count++] = word; }
static void note64(uint64_t value) { note((uint32_t)value); note((uint32_t)(value >> 32)); }

extern uint32_t stack_top;
void start(void);
static void stay(void) { for (;;) continue; }
__attribute__((section(".vectors"), used)) const uint32_t vectors[16] = {
  (uint32_t)&stack_top, (uint32_t)start, (uint32_t)stay, (uint32_t)stay, [11] = (uint32_t)stay,
};

void *memcpy(void *to, const void *from, unsigned n) { uint8_t *t = to; const uint8_t *f = from; while (n--) *t++ = *f++; return to; }
void *memset(void *to, int value, unsigned n) { uint8_t *t = to; while (n--) *t++ = (uint8_t)value; return to; }

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

static volatile uint32_t seed;
static uint32_t next(void) { return seed = seed * 1664525u + 1013904223u; }

static uint32_t crc(const uint8_t *bytes, uint32_t count) {
  uint32_t c = ~0u;
  while (count--) {
    c ^= *bytes++;
    for (int bit = 0; bit < 8; bit++) c = (c >> 1) ^ (0xEDB88320u & -(c & 1));
  }
  return ~c;
}

struct fields { unsigned a : 5; int b : 9; unsigned c : 18; };

__attribute__((noinline)) static int choose(uint32_t kind, int value) {
  switch (kind) {
    case 0: return value + 1;
    case 1: return value * 3;
    case 2: return -value;
    case 3: return value ^ 0x55;
    case 4: return value >> 3;
    case 5: return (int16_t)value;
    case 6: return (int8_t)value;
    case 7: return __builtin_bswap32(value);
    case 8: return value < 0 ? ~value : value;
    default: return 0;
  }
}

static void sort(int32_t *values, int count) {
  for (int i = 1; i < count; i++) {
    int32_t value = values[i];
    int j = i;
    for (; j > 0 && values[j - 1] > value; j--) values[j] = values[j - 1];
    values[j] = value;
  }
}

void start(void) {
  static uint8_t bytes[256], copy[256];
  static int32_t values[24];
  trace.count = 0;
  seed = 1;
  for (int i = 0; i < 256; i++) bytes[i] = (uint8_t)(next() >> 24);
  memcpy(copy, bytes, 256);
  note(crc(copy, 256));
  for (int i = 0; i < 24; i++) values[i] = (int32_t)next();
  sort(values, 24);
  for (int i = 0; i < 24; i += 5) note((uint32_t)values[i]);
  for (int i = 0; i < 24; i++) {
    uint32_t a = next(), b = next() >> (i & 15);
    note64((uint64_t)a * b);
    note64((uint64_t)((int64_t)(int32_t)a * (int32_t)b));
    note(b ? a / b : 0);
    note(b ? (uint32_t)((int32_t)a % (int32_t)b) : 0);
    note64((((uint64_t)a << 32) | b) / ((b & 0xffff) + 1));
    note((a << (b & 31)) | (a >> ((32 - b) & 31)));
    note((uint32_t)choose(i % 10, (int32_t)a));
    struct fields fields = { a, (int)b, a >> 7 };
    note(fields.a + (uint32_t)fields.b + fields.c);
    note((uint32_t)__builtin_clz(a | 1) + (uint32_t)__builtin_popcount(b));
  }
  print();
}
