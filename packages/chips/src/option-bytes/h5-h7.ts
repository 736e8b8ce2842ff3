/**
 * Option bytes of H5 and H7: the registers from FLASH_OPTSR_CUR on. What holds stands in a _CUR register, what shall hold
 * is written to the _PRG register behind it (RM0433, RM0455, RM0468, RM0477, RM0481, RM0492; embassy-rs/stm32-data
 * flash_h7, flash_h7ab, flash_h7rs, flash_h5). Registers beyond the end of what a bootloader shows are left out there.
 */
import {
  bootBit,
  brownOut,
  current,
  field,
  flagField,
  frozen,
  named,
  plainBit,
  productState,
  rdp,
  resetOn,
} from './fields.ts';
import type { ClosedArea, NamedValue, OptionField, OptionLayout } from './layout.ts';

const first = (bit: number) => ({ at: 0, bit });
const COMMON = { unit: 4, complement: 'never' } as const;

const H7_LEVELS = [named(0, 'off'), named(1, '2.1 V'), named(2, '2.4 V'), named(3, '2.7 V')];
const SECURITY_CAUTION = 'the secure access mode can only be left through a regression that erases everything';
const H7_OPTSR = current(
  rdp(first(8)),
  brownOut({ ...first(2), bits: 2 }, H7_LEVELS),
  flagField('IWDG1_SW', first(4), ['started by hardware', 'started by software'], 'independent watchdog'),
  resetOn('nRST_STOP_D1', first(6)),
  resetOn('nRST_STBY_D1', first(7)),
  frozen('IWDG_FZ_STOP', first(17)),
  frozen('IWDG_FZ_SDBY', first(18)),
  field('ST_RAM_SIZE', 'RAM for secure services', { ...first(19), bits: 2 }),
  field(
    'SECURITY',
    'secure access mode',
    { ...first(21), bits: 1 },
    {
      values: [named(0, 'off'), { ...named(1, 'on'), caution: SECURITY_CAUTION }],
    },
  ),
  plainBit('IO_HSLV', first(29), 'fast pins below 2.7 V'),
  bootBit('SWAP_BANK_OPT', first(31), ['banks in order', 'banks swapped']),
);

/** Upper half of the address. */
const BOOT = 0x24;
const H7_BOOT = current(
  field('BOOT_ADD0', 'where to start with BOOT0 low', { at: BOOT, bit: 0, bits: 16 }, { addressShift: 16 }),
  field('BOOT_ADD1', 'where to start with BOOT0 high', { at: BOOT, bit: 16, bits: 16 }, { addressShift: 16 }),
);

/** PCROP, secure area and write protection of a bank; areas count 256 bytes. */
const h7Bank = (n: 1 | 2, bits: number): OptionField[] => {
  const start = n === 1 ? 0x0c : 0x10c;
  const area = (names: readonly [string, string], at: number, about: string): OptionField[] => [
    field(names[0], about, { at, bit: 0, bits: 12 }),
    field(names[1], about, { at, bit: 16, bits: 12 }),
  ];
  return current(
    ...area([`PROT_AREA_START${n}`, `PROT_AREA_END${n}`], start, 'proprietary code'),
    plainBit(`DMEP${n}`, { at: start, bit: 31 }, 'proprietary code goes with read protection'),
    ...area([`SEC_AREA_START${n}`, `SEC_AREA_END${n}`], start + 8, 'secure area'),
    plainBit(`DMES${n}`, { at: start + 8, bit: 31 }, 'secure area goes with read protection'),
    field(`WRPSn${n}`, 'write protection: a 0 protects', { at: start + 16, bit: 0, bits }),
  );
};

const h7Area = (n: 1 | 2, name: string): ClosedArea => ({
  name: `${name}${n}`,
  bank: n - 1,
  start: `${name}_START${n}`,
  end: `${name}_END${n}`,
  unitBytes: 256,
  equalIsAll: true,
});

const h7 = (id: string, protectionBits: number, banks: readonly (1 | 2)[], source: string): OptionLayout => ({
  ...COMMON,
  id,
  blocks: [0x5200_201c],
  fields: [...H7_OPTSR, ...banks.flatMap((n) => h7Bank(n, protectionBits)), ...H7_BOOT],
  readProtection: { field: 'RDP', open: 0xaa },
  writeProtection: {
    kind: 'bits',
    fields: banks.map((n) => `WRPSn${n}`),
    protects: 0,
    perBank: true,
    ...(protectionBits === 32 && { bytesPerBit: 4 * 8192 }),
  },
  // Equal ends close the whole bank (RM0433).
  closed: banks.flatMap((n) => [
    h7Area(n, 'PROT_AREA'),
    { ...h7Area(n, 'SEC_AREA'), only: { field: 'SECURITY', value: 1 } },
  ]),
  source,
});

export const H74 = h7('h74', 8, [1, 2], 'RM0433');
export const H72 = h7('h72', 8, [1], 'RM0468');
/** A bit stands for four sectors of 8 KB. */
export const H7A = h7('h7a', 32, [1, 2], 'RM0455');

const NVSTATE: readonly NamedValue[] = [
  named(0xb4, 'open'),
  { ...named(0x51, 'closed'), caution: 'user flash can no longer be read; going back erases it' },
];

