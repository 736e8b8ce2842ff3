/** The safety steps of the generated media file; `media-checks.ts` has what every media file must do. */
import { wrongOf } from './media-checks.ts';
import { SUBJECTS } from './media-rig.ts';
import { leftOut, type Mutant, type MutantSet } from './mutants.ts';

const MEDIA_F1 = 'stm32f105';
const MEDIA_F4 = 'stm32f405';
const MEDIA_L4 = 'stm32l476';
const MEDIA_H7 = 'stm32h743';

const MEDIA_STEPS: readonly Mutant[] = [
  ...[MEDIA_F1, MEDIA_F4, MEDIA_L4].flatMap((chip) => [
    leftOut('unlock', chip, /\*bank->key = 0x45670123u;/),
    { step: 'keys swapped', chip, from: /(\*bank->key = 0x45670123u;)(\s*)(\*bank->key = 0xCDEF89ABu;)/, to: '$3$2$1' },
    { step: 'errors not looked at', chip, from: /return \(status & ERRORS\) == 0u;/, to: 'return 1;' },
    {
      step: 'lock left out',
      chip,
      from: /\*bank->control \|= (0x80000000u|0x00000080u|0x00000001u);\n\}/,
      to: '(void)bank;\n}',
    },
    {
      step: 'start of the erase left out',
      chip,
      from: /\*bank->control \|= 0x000[0-9A-F]+u;\n(?=\s+(\(void\)\*bank->control; |__DSB\(\);\n\s+int ok = finished\(bank\);\n\s+\*bank->control &= ~\(?0x[0-9A-F]+u( \| 0x|;\n\s+return ok;\n\}\n\n\/\* @returns 1 if the controller reports that the unit)))/,
      to: '\n',
    },
    { step: 'lower bound left out', chip, from: /address >= APPLICATION_START && /, to: '' },
    {
      step: 'upper bound left out',
      chip,
      from: / && length <= APPLICATION_END - address;\n\}\n\nstatic const bank_t/,
      to: ' && length < 0x1000u;\n}\n\nstatic const bank_t',
    },
    { step: 'bounds of erase left out', chip, from: / \|\| !is_application\(address, 1u\)/, to: '' },
    { step: 'bounds of write left out', chip, from: /!is_application\(address, length\) \|\| /, to: '' },
    { step: 'rest of a unit not kept', chip, from: /\? from\[i - head\] : now/, to: '? from[i - head] : 0u' },
    {
      step: 'wrong sector',
      chip,
      from: /uint32_t start = GROUPS\[group\]\.start \+ index \* GROUPS\[group\]\.size;/,
      to: 'index += 1u;\n  uint32_t start = GROUPS[group].start + index * GROUPS[group].size;',
    },
    {
      step: 'bounds of read left out',
      chip,
      from: /if \(!is_flash\(address, length\)\) return 0;/,
      to: '(void)is_flash;',
    },
  ]),
  // An erase in bank 2 of the H7 is a second of polling: of the steps that all share, one stands for the rest here.
  leftOut('unlock', MEDIA_H7, /\*bank->key = 0x45670123u;/),
  { step: 'old errors not cleared', chip: MEDIA_L4, from: /\*bank->clear = status & \(ERRORS \| DONE\);/, to: '' },
  {
    step: 'flags not cleared before',
    chip: MEDIA_L4,
    from: /\(void\)finished\(bank\);(\s+\*bank->control \|= 0x00000001u;)/,
    to: '$1',
  },
  {
    step: 'busy not waited for',
    chip: MEDIA_L4,
    from: /while \(\(\*bank->status & BUSY\) != 0u\) DFU_MEDIA_KICK\(\);/,
    to: '',
  },
  {
    step: 'busy not waited for',
    chip: MEDIA_H7,
    from: /while \(\(\*bank->status & BUSY\) != 0u\) DFU_MEDIA_KICK\(\);/,
    to: '',
  },
  leftOut('PG', MEDIA_F1, /\*bank->control \|= 0x00000001u;\n/),
  leftOut('PG', MEDIA_L4, /\*bank->control \|= 0x00000001u;\n/),
  leftOut('PG', MEDIA_H7, /\*bank->control \|= 0x00000002u;\n/),
  leftOut('address of the page', MEDIA_F1, /FLASH->AR = start;/),
  { step: 'PER stays set', chip: MEDIA_F1, from: /\*bank->control &= ~0x00000002u;/, to: '' },
  // F1 and L4 refuse that themselves (PGERR, PROGERR).
  {
    step: 'a unit is written although it is not erased',
    chip: MEDIA_F4,
    from: /if \(!is_erased\(base, UNIT\)\) return 0;/,
    to: '',
  },
  { step: 'PSIZE left out', chip: MEDIA_F4, from: / \| 0x00000200u \| 0x00000001u/, to: ' | 0x00000001u' },
  { step: 'number of the sector left out', chip: MEDIA_F4, from: / \| number;/, to: ';' },
  { step: 'number of the page left out', chip: MEDIA_L4, from: / \| number;/, to: ';' },
  {
    step: 'second bank left out',
    chip: MEDIA_L4,
    from: /\{0x08080000u, 0x00000800u, 256u, 0u, 0x00000800u/,
    to: '{0x08080000u, 0x00000800u, 256u, 0u, 0x00000000u',
  },
  {
    step: 'registers of the first bank for both',
    chip: MEDIA_H7,
    from: /return &BANKS\[GROUPS\[i\]\.bank\];/,
    to: 'return &BANKS[0];',
  },
  {
    step: 'read-back left out, with a program that does nothing',
    chip: MEDIA_F1,
    from: /(\*\(volatile uint16_t \*\)address = [^;]*;)([\s\S]*)ok = ok && holds\(base, unit\);/,
    to: '(void)address;(void)unit;$2(void)holds;',
  },
];

export const MEDIA_MUTANTS: MutantSet = {
  file: 'usbd_dfu_if.c',
  mutants: MEDIA_STEPS,
  wrongWith(chip, change) {
    const subject = SUBJECTS.find(({ id }) => id === chip);
    if (!subject) throw new Error(`no subject ${chip}`);
    return wrongOf({ subject, change });
  },
};
