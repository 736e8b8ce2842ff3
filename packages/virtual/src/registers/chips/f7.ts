/** STM32F767 (RM0410, AN2606): the controllers of F4, addresses to boot from, flash at two places. */

import type { ChipFacts } from '../chip.ts';
import { createF2Flash } from '../flash-f2.ts';
import { banks, dmaStreams, F7_CELLS, KB, rtc } from './cells.ts';
import { F4_PORTS, f4Rcc } from './f4.ts';
import { protectedSectorBits } from './protection.ts';

/** OPTCR and OPTCR1: one bank, boot from 0x0080 × 16 KB or 0x0040 × 16 KB (RM0410 §3.7.6, §3.7.7). */
const OPTIONS = [0xfd, 0xaa, 0xff, 0xff, 0x80, 0x00, 0x40, 0x00];

export const STM32F767: ChipFacts = {
  name: 'STM32F767',
  core: 'm7',
  interrupts: 110,
  cells: banks(F7_CELLS, [
    [4, 32 * KB],
    [1, 128 * KB],
    [7, 256 * KB],
  ]),
  ram: [
    [0x2000_0000, 512 * KB],
    [0x0000_0000, 16 * KB],
  ],
  systemMemory: [[0x1ff0_0000, 0xedc0]],
  romVectors: 0x1ff0_0000,
  romStack: 0x2000_4000,
  aliases: [
    { of: 'flash', at: 0x0020_0000 },
    { of: 'system', at: 0x0010_0000 },
  ],
  aliasAtZero: false,
  options: { initial: OPTIONS },
  boot: ({ boot0, options }) => {
    const at = boot0 ? 6 : 4;
    return (((options[at] ?? 0) | ((options[at + 1] ?? 0) << 8)) * 16 * KB) >>> 0;
  },
  protectedSectors: (options) => protectedSectorBits(options, 12),
  controller: (port) => createF2Flash(port, { optionRegisters: [0xffff_aafd, 0x0040_0080] }),
  rcc: f4Rcc([
    [0x88, 'PLLSAICFGR', 0x2400_3000],
    [0x8c, 'DCKCFGR1'],
    [0x90, 'DCKCFGR2'],
  ]),
  ports: { ...F4_PORTS, letters: 'ABCDEFGHIJK' },
  plain: [
    {
      name: 'SYSCFG',
      start: 0x4001_3800,
      enable: ['APB2ENR', 14],
      registers: [
        [0x00, 'MEMRMP'],
        [0x04, 'PMC'],
        [0x08, 'EXTICR1'],
        [0x0c, 'EXTICR2'],
        [0x10, 'EXTICR3'],
        [0x14, 'EXTICR4'],
        [0x1c, 'CBR'],
        [0x20, 'CMPCR'],
      ],
    },
    {
      name: 'PWR',
      start: 0x4000_7000,
      enable: ['APB1ENR', 28],
      registers: [
        [0x00, 'CR1', 0xc000],
        [0x04, 'CSR1'],
        [0x08, 'CR2'],
        [0x0c, 'CSR2'],
      ],
    },
    dmaStreams(),
    rtc(0x4000_2800, 32),
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  dbgmcu: { start: 0xe004_2000, idcode: 0x1001_6451 },
  flashSizeAt: 0x1ff0_f442,
  uidAt: 0x1ff0_f420,
};