/** NVSR to OBW2SR. A bootloader that shows other addresses (0x5200201C was seen) is not decoded. */
export const H7RS: OptionLayout = {
  ...COMMON,
  id: 'h7rs',
  blocks: [0x5200_2200],
  fields: current(
    field('NVSTATE', 'stands for RDP', { ...first(0), bits: 8 }, { values: NVSTATE }),
    field('WRPS', 'write protection: a 0 protects', { at: 0x18, bit: 0, bits: 8 }),
    field('HDP_AREA_START', 'hidden area', { at: 0x30, bit: 0, bits: 9 }),
    field('HDP_AREA_END', 'hidden area', { at: 0x30, bit: 16, bits: 9 }),
    field('BOR_LEV', 'brown-out reset level', { at: 0x60, bit: 2, bits: 2 }, { values: H7_LEVELS }),
    flagField('IWDG_HW', { at: 0x60, bit: 4 }, ['started by hardware', 'started by software'], 'independent watchdog'),
    resetOn('NRST_STOP', { at: 0x60, bit: 6 }),
    resetOn('NRST_STBY', { at: 0x60, bit: 7 }),
    field('ITCM_AXI_SHARE', 'size of ITCM', { at: 0x68, bit: 0, bits: 3 }),
    field('DTCM_AXI_SHARE', 'size of DTCM', { at: 0x68, bit: 4, bits: 3 }),
    plainBit('ECC_ON_SRAM', { at: 0x68, bit: 8 }, 'ECC of the RAM'),
  ),
  readProtection: { field: 'NVSTATE', open: 0xb4 },
  writeProtection: { kind: 'bits', fields: ['WRPS'], protects: 0 },
  source: 'RM0477',
};

const H5_LEVELS = [named(0, '2.1 V'), named(1, '2.4 V'), named(2, '2.7 V'), named(3, '2.1 V')];
const H5_OPTSR2 = 0x20;
const H5_BOOT = 0x30;
/** SECWM1R_CUR and SECWM2R_CUR: no capture tells how far a bootloader shows the registers. */
const H5_SECURE = [0x90, 0x190] as const;
const H5_SECTOR_BITS = 7;
const H5_TRUST_ZONE = 0xb4;
const TRUST_ZONE_CAUTION =
  'TrustZone divides the chip into a secure and a non-secure world; going back erases everything';

/** No TrustZone (RM0492), which has one kind of write protection that no source here tells the groups of. */
export const H503: OptionLayout = {
  ...COMMON,
  id: 'h503',
  blocks: [0x4002_2050],
  fields: current(
    productState(first(8)),
    brownOut({ ...first(0), bits: 2 }, H5_LEVELS),
    flagField('BORH_EN', first(2), ['off', 'on'], 'brown-out reset by level'),
    flagField('IWDG_SW', first(3), ['started by hardware', 'started by software'], 'independent watchdog'),
    flagField('WWDG_SW', first(4), ['started by hardware', 'started by software'], 'window watchdog'),
    resetOn('NRST_STOP', first(6)),
    resetOn('NRST_STDBY', first(7)),
    plainBit('IO_VDD_HSLV', first(16), 'fast pins at low VDD'),
    plainBit('IO_VDDIO2_HSLV', first(17), 'fast pins at low VDDIO2'),
    frozen('IWDG_STOP', first(20)),
    frozen('IWDG_STDBY', first(21)),
    bootBit('SWAP_BANK', first(31), ['banks in order', 'banks swapped']),
    flagField('SRAM2_RST', { at: H5_OPTSR2, bit: 3 }, ['erased', 'kept'], 'SRAM2 at a reset'),
    plainBit('BKPRAM_ECC', { at: H5_OPTSR2, bit: 4 }, 'no ECC of the backup RAM'),
    plainBit('SRAM2_ECC', { at: H5_OPTSR2, bit: 6 }, 'no ECC of SRAM2'),
    field(
      'NSBOOT_LOCK',
      'whether NSBOOTADD may change',
      { at: H5_BOOT, bit: 0, bits: 8 },
      {
        values: [named(0xc3, 'open'), { ...named(0xb4, 'locked'), caution: 'the start address never changes again' }],
      },
    ),
    field('NSBOOTADD', 'where to start', { at: H5_BOOT, bit: 8, bits: 24 }, { addressShift: 8 }),
  ),
  readProtection: { field: 'PRODUCT_STATE', open: 0xed },
  source: 'RM0481, RM0492',
};

/** A bit of WRPSG stands for four sectors of 8 KB; its registers lie beyond what a bootloader shows (RM0481). */
export const H5: OptionLayout = {
  ...H503,
  id: 'h5',
  fields: [
    ...H503.fields,
    ...current(
      field(
        'TZEN',
        'TrustZone',
        { at: H5_OPTSR2, bit: 24, bits: 8 },
        { values: [named(0xc3, 'off'), { ...named(H5_TRUST_ZONE, 'on'), caution: TRUST_ZONE_CAUTION }] },
      ),
      ...H5_SECURE.flatMap((at, i) => [
        field(`SECWM${i + 1}_STRT`, 'secure sectors of the bank, first', { at, bit: 0, bits: H5_SECTOR_BITS }),
        field(`SECWM${i + 1}_END`, 'secure sectors of the bank, last', { at, bit: 16, bits: H5_SECTOR_BITS }),
      ]),
      field('WRPSG1', 'write protection of bank 1: a 0 protects', { at: 0x98, bit: 0, bits: 32 }),
      field('WRPSG2', 'write protection of bank 2: a 0 protects', { at: 0x198, bit: 0, bits: 32 }),
    ),
  ],
  writeProtection: {
    kind: 'bits',
    fields: ['WRPSG1', 'WRPSG2'],
    protects: 0,
    perBank: true,
    bytesPerBit: 4 * 8192,
  },
  closed: [1, 2].map((n) => ({
    name: `SECWM${n}`,
    bank: n - 1,
    start: `SECWM${n}_STRT`,
    end: `SECWM${n}_END`,
    unitBytes: 'sector',
    only: { field: 'TZEN', value: H5_TRUST_ZONE },
  })),
};
