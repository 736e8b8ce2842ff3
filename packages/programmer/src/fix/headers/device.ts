/** A minimal device header of ours, `stm32f1xx.h` and its like: the registers that generated code uses, under CMSIS names. */
import type { Chip, FamilyFacts, FlashController, Peripheral } from '@sureflash/chips';
import { bootloaderEntryOf, flashControllerOf } from '@sureflash/chips';
import { u32 } from '../c-text.ts';
import type { GeneratedFile } from '../generated.ts';
import { coreHeader } from './core.ts';

/** RM0008 §19.4 and its like: a key register that starts, feeds and unlocks. */
const IWDG_CLASSIC: Peripheral = { base: 0x4000_3000, registers: { KR: 0x00, PR: 0x04, RLR: 0x08, SR: 0x0c } };

const GPIO = {
  moder: ['MODER', 'OTYPER', 'OSPEEDR', 'PUPDR', 'IDR', 'ODR', 'BSRR'],
  crl: ['CRL', 'CRH', 'IDR', 'ODR', 'BSRR'],
};

/** The device header, the core header that it includes, and ST's HAL header by name, which includes the first. */
export function deviceHeaders(chip: Chip): GeneratedFile[] {
  const entry = bootloaderEntryOf(chip);
  const controller = flashControllerOf(chip);
  const family = entry?.possible ? entry : undefined;
  const name = family?.header ?? `stm32${chip.family.toLowerCase()}xx`;
  const core = family?.core ?? 'cortex-m0plus';
  return [
    { name: `${name}.h`, text: deviceHeader(name, family, controller) },
    { name: 'core_cm.h', text: coreHeader(core) },
    { name: `${name}_hal.h`, text: halHeader(name, family) },
  ];
}

function deviceHeader(name: string, family: FamilyFacts | undefined, controller: FlashController | undefined): string {
  const peripherals = mergedPeripherals(family, controller);
  const guard = `${name.toUpperCase()}_H`;
  return [
    `/* Registers under their CMSIS names, for builds without ST's packages. Made from sureflash's chip facts. */`,
    `#ifndef ${guard}`,
    `#define ${guard}`,
    '',
    '#include "core_cm.h"',
    '',
    ...peripherals.map(([peripheral, facts]) => structOf(peripheral, facts)),
    ...(family?.ports ? [gpioStruct(family.ports.kind)] : []),
    '',
    ...peripherals.map(([peripheral, { base }]) => `#define ${peripheral} ((${peripheral}_TypeDef *)${u32(base)})`),
    ...gpioPlaces(family).map(([letter, base]) => `#define GPIO${letter} ((GPIO_TypeDef *)${u32(base)})`),
    '',
    ...Object.entries(family?.registers.bits ?? {}).map(([bit, mask]) => `#define ${bit} ${u32(mask)}`),
    '',
    '#endif',
    '',
  ].join('\n');
}

/** FLASH may stand in both tables: registers are joined. */
function mergedPeripherals(
  family: FamilyFacts | undefined,
  controller: FlashController | undefined,
): [string, Peripheral][] {
  const all = new Map<string, Peripheral>(Object.entries(family?.registers.peripherals ?? {}));
  if (controller) {
    const registers = { ...controller.flash.registers, ...all.get('FLASH')?.registers };
    all.set('FLASH', { base: controller.flash.base, registers });
  }
  if (family?.clocks) all.set('IWDG', IWDG_CLASSIC);
  return [...all];
}

function structOf(name: string, { registers }: Peripheral): string {
  const sorted = Object.entries(registers).sort(([, a], [, b]) => a - b);
  const fields: string[] = [];
  let at = 0;
  for (const [register, offset] of sorted) {
    if (offset > at) fields.push(`uint32_t RESERVED${at}[${(offset - at) / 4}];`);
    fields.push(`__IO uint32_t ${register};`);
    at = offset + 4;
  }
  return `typedef struct {\n  ${fields.join('\n  ')}\n} ${name}_TypeDef;`;
}

const gpioStruct = (kind: 'crl' | 'moder'): string =>
  `typedef struct {\n  __IO uint32_t ${GPIO[kind].join(', ')};\n} GPIO_TypeDef;`;

function gpioPlaces(family: FamilyFacts | undefined): [string, number][] {
  const { ports } = family ?? {};
  if (!ports) return [];
  return Object.keys(ports.ports).map((letter) => [
    letter,
    ports.base + ports.step * (ports.places?.[letter] ?? letter.charCodeAt(0) - 'A'.charCodeAt(0)),
  ]);
}

/** The macros of ST's HAL that the modules use in the style `hal`; each does what ST's does with the same registers. */
function halHeader(name: string, family: FamilyFacts | undefined): string {
  const { remap, ports } = family ?? {};
  const guard = `${name.toUpperCase()}_HAL_H`;
  return [
    `/* The few macros of ST's HAL that generated modules use, for builds without ST's packages. */`,
    `#ifndef ${guard}`,
    `#define ${guard}`,
    '',
    `#include "${name}.h"`,
    '',
    ...Object.keys(ports?.ports ?? {}).map(
      (letter) =>
        `#define __HAL_RCC_GPIO${letter}_CLK_ENABLE() do { RCC->${ports?.enableRegister} |= ${ports?.enableBit.replace('*', letter)}; (void)RCC->${ports?.enableRegister}; } while (0)`,
    ),
    ...(remap?.clock
      ? [
          `#define __HAL_RCC_SYSCFG_CLK_ENABLE() do { RCC->${remap.clock.register} |= ${remap.clock.bit}; (void)RCC->${remap.clock.register}; } while (0)`,
          `#define __HAL_RCC_SYSCFG_CLK_DISABLE() (RCC->${remap.clock.register} &= ~${remap.clock.bit})`,
        ]
      : []),
    '',
    '#endif',
    '',
  ].join('\n');
}
