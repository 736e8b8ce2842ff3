/** The C of one flash controller: unlock, wait, erase a sector, program a unit. One function for each kind. */
import type { FlashController } from '@sureflash/chips';
import { lines, u32 } from '../c-text.ts';

interface Steps {
  /** Erases the sector that `start`, `bank` and `number` name. */
  readonly erase: readonly string[];
  /** Programs `unit` at `address`. */
  readonly program: readonly string[];
}

const registerField = (controller: FlashController, name: string): number => controller.control[name] ?? 0;

/** Definitions and the functions `unlock`, `lock`, `finished`, `erase_unit`, `program_unit`. */
export function controllerC(controller: FlashController): string {
  const { erase, program } = CONTROLLER_STEPS[controller.kind](controller);
  return [
    registersC(controller),
    `static void unlock(const bank_t *bank) {\n${lines(unlockC(controller))}\n}`,
    `static void lock(const bank_t *bank) {\n${lines(lockC(controller))}\n}`,
    FINISHED,
    `/* @returns 1 if the controller reports that the sector was erased */
static int erase_sector(const bank_t *bank, uint32_t start, uint32_t number) {
${lines(['(void)start;', '(void)number;', '(void)finished(bank);', ...erase])}
}`,
    `/* @returns 1 if the controller reports that the unit was programmed */
static int program_unit(const bank_t *bank, uint32_t address, const uint8_t *unit) {
${lines(['(void)finished(bank);', ...program])}
}`,
  ].join('\n\n');
}

function registersC({ banks, busy, errors, done, source }: FlashController): string {
  const rows = banks.map(({ key, status, control, clear }) => {
    const registers = [key, status, control, clear ?? status].map((register) => `&FLASH->${register}`);
    return `  {${registers.join(', ')}},`;
  });
  return `/* ${source} */
typedef struct {
  volatile uint32_t *key, *status, *control, *clear;
} bank_t;
static const bank_t BANKS[] = {
${rows.join('\n')}
};
#define BUSY ${u32(busy)}
#define ERRORS ${u32(errors)}
#define DONE ${u32(done)}`;
}

/** A wrong key locks the controller until the next reset (RM0008 §3.3.3): keys are written only to a locked one. */
function unlockC(controller: FlashController): string[] {
  const { keys, kind } = controller;
  const [first = 0, second = 0, third = 0, fourth = 0] = keys;
  if (kind !== 'word-line') {
    return [
      `if ((*bank->control & ${u32(registerField(controller, 'LOCK'))}) == 0u) return;`,
      `*bank->key = ${u32(first)};`,
      `*bank->key = ${u32(second)};`,
    ];
  }
  return [
    `if ((*bank->control & ${u32(registerField(controller, 'PELOCK'))}) != 0u) {
  *bank->key = ${u32(first)};
  *bank->key = ${u32(second)};
}`,
    `if ((*bank->control & ${u32(registerField(controller, 'PRGLOCK'))}) != 0u) {
  FLASH->PRGKEYR = ${u32(third)};
  FLASH->PRGKEYR = ${u32(fourth)};
}`,
  ];
}

function lockC(controller: FlashController): string[] {
  const bits =
    controller.kind === 'word-line' ? registerField(controller, 'PELOCK') : registerField(controller, 'LOCK');
  return [`*bank->control |= ${u32(bits)};`];
}

/** Flags are cleared by writing ones; H5 and H7 have a register of its own for that. */
const FINISHED = `/* Waits for the end of an operation, and clears its flags. @returns 1 if none of them says that it failed */
static int finished(const bank_t *bank) {
${lines([
  'while ((*bank->status & BUSY) != 0u) DFU_MEDIA_KICK();',
  'uint32_t status = *bank->status;',
  '*bank->clear = status & (ERRORS | DONE);',
  'return (status & ERRORS) == 0u;',
])}
}`;

const WRITE_WORDS = `volatile uint32_t *to = (volatile uint32_t *)address;
for (uint32_t i = 0; i < UNIT; i += 4u) {
  *to++ = (uint32_t)unit[i] | (uint32_t)unit[i + 1u] << 8 | (uint32_t)unit[i + 2u] << 16 | (uint32_t)unit[i + 3u] << 24;
}`;

