/**
 * Option bytes of C5: the registers from FLASH_OPTSR_CUR on, what holds and behind it what shall hold (embassy-rs/stm32-data
 * flash_c5; ST's stm32c5xx_ll_flash.h). Its ROM does not show them; a debug probe does.
 */
import { bankBit, bootBit, current, field, flagField, frozen, named, resetOn } from './fields.ts';
import type { OptionLayout } from './layout.ts';

const LOCKED = 'for ever unless the key of the OEM was provisioned before: no debugger and no bootloader any more';
const optsr = (bit: number) => ({ at: 0, bit });
const OPTSR2 = 0x20;
const BOOTR = 0x30;
const SOFTWARE = ['started by hardware', 'started by software'] as const;

export const C5: OptionLayout = {
  id: 'c5',
  unit: 4,
  complement: 'never',
  blocks: [0x4002_2050],
  fields: current(
    field(
      'RDP_LEVEL',
      'read protection',
      { ...optsr(8), bits: 8 },
      {
        values: [
          named(0xed, 'level 0'),
          { ...named(0xd1, 'level 2 with boundary scan'), caution: LOCKED, forEver: true },
          { ...named(0x72, 'level 2'), caution: LOCKED, forEver: true },
        ],
      },
    ),
    flagField('IWDG_SW', optsr(3), SOFTWARE, 'independent watchdog'),
    flagField('WWDG_SW', optsr(4), SOFTWARE, 'window watchdog'),
    resetOn('NRST_STOP', optsr(6)),
    resetOn('NRST_STDBY', optsr(7)),
    frozen('IWDG_STOP', optsr(20)),
    frozen('IWDG_STDBY', optsr(21)),
    bootBit('BOOT_SEL', optsr(22), ['BOOT0 is the bit', 'BOOT0 is the pin']),
    bootBit('BOOT0', optsr(23), ['BOOT0 = 0', 'BOOT0 = 1']),
    bankBit('SINGLE_BANK', optsr(30), ['two banks', 'one bank']),
    bootBit('SWAP_BANK', optsr(31), ['banks in order', 'banks swapped']),
    flagField('SRAM1_RST', { at: OPTSR2, bit: 0 }, ['erased', 'kept'], 'SRAM1 at a reset'),
    flagField('SRAM2_RST', { at: OPTSR2, bit: 1 }, ['erased', 'kept'], 'SRAM2 at a reset'),
    flagField('SRAM2_ECC', { at: OPTSR2, bit: 4 }, ['checked', 'not checked'], 'ECC of SRAM2'),
    field(
      'BOOT_LOCK',
      'whether what is started may change',
      { at: BOOTR, bit: 0, bits: 8 },
      { values: [named(0xc3, 'open'), { ...named(0xb4, 'locked'), caution: 'what is started never changes again' }] },
    ),
    field('BOOTADD', 'where to start', { at: BOOTR, bit: 8, bits: 24 }, { addressShift: 8 }),
    field('WRPSG1', 'write protection of bank 1: a 0 protects', { at: 0x98, bit: 0, bits: 32 }),
    field('WRPSG2', 'write protection of bank 2: a 0 protects', { at: 0x198, bit: 0, bits: 32 }),
  ),
  readProtection: { field: 'RDP_LEVEL', open: 0xed },
  source: 'embassy-rs/stm32-data flash_c5; stm32c5xx_ll_flash.h',
};
