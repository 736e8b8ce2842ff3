/**
 * STM32F4 with USB DFU in its ROM (RM0090, RM0368, RM0383, RM0390, RM0402, RM0430, RM0386, AN2606; captures named in
 * the rows).
 */

import type { Guard } from '../chip/chip-profile.ts';
import { eachSector, sectorBits } from '../chip/protection.ts';
import { F2_F4, F2_F4_LAYOUTS } from './f2.ts';
import { F4_FLASH, flashOf } from './flash-families.ts';
import { F4_ROM } from './rom-generations.ts';
import { KB, type Place, type RomRow, romRow } from './row.ts';

const COMMON = {
  ...F2_F4,
  habits: F4_ROM,
  bootloaderRam: [[0x2000_0000, 12 * KB]],
} as const;

/** One bank: 4 sectors of 16 KB, one of 64 KB, the rest of 128 KB. */
const oneBank = (large: number, guard: Guard = eachSector(5 + large)) => ({
  cells: flashOf(F4_FLASH, [4, 16 * KB], [1, 64 * KB], [large, 128 * KB]),
  guard,
  layouts: [`@Internal Flash  /0x08000000/04*016Kg,01*064Kg,${String(large).padStart(2, '0')}*128Kg`, ...F2_F4_LAYOUTS],
});

/** The upper byte of the half-word with nWRP. */
const upperNwrp = (byte: number) => {
  const initial: number[] = [...F2_F4.options.initial];
  initial[9] = byte;
  return { options: { ...F2_F4.options, initial } };
};

/** What follows nWRP: SPRMOD in bit 15, and DB1M in bit 14, which divides a part with 1 MB into two banks (RM0090). */
const banked = (db1m: 0 | 1) => upperNwrp(0x0f | (db1m << 6));

/** Bank 2 has option bytes of its own, which protect its sectors; here only those of bank 1 are decoded (RM0090). */
const BANK_2_OPTIONS = { start: 0x1ffe_c000, initial: Array.from({ length: 16 }, () => 0xff) };
const DUAL_BANK_LAYOUTS = ['@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e', ...F2_F4_LAYOUTS.slice(1)];

/** Two banks that are cut alike. */
const twoBanks = (large: number) => {
  const runs = `04*016Kg,01*064Kg,${String(large).padStart(2, '0')}*128Kg`;
  const bank = [[4, 16 * KB] as const, [1, 64 * KB] as const, [large, 128 * KB] as const];
  return {
    cells: flashOf(F4_FLASH, ...bank, ...bank),
    guard: eachSector(5 + large),
    moreOptions: BANK_2_OPTIONS,
    layouts: [`@Internal Flash  /0x08000000/${runs},${runs}`, ...DUAL_BANK_LAYOUTS],
  };
};

const CCM: Place = [0x1000_0000, 64 * KB];

const F42X = {
  ...COMMON,
  name: 'STM32F429',
  line: 'STM32F427/F429/F437/F439',
  devId: 0x419,
  ram: [[0x2000_0000, 192 * KB], CCM],
  bootloaderId: [0x1fff_76de, 0x91],
  connectMs: 250,
  source: 'RM0090, AN2606; public captures of F42x with 2 MB',
} as const;

export const F4: readonly RomRow[] = [
  romRow({
    ...COMMON,
    ...oneBank(7),
    name: 'STM32F407',
    line: 'STM32F405/F407/F415/F417',
    devId: 0x413,
    ram: [[0x2000_0000, 128 * KB], CCM],
    bootloaderId: [0x1fff_77de, 0x91],
    serial: '3061B4493536',
    connectMs: 250,
    source: 'AN3156, AN2606, DS8626, RM0090; captures of F405 and F407 (PureThermal, dfu-util device-logs)',
  }),
  romRow({ ...F42X, ...twoBanks(7), ...banked(0), serial: '326433593336' }),
  romRow({
    ...F42X,
    ...oneBank(7),
    ...banked(0),
    moreOptions: BANK_2_OPTIONS,
    variant: '1 MB',
    guesses: ['strings as the F407’s: the ROM of a 1 MB part in one bank was not captured'],
  }),
  romRow({
    ...F42X,
    ...twoBanks(3),
    ...banked(1),
    variant: '1 MB dual bank',
    cells: flashOf(F4_FLASH, [4, 16 * KB], [1, 64 * KB], [3, 128 * KB], [4, 16 * KB], [1, 64 * KB], [3, 128 * KB]),
    guesses: ['strings in the style of the 2 MB part’s'],
  }),
  romRow({
    ...COMMON,
    ...oneBank(1),
    name: 'STM32F401xC',
    line: 'STM32F401xB/C',
    devId: 0x423,
    ram: [[0x2000_0000, 64 * KB]],
    bootloaderId: [0x1fff_76de, 0xd1],
    connectMs: 250,
    source: 'RM0368, AN2606',
    guesses: ['strings in the style of the F411’s'],
  }),
  romRow({
    ...COMMON,
    ...oneBank(3),
    name: 'STM32F401xE',
    line: 'STM32F401xD/E',
    devId: 0x433,
    ram: [[0x2000_0000, 96 * KB]],
    bootloaderId: [0x1fff_76de, 0xd1],
    serial: '348435943539',
    connectMs: 250,
    source: 'RM0368, AN2606; capture of an F4 with 512 KB',
  }),
  romRow({
    ...COMMON,
    ...oneBank(3),
    name: 'STM32F411',
    line: 'STM32F411',
    devId: 0x431,
    ram: [[0x2000_0000, 128 * KB]],
    bootloaderId: [0x1fff_76de, 0xd0],
    serial: '3377337E3539',
    connectMs: 250,
    source: 'RM0383, AN2606; capture of an F411 (zmk #1711)',
  }),
  romRow({
    ...COMMON,
    ...oneBank(7),
    name: 'STM32F412',
    line: 'STM32F412',
    devId: 0x441,
    ram: [[0x2000_0000, 256 * KB]],
    bootloaderId: [0x1fff_76de, 0x91],
    connectMs: 380,
    source: 'RM0402, AN2606',
    guesses: ['strings as the F405’s, which has the same map'],
  }),
  romRow({
    ...COMMON,
    ...oneBank(3),
    name: 'STM32F446',
    line: 'STM32F446',
    devId: 0x421,
    ram: [[0x2000_0000, 128 * KB]],
    bootloaderId: [0x1fff_76de, 0x90],
    fixedSerial: 'STM32FxSTM32',
    connectMs: 200,
    source: 'RM0390, AN2606; capture of an F446, whose serial number is this text',
  }),
  romRow({
    ...COMMON,
    ...twoBanks(7),
    ...banked(0),
    name: 'STM32F469',
    line: 'STM32F469/F479',
    devId: 0x434,
    ram: [[0x2000_0000, 320 * KB], CCM],
    bootloaderId: [0x1fff_76de, 0x90],
    connectMs: 270,
    source: 'RM0386, AN2606',
    guesses: ['strings as the F42x’s'],
  }),
  /** 15 nWRP bits for 16 sectors (RM0430). */
  romRow({
    ...COMMON,
    ...oneBank(11, sectorBits([...Array.from({ length: 14 }, (_, sector) => [sector]), [14, 15]])),
    ...upperNwrp(0x7f),
    name: 'STM32F413',
    line: 'STM32F413/F423',
    devId: 0x463,
    ram: [[0x2000_0000, 320 * KB]],
    bootloaderId: [0x1fff_76de, 0x90],
    connectMs: 350,
    source: 'RM0430, AN2606',
    guesses: ['strings in the style of the F407’s', 'that the last nWRP bit stands for two sectors'],
  }),
];
