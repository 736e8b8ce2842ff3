/** Which facts hold for which row of the chip table, and for which rows user code cannot start the bootloader. */
import type { Chip } from '../chip.ts';
import { F0, F1, F3, f2f4 } from './classic.ts';
import type { BlockFacts, BootloaderEntry, EntryRefusal, FamilyFacts, RegisterFacts } from './entry.ts';
import { G0, G4, L1, L4 } from './low-power.ts';
import { C0, C5, F7, H5, h7, L5, U0, u5, WB } from './through-reset.ts';

const F2 = f2f4('stm32f2xx', 'cortex-m3', 0, 'RM0033 §2.4, §5.3, §6.4, §7.2');
const F4 = f2f4('stm32f4xx', 'cortex-m4', 0, 'RM0090 §2.4, §7.3, §8.4, §9.2; RM0368, RM0383, RM0390, RM0402, RM0430');
const F4_CCM = f2f4('stm32f4xx', 'cortex-m4', 0x0010_0000, 'RM0090 §2.4, §7.3, §8.4, §9.2; RM0386');

const FAMILIES: Readonly<Record<string, FamilyFacts>> = {
  F0,
  F1,
  F2,
  F3,
  F4,
  F7,
  L1,
  L4,
  'L4+': L4,
  G0,
  G4,
  C0,
  U0,
  WB,
  L5,
  H5,
  C5,
  H7: h7('stm32h7xx', 0xe0, 'RM0433 §2.6, §8.7, §11.4; RM0399, RM0468'),
  U5: u5('stm32u5xx', 0x4602_0c00, { resetHz: 4_000_000, source: 'RM0456 §2.5, §7.9, §11.8, §13.4' }),
  U3: u5('stm32u3xx', 0x4003_0c00, {
    resetHz: 12_000_000,
    source: 'RM0487',
    guesses: ['addresses of RCC and GPIO, and the option that blocks, are taken as on U5'],
  }),
};

const CHIPS_APART: Readonly<Record<string, FamilyFacts>> = {
  stm32f405: F4_CCM,
  stm32f427: withBlock(
    F4_CCM,
    { base: 0x4002_3c00, register: 'OPTCR', offset: 0x14 },
    {
      mask: 0x10,
      value: 0x10,
      why: 'BFB2 = 1: the bootloader starts a program in flash instead of its interfaces',
    },
  ),
  stm32f469: withBlock(
    F4_CCM,
    { base: 0x4002_3c00, register: 'OPTCR', offset: 0x14 },
    {
      mask: 0x10,
      value: 0x10,
      why: 'BFB2 = 1: the bootloader starts a program in flash instead of its interfaces',
    },
  ),
  stm32f767: withBlock(
    F7,
    { base: 0x4002_3c00, register: 'OPTCR', offset: 0x14 },
    {
      mask: 0x3000_0000,
      value: 0,
      why: 'nDBANK = 0 and nDBOOT = 0: the bootloader starts a program in flash instead of its interfaces',
    },
  ),
  stm32h7a3: h7('stm32h7xx', 0x140, 'RM0455 §2.6, §8.7, §11.4'),
  stm32h7s3: h7('stm32h7rsxx', 0x140, 'RM0477 §2.3, §7.8, §10.4'),
};

/** L1 with two banks: nBFB2 is bit 23 of FLASH_OBR and 0 where bank 2 is started (RM0038 §3.9.9). */
const L1_BANK_2 = withBlock(
  L1,
  { base: 0x4002_3c00, register: 'OBR', offset: 0x1c },
  {
    mask: 0x0080_0000,
    value: 0,
    why: 'nBFB2 = 0: the bootloader starts a program in flash instead of its interfaces',
  },
);
/** L4 and G4 with two banks: BFB2 is bit 20 of FLASH_OPTR (RM0351 §3.7.8, RM0440 §5.7.9). */
const bankTwo = (family: FamilyFacts) =>
  withBlock(
    family,
    { base: 0x4002_2000, register: 'OPTR', offset: 0x20 },
    {
      mask: 0x0010_0000,
      value: 0x0010_0000,
      why: 'BFB2 = 1: the bootloader starts a program in flash instead of its interfaces',
    },
  );
const DUAL_BANK: Readonly<Record<string, FamilyFacts>> = {
  stm32l152xd: L1_BANK_2,
  stm32l152xe: L1_BANK_2,
  stm32l476: bankTwo(L4),
  stm32l496: bankTwo(L4),
  stm32l4r5: bankTwo(L4),
  stm32l4p5: bankTwo(L4),
  stm32g474: bankTwo(G4),
};

const REFUSALS: Readonly<Record<string, EntryRefusal>> = {
  L0: {
    reason: 'the ROM of STM32L0 cannot be entered by a jump from user code',
    source: 'AN2606, "STM32L07xxx/08xxx devices bootloader": jump from user code to system memory is not possible',
    instead: 'BOOT0 high and nBOOT1 = 1 at reset; or an own loader with a DFU media file',
  },
  WBA: {
    reason: 'no public source that we have states the RAM that this bootloader takes, nor its boot pattern',
    source: 'AN2606, boot pattern 16: not captured',
    instead: 'BOOT0 high at reset',
  },
};

/** How user code enters the ROM bootloader of a chip, or why it cannot. `undefined` for a chip whose ROM has no USB DFU. */
export function bootloaderEntryOf(chip: Chip): BootloaderEntry | undefined {
  if (!chip.usbDfu) return undefined;
  const refusal = REFUSALS[chip.family];
  if (refusal) return { possible: false, ...refusal };
  const facts = CHIPS_APART[chip.id] ?? DUAL_BANK[chip.id] ?? FAMILIES[chip.family];
  return facts && { possible: true, ...facts };
}

/** The same family with an option in a register of the flash controller that blocks the jump. */
function withBlock(
  family: FamilyFacts,
  { base, register, offset }: { readonly base: number; readonly register: string; readonly offset: number },
  block: Pick<BlockFacts, 'mask' | 'value' | 'why'>,
): FamilyFacts {
  const registers: RegisterFacts = {
    ...family.registers,
    peripherals: { ...family.registers.peripherals, FLASH: { base, registers: { [register]: offset } } },
  };
  return { ...family, registers, blocks: [{ peripheral: 'FLASH', register, ...block }] };
}
