import { describe, expect, it } from 'vitest';
import { AT_RESET, enteredBy, running } from './jump-programs.ts';
import { noCompiler } from './toolchain.ts';

/** One safety step of the generated jump left out or turned around. */
interface Mutant {
  readonly step: string;
  readonly chip: string;
  /** What is replaced, and by what; `$1` and its like as in `String.replace`. */
  readonly from: RegExp;
  readonly to: string;
}

const out = (step: string, chip: string, from: RegExp): Mutant => ({ step: `${step} left out`, chip, from, to: '' });

const MUTANTS: readonly Mutant[] = [
  out('MSP', 'stm32f105', / *"msr msp, %0\\n"\n/),
  { step: 'jump before MSP', chip: 'stm32f105', from: /("msr msp, %0\\n")([\s\S]*?)("bx %1\\n")/, to: '$3$2$1' },
  {
    step: 'stack and entry swapped',
    chip: 'stm32f105',
    from: /"r"\(stack\), "r"\(entry\)/,
    to: '"r"(entry), "r"(stack)',
  },
  {
    step: 'vector table one word off',
    chip: 'stm32f105',
    from: /entry = ROM_VECTORS\[1\];\n {2}__disable/,
    to: 'entry = ROM_VECTORS[2];\n  __disable',
  },
  out('CONTROL', 'stm32f405', / *"msr control, %2\\n"\n/),
  out('interrupts on (PRIMASK)', 'stm32f105', / *"cpsie i\\n"\n/),
  { step: 'interrupts off instead of on', chip: 'stm32f105', from: /"cpsie i\\n"/, to: '"cpsid i\\n"' },
  out('BASEPRI', 'stm32f105', /__set_BASEPRI\(0u\);/),
  out('VTOR', 'stm32f105', /SCB->VTOR = \(uint32_t\)ROM_VECTORS;/),
  { step: 'VTOR to flash', chip: 'stm32f405', from: /SCB->VTOR = 0u;/, to: 'SCB->VTOR = 0x08000000u;' },
  out('SysTick off', 'stm32f105', /SysTick->CTRL = 0u;/),
  out('SysTick reload', 'stm32f105', /SysTick->LOAD = 0u;/),
  out('NVIC enables cleared', 'stm32f105', /NVIC->ICER\[i\] = 0xFFFFFFFFu;/),
  out('NVIC pending cleared', 'stm32f105', /NVIC->ICPR\[i\] = 0xFFFFFFFFu;/),
  out('remap', 'stm32f072', /SYSCFG->CFGR1 = [^;]*;/),
  out('remap', 'stm32f405', /SYSCFG->MEMRMP = [^;]*;/),
  out('clock of SYSCFG', 'stm32l476', /RCC->APB2ENR \|= RCC_APB2ENR_SYSCFGEN;/),
  out('clock of SYSCFG off again', 'stm32g431', /RCC->APB2ENR &= ~RCC_APB2ENR_SYSCFGEN;/),
  {
    step: 'remap before the peripherals are reset',
    chip: 'stm32f405',
    from: /( {2}state_after_reset\(\);\n)([\s\S]*?)( {2}SCB->VTOR)/,
    to: '$2$1$3',
  },
  {
    step: 'all clocks and peripherals left out',
    chip: 'stm32f105',
    from: /\n {2}state_after_reset\(\);/,
    to: '\n  (void)state_after_reset;',
  },
  {
    step: 'all of the core left out',
    chip: 'stm32l476',
    from: /\n {2}core_after_reset\(\);/,
    to: '\n  (void)core_after_reset;',
  },
  out('DMA off', 'stm32f105', /for \(uint32_t channel[\s\S]*?= 0u;/),
  out('system clock back to its first source', 'stm32f105', /RCC->CFGR = 0x00000000u;/),
  {
    step: 'PLL off before it drives nothing',
    chip: 'stm32f405',
    from: /( {2}RCC->CFGR = [^\n]*\n[^\n]*\n)( {2}RCC->CR &= [^\n]*\n)/,
    to: '$2$1',
  },
  out('oscillators off', 'stm32f105', /RCC->CR &= ~\([^;]*;/),
  out('reset of the peripherals', 'stm32f405', /RCC->AHB1RSTR = 0x22E017FFu;/),
  { step: 'peripherals left in reset', chip: 'stm32f405', from: /RCC->AHB1RSTR = 0u;/, to: '' },
  out('clock enables', 'stm32f105', /RCC->AHBENR = 0x00000014u;/),
  out('clock interrupts', 'stm32f105', /RCC->CIR = 0x00FF0000u;/),
  out('watchdog fed', 'stm32f105', /IWDG->KR = 0xAAAAu;/),
  out('way out of a handler', 'stm32f105', /if \(__get_IPSR\(\) != 0u\)[^;]*;/),
  out('word that survives', 'stm32f105', /\n {2}write_magic\(MAGIC\);/),
  out('word taken back', 'stm32f105', /\n {2}write_magic\(0u\);/),
  { step: 'reset left out', chip: 'stm32h743', from: /NVIC_SystemReset\(\);/, to: 'for (;;) {}' },
  { step: 'pin turned around', chip: 'stm32f105', from: /& 1u\) == 1u;/, to: '& 1u) == 0u;' },
  out('clock of the port', 'stm32f405', /RCC->AHB1ENR = clock \| [^;]*;/),
  out('pin as input', 'stm32l476', /GPIOA->MODER = mode & [^;]*;/),
  out('port given back', 'stm32h743', /GPIOA->MODER = mode;/),
  out('clock of the port given back', 'stm32h743', /RCC->AHB4ENR = clock;/),
  {
    step: 'jump although the ROM is not there',
    chip: 'stm32f105',
    from: /int bootloader_jump_possible\(void\) \{[\s\S]*?\n\}/,
    to: 'int bootloader_jump_possible(void) { return 0; }',
  },
];

/** The runs that every jump must pass. @returns what a run found wrong, by its name */
function wrongs(chip: string, change: (source: string) => string): string[] {
  const right = { rom: true, application: false };
  const runs = [
    {
      name: 'from reset, PA9 high',
      want: right,
      resets: 0,
      program: { when: 'vbus:PA9', main: AT_RESET, high: ['PA9'] },
    },
    {
      name: 'from reset, PA9 low',
      want: { rom: false, application: true },
      resets: 0,
      program: { when: 'vbus:PA9', main: AT_RESET },
    },
    {
      name: 'by request',
      want: right,
      resets: 1,
      program: { when: 'vbus:PA9', main: running(chip, 'bootloader_jump_request()') },
    },
    ...(chip === 'stm32h743'
      ? []
      : [
          {
            name: 'by call',
            want: right,
            resets: 0,
            fed: true,
            program: { when: 'vbus:PA9', main: running(chip, 'bootloader_jump_now()') },
          },
          {
            name: 'from a thread',
            want: right,
            resets: 0,
            program: { when: 'vbus:PA9', main: running(chip, 'bootloader_jump_now()', { onProcessStack: true }) },
          },
          {
            name: 'from a handler',
            want: right,
            resets: 1,
            program: { when: 'vbus:PA9', main: running(chip, 'bootloader_jump_now()', { inHandler: true }) },
          },
        ]),
  ];
  for (const run of runs) {
    const { name, want, resets, program } = run;
    const wrong = wrongOf(name, () => {
      const found = enteredBy({ chip, change, ...program });
      const fed = 'fed' in run ? found.fed : true;
      return found.came.rom === want.rom &&
        found.came.application === want.application &&
        found.resets === resets &&
        fed
        ? found.faults
        : [`came to ${JSON.stringify(found.came)} after ${found.resets} resets${fed ? '' : ', watchdog not fed'}`];
    });
    if (wrong) return [wrong];
  }
  return [];
}

function wrongOf(name: string, run: () => readonly string[]): string | undefined {
  try {
    const [first] = run();
    return first && `${name}: ${first}`;
  } catch (error) {
    return `${name}: ${String(error).split('\n')[0]}`;
  }
}

describe.skipIf(noCompiler !== undefined)('every safety step of the bootloader jump', () => {
  it('is missed by a run when it is left out or turned around', () => {
    const list: string[] = [];
    const survivors: string[] = [];
    for (const { step, chip, from, to } of MUTANTS) {
      let changed = false;
      const change = (source: string): string => {
        const mutated = source.replace(from, to);
        changed = mutated !== source;
        return mutated;
      };
      const [wrong] = wrongs(chip, change);
      list.push(`${step} (${chip}): ${wrong ?? 'NOT FOUND'}`);
      if (!wrong || !changed) survivors.push(`${step} (${chip})${changed ? '' : ': nothing to change'}`);
    }
    process.stdout.write(`${list.join('\n')}\n`);
    expect(survivors).toEqual([]);
  }, 300_000);
});
