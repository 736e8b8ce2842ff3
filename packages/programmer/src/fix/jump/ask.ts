/** The C functions that decide whether the bootloader is asked for: a word that survives a reset, and a pin. */
import type { FamilyFacts, PortFacts } from '@sureflash/chips';
import { lines, u32 } from '../c-text.ts';
import type { JumpStyle } from './options.ts';
import type { Trigger } from './trigger.ts';

/** Between the end of RAM and the word: more than start-up code puts on the stack, less than ST's smallest stack. */
export const MAGIC_BELOW_STACK = 0x400;

const hasDataCache = ({ core }: FamilyFacts): boolean => core === 'cortex-m7';

export function magicC(family: FamilyFacts, address: number | undefined): string {
  const place =
    address === undefined
      ? `extern uint32_t _estack; /* end of RAM, from the linker script */
#define BOOTLOADER_JUMP_MAGIC_ADDRESS ((uintptr_t)&_estack - ${u32(MAGIC_BELOW_STACK)})`
      : `#define BOOTLOADER_JUMP_MAGIC_ADDRESS ((uintptr_t)${u32(address)})`;
  return `/*
 * A word that survives the reset: written at once in 64 bits, so that RAM with ECC takes it as a whole, and kept where
 * neither start-up code nor the ROM writes. 64 bits that nobody finds in RAM by chance.
 */
#define MAGIC 0x5EF1A54B007AD00Dull
#ifndef BOOTLOADER_JUMP_MAGIC_ADDRESS
${place}
#endif

static void write_magic(uint64_t value) {
${lines([
  '*(volatile uint64_t *)BOOTLOADER_JUMP_MAGIC_ADDRESS = value;',
  '__DSB();',
  hasDataCache(family)
    ? '/* Out of the data cache, which the reset empties. */\nSCB->DCCMVAC = (uint32_t)BOOTLOADER_JUMP_MAGIC_ADDRESS;\n__DSB();'
    : undefined,
])}
}

/* Whether the word is there; it is gone afterwards, so that the next reset starts the application. */
static int take_magic(void) {
  if (*(volatile uint64_t *)BOOTLOADER_JUMP_MAGIC_ADDRESS != MAGIC) return 0;
  write_magic(0u);
  return 1;
}

void bootloader_jump_request(void) {
  __disable_irq();
  write_magic(MAGIC);
  NVIC_SystemReset();
}`;
}

/** @param ports checked: the family has the pin's port */
export function pinC(
  trigger: Extract<Trigger, { kind: 'pin' }>,
  ports: PortFacts,
  resetHz: number,
  style: JumpStyle,
): string {
  const { pin, level, holdMs } = trigger;
  const gpio = `GPIO${pin.port}`;
  const enable = ports.enableBit.replace('*', pin.port);
  const register = `RCC->${ports.enableRegister}`;
  const configure = ports.kind === 'crl' ? crlC(trigger) : moderC(trigger);
  return `/* Four to five cycles a round, at the clock that the chip starts with. */
#define ROUNDS_PER_MS ${Math.ceil(resetHz / 4000)}u

static void wait_ms(void) {
  for (uint32_t round = 0; round < ROUNDS_PER_MS; ++round) __asm volatile("nop");
}

/* Whether ${gpio} pin ${pin.number} is ${level} for about ${holdMs} ms. The port is as it was afterwards. */
static int pin_asks(void) {
${lines([
  `uint32_t clock = ${register};`,
  style === 'hal' ? `__HAL_RCC_${gpio}_CLK_ENABLE();` : `${register} = clock | ${enable};\n(void)${register};`,
  ...configure.set,
  'wait_ms();',
  'int asks = 1;',
  `for (uint32_t ms = 0; asks && ms < ${holdMs}u; ++ms) {`,
  `  asks = ((${gpio}->IDR >> ${pin.number}) & 1u) == ${level === 'high' ? 1 : 0}u;`,
  '  wait_ms();',
  '}',
  ...configure.restore,
  `${register} = clock;`,
  'return asks;',
])}
}`;
}

interface Configured {
  readonly set: readonly string[];
  readonly restore: readonly string[];
}

/** CNF 01 floating input, CNF 10 input with the pull that ODR chooses (RM0008 §9.2). */
function crlC({ pin, pull }: Extract<Trigger, { kind: 'pin' }>): Configured {
  const gpio = `GPIO${pin.port}`;
  const register = `${gpio}->${pin.number < 8 ? 'CRL' : 'CRH'}`;
  const shift = 4 * (pin.number % 8);
  const mode = pull === 'none' ? 4 : 8;
  const odr = u32(1 << pin.number);
  return {
    set: [
      `uint32_t mode = ${register};`,
      `uint32_t output = ${gpio}->ODR;`,
      ...(pull === 'none' ? [] : [`${gpio}->ODR = ${pull === 'up' ? `output | ${odr}` : `output & ~${odr}`};`]),
      `${register} = (mode & ~${u32(0xf << shift)}) | ${u32(mode << shift)};`,
    ],
    restore: [`${register} = mode;`, `${gpio}->ODR = output;`],
  };
}

/** MODER 00 input; PUPDR 01 up, 10 down (RM0090 §8.4). */
function moderC({ pin, pull }: Extract<Trigger, { kind: 'pin' }>): Configured {
  const gpio = `GPIO${pin.port}`;
  const shift = 2 * pin.number;
  const pulls = { none: 0, up: 1, down: 2 } as const;
  return {
    set: [
      `uint32_t mode = ${gpio}->MODER;`,
      `uint32_t pull = ${gpio}->PUPDR;`,
      `${gpio}->PUPDR = (pull & ~${u32(3 << shift)}) | ${u32(pulls[pull] << shift)};`,
      `${gpio}->MODER = mode & ~${u32(3 << shift)};`,
    ],
    restore: [`${gpio}->MODER = mode;`, `${gpio}->PUPDR = pull;`],
  };
}
