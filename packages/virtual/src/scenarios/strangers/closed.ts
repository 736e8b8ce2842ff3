/** ROMs of open chips whose option bytes close a part of the flash: to another core, or to proprietary code. */
import { littleEndian } from '../../bytes.ts';
import { guess } from '../../provenance.ts';
import { closesFlashFrom } from '../../roms/usb-dfu/deviations.ts';
import { romRowOf } from '../../table/table.ts';
import { romBoard } from '../make-board.ts';
import type { Scenario } from '../scenario.ts';

/** A word of the option bytes, with its complement behind it (RM0434 §3.4, RM0440 §3.4). */
interface OptionWord {
  readonly at: number;
  readonly word: number;
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
];

const REFUSAL = guess('errVENDOR', 'no document tells the status; it is the one that ROMs have for protected flash');

export const closedScenarios: readonly Scenario[] = CLOSED.map(({ chip, words, from, ...told }) => {
  const { profile, rom, romNeedsVbus } = romRowOf(chip);
  const initial = [...profile.options.initial];
  for (const { at, word } of words) initial.splice(at, 8, ...littleEndian(word, 4), ...littleEndian(~word, 4));
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
