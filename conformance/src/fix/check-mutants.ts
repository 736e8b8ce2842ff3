/** The safety steps of the generated application check, and the runs that find each one left out. */
import { JUDGED_CASES, misjudged } from './judged-cases.ts';
import { LOADER_SUBJECTS } from './loader-rig.ts';
import { leftOut, type MutantSet } from './mutants.ts';

const CHECKED_CHIP = 'stm32f105';

export const CHECK_MUTANTS: MutantSet = {
  file: 'application_check.c',
  mutants: [
    leftOut(
      'look for an empty flash',
      CHECKED_CHIP,
      /if \(stack == ERASED_WORD && entry == ERASED_WORD\) return APPLICATION_EMPTY;/,
    ),
    leftOut('check of the stack', CHECKED_CHIP, /if \(!is_stack\(stack\)\) return APPLICATION_BAD_STACK;/),
    leftOut('alignment of the stack', CHECKED_CHIP, /if \(\(address & 3u\) != 0u\) return 0;/),
    leftOut('check of the record', CHECKED_CHIP, /if \(!has_record\(\)\) return APPLICATION_NO_RECORD;/),
    { step: 'magic word left out', chip: CHECKED_CHIP, from: /WORD\(RECORD\) == RECORD_MAGIC && /, to: '' },
    {
      step: "record's own CRC left out",
      chip: CHECKED_CHIP,
      from: / && WORD\(RECORD \+ 16u\) == crc32\(RECORD, 16u\)/,
      to: '',
    },
    {
      step: 'upper bound of the length left out',
      chip: CHECKED_CHIP,
      from: / \|\| length > RECORD - APPLICATION_START/,
      to: '',
    },
    { step: 'lower bound of the length left out', chip: CHECKED_CHIP, from: /length < 8u \|\| /, to: '' },
    { step: 'Thumb bit of the entry left out', chip: CHECKED_CHIP, from: /\(entry & 1u\) == 0u \|\| /, to: '' },
    { step: 'lower bound of the entry left out', chip: CHECKED_CHIP, from: /entry < APPLICATION_START \|\| /, to: '' },
    {
      step: 'upper bound of the entry left out',
      chip: CHECKED_CHIP,
      from: / \|\| entry >= APPLICATION_START \+ length/,
      to: '',
    },
    leftOut('mark "updating"', CHECKED_CHIP, /if \(!is_blank\(SLOT_UPDATING\)\) return APPLICATION_UPDATING;/),
    {
      step: 'mark "updating" counts only when it is whole',
      chip: CHECKED_CHIP,
      from: /!is_blank\(SLOT_UPDATING\)/,
      to: 'has_mark(SLOT_UPDATING, MARK_UPDATING)',
    },
    leftOut('mark "rejected"', CHECKED_CHIP, /if \(!is_blank\(SLOT_REJECTED\)\) return APPLICATION_REJECTED;/),
    leftOut(
      'CRC of the application',
      CHECKED_CHIP,
      /if \(crc32\(APPLICATION_START, length\) != WORD\(RECORD \+ 8u\)\) return APPLICATION_BAD_CRC;/,
    ),
    leftOut('signature', CHECKED_CHIP, /if \(!application_check_verify\([^\n]*\) return APPLICATION_BAD_SIGNATURE;/),
    {
      step: 'mark "proven" left out',
      chip: CHECKED_CHIP,
      from: /return has_mark\(SLOT_PROVEN, MARK_PROVEN\) \? APPLICATION_GOOD : APPLICATION_UNPROVEN;/,
      to: 'return APPLICATION_GOOD;',
    },
    {
      step: 'mark "proven" turned around',
      chip: CHECKED_CHIP,
      from: /\? APPLICATION_GOOD : APPLICATION_UNPROVEN/,
      to: '? APPLICATION_UNPROVEN : APPLICATION_GOOD',
    },
    { step: 'one word is enough for a mark', chip: CHECKED_CHIP, from: /at < 32u; at \+= 4u/, to: 'at < 4u; at += 4u' },
    {
      step: 'any mark counts as "proven"',
      chip: CHECKED_CHIP,
      from: /has_mark\(SLOT_PROVEN, MARK_PROVEN\)/,
      to: '!is_blank(SLOT_PROVEN)',
    },
    leftOut('VTOR', CHECKED_CHIP, /SCB->VTOR = APPLICATION_START;/),
    leftOut('MSP', CHECKED_CHIP, / *"msr msp, %0\\n"\n/),
    {
      step: 'stack and entry swapped',
      chip: CHECKED_CHIP,
      from: /"r"\(stack\), "r"\(entry\)/,
      to: '"r"(entry), "r"(stack)',
    },
    leftOut('SysTick off', CHECKED_CHIP, /SysTick->CTRL = 0u;/),
    leftOut('NVIC enables cleared', CHECKED_CHIP, /NVIC->ICER\[i\] = 0xFFFFFFFFu;/),
    leftOut('NVIC pending cleared', CHECKED_CHIP, /NVIC->ICPR\[i\] = 0xFFFFFFFFu;/),
    leftOut('interrupts on', CHECKED_CHIP, / *"cpsie i\\n"\n/),
  ],
  wrongWith(chip, change) {
    const subject = LOADER_SUBJECTS.find(({ id }) => id === chip);
    if (!subject) throw new Error(`no subject ${chip}`);
    try {
      return misjudged(subject, JUDGED_CASES, change);
    } catch (error) {
      return String(error).split('\n')[0];
    }
  },
};
