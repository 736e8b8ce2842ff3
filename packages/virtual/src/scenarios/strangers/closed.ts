/** ROMs of open chips whose option bytes close a part of the flash: to another core, to proprietary code, or to the secure world. */
import { littleEndian } from '../../bytes.ts';
import { guess } from '../../provenance.ts';
import { closesFlashFrom } from '../../roms/usb-dfu/deviations.ts';
import { romRowOf } from '../../table/table.ts';
import { romBoard } from '../make-board.ts';
import type { Scenario } from '../scenario.ts';

/** A word of the option bytes, with its complement behind it (RM0434 §3.4, RM0440 §3.4) where it is no register. */
interface OptionWord {
  readonly at: number;
  readonly word: number;
  readonly isRegister?: true;
}

interface ClosedRom extends Pick<Scenario, 'name' | 'title' | 'description' | 'source'> {
  readonly chip: string;
  readonly words: readonly OptionWord[];
  /** First address that is refused. */
  readonly from: number;
}

/** Page 0xCE of 4 KB, as FUS and a Bluetooth stack leave it. */
const SFSA_PAGE = 0xce;

const CLOSED: readonly ClosedRom[] = [
  {
    name: 'stm32wb55-rom-stack',
    title: 'STM32WB55 ROM with a wireless stack',
    description: 'FSD is 0 and SFSA 0xCE: flash from 0x080CE000 on is refused. RDP is level 0.',
    source: 'RM0434 §3.5.8; community.st.com 68978; the status of the refusal is a guess',
    chip: 'STM32WB55',
    words: [{ at: 0x70, word: 0xffff_fe00 + SFSA_PAGE }],
    from: 0x0800_0000 + SFSA_PAGE * 4096,
  },
  {
    name: 'stm32g431-rom-pcrop',
    title: 'STM32G431 ROM with proprietary code',
    description: 'PCROP1 covers 0x0800C000 to 0x0801FFFF. RDP is level 0.',
    source: 'RM0440 §3.7.9; the status of the refusal is a guess',
    chip: 'STM32G431',
    words: [
      { at: 0x08, word: 0xc000 / 8 },
      { at: 0x10, word: 0x2_0000 / 8 - 1 },
    ],
    from: 0x0800_c000,
  },
  {
    name: 'stm32u585-rom-secure',
    title: 'STM32U585 ROM with TrustZone',
    description: 'SECWM1 covers pages 4 to 127, SECWM2 all of bank 2. RDP is level 0.',
    source: 'RM0456 §7.6; the status of the refusal is a guess',
    chip: 'STM32U585',
    words: [
      { at: 0x00, word: 0x9fef_f8aa, isRegister: true },
      { at: 0x10, word: 0xff7f_ff04, isRegister: true },
      { at: 0x20, word: 0xff7f_ff00, isRegister: true },
    ],
    from: 0x0800_8000,
  },
  {
    name: 'stm32l552-rom-secure',
    title: 'STM32L552 ROM with TrustZone',
    description: 'SECWM1 covers pages 16 to 127, SECWM2 all of bank 2. RDP is level 0.',
    source: 'RM0438 §6.6; the status of the refusal is a guess',
    chip: 'STM32L552',
    words: [
      { at: 0x00, word: 0x9fef_f8aa, isRegister: true },
      { at: 0x10, word: 0xff7f_ff10, isRegister: true },
      { at: 0x20, word: 0xff7f_ff00, isRegister: true },
    ],
    from: 0x0800_8000,
  },
  {
    name: 'stm32f722-rom-pcrop',
    title: 'STM32F722 ROM with proprietary code',
    description: 'PCROP covers sectors 2 to 7, from 0x08008000 on. RDP is level 0.',
    source: 'RM0431 §3.7.8; the status of the refusal is a guess',
    chip: 'STM32F722',
    words: [{ at: 0x20, word: 0xffff_00fc, isRegister: true }],
    from: 0x0800_8000,
  },
];

const REFUSAL = guess('errVENDOR', 'no document tells the status; it is the one that ROMs have for protected flash');

export const closedScenarios: readonly Scenario[] = CLOSED.map(({ chip, words, from, ...told }) => {
  const { profile, rom, romNeedsVbus } = romRowOf(chip);
  const initial = [...profile.options.initial];
  for (const { at, word, isRegister } of words) {
    const bytes = [...littleEndian(word, 4), ...(isRegister ? [] : littleEndian(~word, 4))];
    initial.splice(at, bytes.length, ...bytes);
  }
  return {
    ...told,
    description: `${told.description} The refusal is ${REFUSAL}.`,
    create: romBoard({
      profile: { ...profile, options: { ...profile.options, initial } },
      rom: { ...rom, deviations: [closesFlashFrom(from), ...rom.deviations] },
      romNeedsVbus,
    }),
  };
});
