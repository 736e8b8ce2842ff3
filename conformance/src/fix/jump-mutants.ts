/** The safety steps of the generated jump, and the runs that every jump must pass. */
import { AT_RESET, enteredBy, running } from './jump-programs.ts';
import { leftOut, type Mutant, type MutantSet } from './mutants.ts';

const JUMP_STEPS: readonly Mutant[] = [
  leftOut('MSP', 'stm32f105', / *"msr msp, %0\\n"\n/),
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
  leftOut('CONTROL', 'stm32f405', / *"msr control, %2\\n"\n/),
  leftOut('interrupts on (PRIMASK)', 'stm32f105', / *"cpsie i\\n"\n/),
  { step: 'interrupts off instead of on', chip: 'stm32f105', from: /"cpsie i\\n"/, to: '"cpsid i\\n"' },
  leftOut('BASEPRI', 'stm32f105', /__set_BASEPRI\(0u\);/),
  leftOut('VTOR', 'stm32f105', /SCB->VTOR = \(uint32_t\)ROM_VECTORS;/),
  { step: 'VTOR to flash', chip: 'stm32f405', from: /SCB->VTOR = 0u;/, to: 'SCB->VTOR = 0x08000000u;' },
  leftOut('SysTick off', 'stm32f105', /SysTick->CTRL = 0u;/),
  leftOut('SysTick reload', 'stm32f105', /SysTick->LOAD = 0u;/),
  leftOut('NVIC enables cleared', 'stm32f105', /NVIC->ICER\[i\] = 0xFFFFFFFFu;/),
  leftOut('NVIC pending cleared', 'stm32f105', /NVIC->ICPR\[i\] = 0xFFFFFFFFu;/),
  leftOut('remap', 'stm32f072', /SYSCFG->CFGR1 = [^;]*;/),
  leftOut('remap', 'stm32f405', /SYSCFG->MEMRMP = [^;]*;/),
  leftOut('clock of SYSCFG', 'stm32l476', /RCC->APB2ENR \|= RCC_APB2ENR_SYSCFGEN;/),
  leftOut('clock of SYSCFG off again', 'stm32g431', /RCC->APB2ENR &= ~RCC_APB2ENR_SYSCFGEN;/),
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
  leftOut('DMA off', 'stm32f105', /for \(uint32_t channel[\s\S]*?= 0u;/),
  leftOut('system clock back to its first source', 'stm32f105', /RCC->CFGR = 0x00000000u;/),
  {
    step: 'PLL off before it drives nothing',
    chip: 'stm32f405',
    from: /( {2}RCC->CFGR = [^\n]*\n[^\n]*\n)( {2}RCC->CR &= [^\n]*\n)/,
    to: '$2$1',
  },
  leftOut('oscillators off', 'stm32f105', /RCC->CR &= ~\([^;]*;/),
  leftOut('wait states and caches off', 'stm32f405', /FLASH->ACR &= [^;]*;/),
  leftOut('reset of the peripherals', 'stm32f405', /RCC->AHB1RSTR = 0x22E017FFu;/),
  { step: 'peripherals left in reset', chip: 'stm32f405', from: /RCC->AHB1RSTR = 0u;/, to: '' },
  leftOut('clock enables', 'stm32f105', /RCC->AHBENR = 0x00000014u;/),
  leftOut('clock interrupts', 'stm32f105', /RCC->CIR = 0x00FF0000u;/),
  leftOut('watchdog fed', 'stm32f105', /IWDG->KR = 0xAAAAu;/),
  leftOut('way out of a handler', 'stm32f105', /if \(__get_IPSR\(\) != 0u\)[^;]*;/),
  leftOut('word that survives', 'stm32f105', /\n {2}write_magic\(MAGIC\);/),
  leftOut('word taken back', 'stm32f105', /\n {2}write_magic\(0u\);/),
  { step: 'reset left out', chip: 'stm32h743', from: /NVIC_SystemReset\(\);/, to: 'for (;;) {}' },
  { step: 'pin turned around', chip: 'stm32f105', from: /& 1u\) == 1u;/, to: '& 1u) == 0u;' },
  leftOut('clock of the port', 'stm32f405', /RCC->AHB1ENR = clock \| [^;]*;/),
  leftOut('pin as input', 'stm32l476', /GPIOA->MODER = mode & [^;]*;/),
  leftOut('port given back', 'stm32h743', /GPIOA->MODER = mode;/),
  leftOut('clock of the port given back', 'stm32h743', /RCC->AHB4ENR = clock;/),
  {
    step: 'jump although the ROM is not there',
    chip: 'stm32f105',
    from: /int bootloader_jump_possible\(void\) \{[\s\S]*?\n\}/,
    to: 'int bootloader_jump_possible(void) { return 0; }',
  },
];

/** The runs that every jump must pass: where it ends, after how many resets, and whether the watchdog was fed. */
function runsOf(chip: string) {
  const right = { rom: true, application: false };
  return [
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
}

/** The runs that every jump must pass. @returns what the first run found wrong, with its name */
function jumpWrong(chip: string, change: (source: string) => string): string | undefined {
  for (const run of runsOf(chip)) {
    const { name, want, resets, program } = run;
    const wrong = firstWrong(name, () => {
      const found = enteredBy({ chip, change, ...program });
      const fed = 'fed' in run ? found.fed : true;
      return found.came.rom === want.rom &&
        found.came.application === want.application &&
        found.resets === resets &&
        fed
        ? found.faults
        : [`came to ${JSON.stringify(found.came)} after ${found.resets} resets${fed ? '' : ', watchdog not fed'}`];
    });
    if (wrong) return wrong;
  }
  return undefined;
}

function firstWrong(name: string, run: () => readonly string[]): string | undefined {
  try {
    const [first] = run();
    return first && `${name}: ${first}`;
  } catch (error) {
    return `${name}: ${String(error).split('\n')[0]}`;
  }
}

export const JUMP_MUTANTS: MutantSet = { file: 'bootloader_jump.c', mutants: JUMP_STEPS, wrongWith: jumpWrong };
