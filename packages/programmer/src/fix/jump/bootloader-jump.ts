/** Writes the C module that enters the ROM bootloader of a chip. Text from chip facts; it knows no wire. */
import type { Chip, FamilyFacts } from '@sureflash/chips';
import { bootloaderEntryOf, chipName } from '@sureflash/chips';
import { FlashError } from '../../errors.ts';
import { hex } from '../../target/geometry.ts';
import { comment, document, lines, u32 } from '../c-text.ts';
import type { GeneratedModule } from '../generated.ts';
import { deviceHeaders } from '../headers/device.ts';
import { identityC } from '../identity.ts';
import { magicC, pinC } from './ask.ts';
import type { BootloaderJumpOptions, JumpStyle } from './options.ts';
import { clocksC, coreC, enterC, possibleC } from './parts.ts';
import { checkPort, parseTrigger, type Trigger } from './trigger.ts';
import { cautionsOf, introduction, jumpStepsOf } from './words.ts';

export const JUMP_HEADER = 'bootloader_jump.h';
export const JUMP_SOURCE = 'bootloader_jump.c';

/**
 * `bootloader_jump.h` and `bootloader_jump.c` for one chip.
 * @throws FlashError `fix/impossible` where user code cannot enter the bootloader, with the reason and its source;
 * `fix/option` for a trigger or an address that does not fit the chip
 */
export function bootloaderJump(options: BootloaderJumpOptions): GeneratedModule {
  const { chip, when, style = 'cmsis', magicAddress } = options;
  const family = familyOf(chip);
  const trigger = parseTrigger(when);
  if (trigger.kind === 'pin') checkPort(trigger.pin, family.ports, chip.family);
  if (trigger.kind === 'never' && !family.clocks) throw needsReset(chip);
  if (magicAddress !== undefined) checkMagic(magicAddress, chip, family);
  const source = sourceC({ chip, family, trigger, when, style, magicAddress });
  return {
    files: [
      { name: JUMP_HEADER, text: jumpHeaderC(chip, family, trigger, when) },
      { name: JUMP_SOURCE, text: source },
    ],
    headers: deviceHeaders(chip),
    steps: jumpStepsOf(trigger),
    cautions: cautionsOf(chip, family, trigger),
    guesses: family.guesses ?? [],
  };
}

function familyOf(chip: Chip): FamilyFacts {
  const name = chipName(chip);
  const wanted = 'start its ROM bootloader for USB DFU';
  const entry = bootloaderEntryOf(chip);
  if (!entry) {
    const reason = 'its ROM bootloader does not speak USB DFU, or is not described';
    throw new FlashError('fix/impossible', {
      chip: name,
      wanted,
      reason,
      source: chip.sources.join(', '),
      instead: 'its other interfaces, such as UART',
    });
  }
  if (!entry.possible) {
    const { reason, source, instead } = entry;
    throw new FlashError('fix/impossible', { chip: name, wanted, reason, source, instead });
  }
  return entry;
}

const needsReset = (chip: Chip): FlashError<'fix/option'> =>
  new FlashError('fix/option', {
    option: 'when',
    value: 'never',
    expected: `magic or a pin: on STM32${chip.family} the bootloader is entered through a reset, after which something must ask for it`,
  });

function checkMagic(address: number, chip: Chip, { core }: FamilyFacts): void {
  const align = core === 'cortex-m7' ? 32 : 8;
  const holds = (ranges: Chip['ram']) => ranges.some(({ start, end }) => address + align > start && address < end);
  if (address % align === 0 && holds(chip.ram) && !holds(chip.bootloader.ram)) return;
  const places = chip.bootloader.ram.map(({ start, end }) => `${hex(start)} to ${hex(end - 1)}`).join(', ');
  throw new FlashError('fix/option', {
    option: 'magicAddress',
    value: hex(address),
    expected: `a multiple of ${align} in RAM, outside of what the ROM uses (${places})`,
  });
}

interface Parts {
  readonly chip: Chip;
  readonly family: FamilyFacts;
  readonly trigger: Trigger;
  readonly when: string;
  readonly style: JumpStyle;
  readonly magicAddress: number | undefined;
}

function sourceC({ chip, family, trigger, when, style, magicAddress }: Parts): string {
  const identity = identityC('bootloader-jump', { chip: chip.id, when });
  const pin = trigger.kind === 'pin' && family.ports ? pinC(trigger, family.ports, family.resetHz, style) : undefined;
  return document([
    comment(introduction(chip, family, when)),
    `#include "${JUMP_HEADER}"\n#include "${family.header}${style === 'hal' ? '_hal' : ''}.h"`,
    `/* The ROM's own vector table: its stack pointer, its reset handler. */\n#define ROM_VECTORS ((const volatile uint32_t *)${u32(chip.bootloaderVectors)})`,
    identity.define,
    possibleC(chip, family),
    clocksC(family),
    coreC(family),
    enterC(family, style),
    trigger.kind === 'never' ? undefined : magicC(family, magicAddress),
    pin,
    trigger.kind === 'never' ? undefined : askedC(identity.keep, pin !== undefined),
    family.clocks ? nowC(identity.keep, trigger) : undefined,
  ]);
}

const askedC = (keep: string, hasPin: boolean): string => `void bootloader_jump_if_asked(void) {
${lines([keep, hasPin ? 'int asked = take_magic() || pin_asks();' : 'int asked = take_magic();', 'if (asked && bootloader_jump_possible()) enter_rom();'])}
}`;

const nowC = (keep: string, { kind }: Trigger): string => `void bootloader_jump_now(void) {
${lines([
  keep,
  'if (!bootloader_jump_possible()) return;',
  '/* A jump out of an interrupt handler would leave the core in it, with interrupts of the same priority held off. */',
  `if (__get_IPSR() != 0u) ${kind === 'never' ? 'return' : 'bootloader_jump_request()'};`,
  'enter_rom();',
])}
}`;

function jumpHeaderC(chip: Chip, family: FamilyFacts, trigger: Trigger, when: string): string {
  return document([
    comment([`Starts the ROM bootloader of ${chip.names.join(', ')}. Made by sureflash, when=${when}.`]),
    '#ifndef BOOTLOADER_JUMP_H\n#define BOOTLOADER_JUMP_H',
    '#include <stdint.h>',
    trigger.kind === 'never' ? undefined : ASKED_PROTOTYPES,
    family.clocks ? nowPrototype(trigger) : undefined,
    `/* 1 if the ROM's vector table is there and no option byte of the chip keeps the bootloader from starting. */
int bootloader_jump_possible(void);`,
    '#endif',
  ]);
}

const ASKED_PROTOTYPES = `/*
 * Call this first of all after a reset: in Reset_Handler or SystemInit, or as the first statement of main(), before HAL_Init()
 * and before the clocks. Starts the bootloader if it is asked for and possible; returns otherwise.
 */
void bootloader_jump_if_asked(void);

/* Asks for the bootloader and resets the chip, from wherever the application is: also from an interrupt handler. */
__attribute__((noreturn)) void bootloader_jump_request(void);`;

const nowPrototype = ({ kind }: Trigger): string => `/*
 * Jumps without a reset, from thread mode, after it has brought clocks, peripherals and core back to their reset state.
 * ${kind === 'never' ? 'Returns if that is not possible, or out of an interrupt handler.' : 'Returns if that is not possible; out of an interrupt handler it resets the chip instead.'}
 */
void bootloader_jump_now(void);`;