/** Nothing may come between the words of a unit: an interrupt that reads flash would end its row. */
const UNDISTURBED = [
  'uint32_t masked = __get_PRIMASK();',
  '__disable_irq();',
  WRITE_WORDS,
  '__DSB();',
  '__set_PRIMASK(masked);',
];

const CONTROLLER_STEPS: Readonly<Record<FlashController['kind'], (controller: FlashController) => Steps>> = {
  'half-word': (c) => ({
    erase: [
      `*bank->control |= ${u32(registerField(c, 'PER'))};`,
      'FLASH->AR = start;',
      `*bank->control |= ${u32(registerField(c, 'STRT'))};`,
      '(void)*bank->control; /* BSY rises a cycle later */',
      'int ok = finished(bank);',
      `*bank->control &= ~${u32(registerField(c, 'PER'))};`,
      'return ok;',
    ],
    program: [
      `*bank->control |= ${u32(registerField(c, 'PG'))};`,
      '*(volatile uint16_t *)address = (uint16_t)(unit[0] | unit[1] << 8);',
      'int ok = finished(bank);',
      `*bank->control &= ~${u32(registerField(c, 'PG'))};`,
      'return ok;',
    ],
  }),
  sector: (c) => {
    const parallel = `(*bank->control & ~${u32(registerField(c, 'PSIZE_MASK') + registerField(c, 'SNB_MASK'))}) | ${u32(registerField(c, 'PSIZE_X32'))}`;
    return {
      erase: [
        `*bank->control = ${parallel} | ${u32(registerField(c, 'SER'))} | number;`,
        `*bank->control |= ${u32(registerField(c, 'STRT'))};`,
        '__DSB();',
        'int ok = finished(bank);',
        `*bank->control &= ~${u32(registerField(c, 'SER') + registerField(c, 'SNB_MASK'))};`,
        'return ok;',
      ],
      program: [
        `*bank->control = ${parallel} | ${u32(registerField(c, 'PG'))};`,
        WRITE_WORDS,
        '__DSB();',
        'int ok = finished(bank);',
        `*bank->control &= ~${u32(registerField(c, 'PG'))};`,
        'return ok;',
      ],
    };
  },
  page: (c) => ({
    erase: [
      `*bank->control = (*bank->control & ~${u32(registerField(c, 'PNB_MASK') + registerField(c, 'BKER'))}) | ${u32(registerField(c, 'PER'))} | number;`,
      `*bank->control |= ${u32(registerField(c, 'STRT'))};`,
      '__DSB();',
      'int ok = finished(bank);',
      `*bank->control &= ~${u32(registerField(c, 'PER') + registerField(c, 'PNB_MASK') + registerField(c, 'BKER'))};`,
      'return ok;',
    ],
    program: [
      `*bank->control |= ${u32(registerField(c, 'PG'))};`,
      ...UNDISTURBED,
      'int ok = finished(bank);',
      `*bank->control &= ~${u32(registerField(c, 'PG'))};`,
      'return ok;',
    ],
  }),
  'word-line': (c) => ({
    erase: [
      `*bank->control |= ${u32(registerField(c, 'ERASE') + registerField(c, 'PROG'))};`,
      '*(volatile uint32_t *)start = 0u;',
      'int ok = finished(bank);',
      `*bank->control &= ~${u32(registerField(c, 'ERASE') + registerField(c, 'PROG'))};`,
      'return ok;',
    ],
    program: [WRITE_WORDS, 'return finished(bank);'],
  }),
  'flash-word': (c) => {
    const number = u32(registerField(c, 'SNB_MASK') + registerField(c, 'BKSEL'));
    return {
      erase: [
        `*bank->control = (*bank->control & ~${number}) | ${u32(registerField(c, 'SER') + registerField(c, 'PSIZE_X64'))} | number;`,
        `*bank->control |= ${u32(registerField(c, 'STRT'))};`,
        '__DSB();',
        'int ok = finished(bank);',
        `*bank->control &= ~(${u32(registerField(c, 'SER'))} | ${number});`,
        'return ok;',
      ],
      program: [
        `*bank->control |= ${u32(registerField(c, 'PG'))};`,
        '__ISB();',
        ...UNDISTURBED,
        '__ISB();',
        'int ok = finished(bank);',
        `*bank->control &= ~${u32(registerField(c, 'PG'))};`,
        'return ok;',
      ],
    };
  },
};
