/** The C of the application check that is the same for every chip. */
import { lines } from '../c-text.ts';
import { HAND_OVER_C } from '../hand-over.ts';
import type { ProofMethod } from './record.ts';

export const HEADER_BODY = `typedef enum {
  APPLICATION_GOOD = 0,
  APPLICATION_EMPTY,         /* nothing there */
  APPLICATION_BAD_STACK,     /* the first word is no address in RAM */
  APPLICATION_BAD_ENTRY,     /* the second word is no Thumb address in the application */
  APPLICATION_NO_RECORD,     /* no description, or one that was cut */
  APPLICATION_BAD_LENGTH,    /* the length does not fit the flash */
  APPLICATION_UPDATING,      /* an update began and did not end */
  APPLICATION_REJECTED,      /* it was taken out of use */
  APPLICATION_BAD_CRC,       /* not what was described */
  APPLICATION_BAD_SIGNATURE, /* not from who may */
  APPLICATION_UNPROVEN,      /* right, but never read back by its host */
} application_state_t;

/* Reads flash only; takes some milliseconds for 100 KB. */
application_state_t application_check(void);

/* The version that the record states; 0 without a record. */
uint32_t application_version(void);

/*
 * Starts the application: call it only if application_check() says good, from thread mode, with everything that the loader
 * has turned on back at its reset state.
 */
__attribute__((noreturn)) void application_start(void);`;

const CRC = `/* CRC-32 of zip and PNG, four bits at a time. */
static uint32_t crc32(uint32_t address, uint32_t length) {
  static const uint32_t table[16] = {
      0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
      0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
  };
  uint32_t crc = 0xFFFFFFFFu;
  for (uint32_t i = 0; i < length; ++i) {
    crc ^= *(const volatile uint8_t *)(address + i);
    crc = crc >> 4 ^ table[crc & 15u];
    crc = crc >> 4 ^ table[crc & 15u];
  }
  return ~crc;
}`;

export const checkC = (
  proof: ProofMethod,
  keep: string,
): string => `#define WORD(address) (*(const volatile uint32_t *)(address))

${CRC}

/* Whether all eight words of a slot are the mark: one that was cut while it was written is none. */
static int has_mark(uint32_t slot, uint32_t mark) {
  for (uint32_t at = 0; at < 32u; at += 4u) {
    if (WORD(slot + at) != mark) return 0;
  }
  return 1;
}

static int is_blank(uint32_t slot) { return has_mark(slot, ERASED_WORD); }

static int has_record(void) { return WORD(RECORD) == RECORD_MAGIC && WORD(RECORD + 16u) == crc32(RECORD, 16u); }

static int is_stack(uint32_t address) {
  if ((address & 3u) != 0u) return 0;
  for (uint32_t i = 0; i < sizeof RAMS / sizeof RAMS[0]; ++i) {
    if (address > RAMS[i].start && address <= RAMS[i].end) return 1;
  }
  return 0;
}

application_state_t application_check(void) {
${lines([
  keep,
  'uint32_t stack = WORD(APPLICATION_START);',
  'uint32_t entry = WORD(APPLICATION_START + 4u);',
  'if (stack == ERASED_WORD && entry == ERASED_WORD) return APPLICATION_EMPTY;',
  'if (!is_stack(stack)) return APPLICATION_BAD_STACK;',
  'if (!has_record()) return APPLICATION_NO_RECORD;',
  'uint32_t length = WORD(RECORD + 4u);',
  'if (length < 8u || length > RECORD - APPLICATION_START) return APPLICATION_BAD_LENGTH;',
  'if ((entry & 1u) == 0u || entry < APPLICATION_START || entry >= APPLICATION_START + length) return APPLICATION_BAD_ENTRY;',
  '/* A slot that is neither blank nor the mark was cut while it was written: it counts as the mark. */',
  'if (!is_blank(SLOT_UPDATING)) return APPLICATION_UPDATING;',
  'if (!is_blank(SLOT_REJECTED)) return APPLICATION_REJECTED;',
  'if (crc32(APPLICATION_START, length) != WORD(RECORD + 8u)) return APPLICATION_BAD_CRC;',
  proof === 'ed25519'
    ? 'if (!application_check_verify((const uint8_t *)APPLICATION_START, length, (const uint8_t *)SIGNATURE)) return APPLICATION_BAD_SIGNATURE;'
    : undefined,
  'return has_mark(SLOT_PROVEN, MARK_PROVEN) ? APPLICATION_GOOD : APPLICATION_UNPROVEN;',
])}
}

uint32_t application_version(void) { return has_record() ? WORD(RECORD + 12u) : 0u; }`;

export const startC = (hasVtor: boolean): string => `void application_start(void) {
${lines([
  'uint32_t stack = WORD(APPLICATION_START);',
  'uint32_t entry = WORD(APPLICATION_START + 4u);',
  '__disable_irq();',
  'SysTick->CTRL = 0u;',
  'SysTick->LOAD = 0u;',
  'SysTick->VAL = 0u;',
  'for (uint32_t i = 0; i < sizeof NVIC->ICER / sizeof NVIC->ICER[0]; ++i) {\n  NVIC->ICER[i] = 0xFFFFFFFFu;\n  NVIC->ICPR[i] = 0xFFFFFFFFu;\n}',
  'SCB->ICSR = SCB_ICSR_PENDSTCLR_Msk | SCB_ICSR_PENDSVCLR_Msk;',
  hasVtor ? 'SCB->VTOR = APPLICATION_START;' : undefined,
  '__DSB();',
  '__ISB();',
  HAND_OVER_C,
])}
}`;
