/**
 * Option bytes of WB5x and WB3x: words, each with its complement behind it (RM0434; embassy-rs/stm32-data flash_wb).
 * What belongs to the wireless core can be seen, and only its own firmware changes it.
 */
import { codeAreas, field, flagField, pageArea, plainBit, protectionAreas, rdp } from './fields.ts';
import type { OptionLayout } from './layout.ts';
import { BOOT0_BITS, BOR_9, N_BOOT1, optr, resets, SRAM2_PE, SRAM2_RST, WATCHDOGS } from './optr.ts';

export const WB: OptionLayout = {
  id: 'wb',
  blocks: [0x1fff_8000],
  unit: 4,
  complement: 'always',
  fields: [
    rdp(optr(0)),
    { ...plainBit('ESE', optr(8), 'security of the wireless core'), readOnly: true },
    BOR_9,
    ...resets(12),
    ...WATCHDOGS,
    N_BOOT1,
    SRAM2_PE,
    SRAM2_RST,
    ...BOOT0_BITS,
    field('AGC_TRIM', 'trimming of the radio', { ...optr(29), bits: 3 }, { readOnly: true }),
    field('PCROP1A_STRT', 'proprietary code, first', { at: 0x08, bit: 0, bits: 9 }),
    field('PCROP1A_END', 'proprietary code, last', { at: 0x10, bit: 0, bits: 9 }),
    flagField('PCROP_RDP', { at: 0x10, bit: 31 }, ['kept', 'erased'], 'PCROP when read protection goes'),
    ...pageArea(['WRP1A_STRT', 'WRP1A_END'], 0x18, 8),
    ...pageArea(['WRP1B_STRT', 'WRP1B_END'], 0x20, 8),
    field('PCROP1B_STRT', 'proprietary code, first', { at: 0x28, bit: 0, bits: 9 }),
    field('PCROP1B_END', 'proprietary code, last', { at: 0x30, bit: 0, bits: 9 }),
    field('SFSA', 'first page of the wireless core', { at: 0x70, bit: 0, bits: 8 }, { readOnly: true }),
    {
      ...flagField('FSD', { at: 0x70, bit: 8 }, ['secure', 'not secure'], 'flash of the wireless core'),
      readOnly: true,
    },
  ],
  readProtection: { field: 'RDP', open: 0xaa },
  writeProtection: protectionAreas([1]),
  closed: [
    ...codeAreas(['1A', '1B'], 2048),
    // RM0434: the flash of the wireless core begins at page SFSA, unless FSD says that there is none.
    { name: 'SFSA', bank: 0, start: 'SFSA', unitBytes: 4096, only: { field: 'FSD', value: 0 } },
  ],
  source: 'RM0434',
};

/** RM0453: as WB, with pages of 2 KB; what the offsets of proprietary code count no source here tells. */
export const WL5: OptionLayout = {
  ...WB,
  id: 'wl',
  blocks: [0x1fff_7800],
  closed: [{ name: 'SFSA', bank: 0, start: 'SFSA', unitBytes: 2048, only: { field: 'FSD', value: 0 } }],
  source: 'RM0453; embassy-rs/stm32-data flash_wl',
};
