/** What the chips with a Cortex-M33 and the registers of U5 and H5 have in common, with TrustZone off (RM0456, RM0481). */
import type { ChipFacts } from '../chip.ts';
import type { ClockOscillator, RccSpec } from '../rcc.ts';
import { registerRow } from './cells.ts';

/** What both families have at the same place (RM0456 §11.8, RM0481 §11.8). */
export const M33_RCC_REGISTERS: RccSpec['registers'] = [
  [0x1c, 'CFGR1'],
  [0x20, 'CFGR2'],
  [0x28, 'PLL1CFGR'],
  [0x2c, 'PLL2CFGR'],
  [0x30, 'PLL3CFGR'],
  [0x34, 'PLL1DIVR', 0x0101_0280],
  [0x38, 'PLL1FRACR'],
  [0x3c, 'PLL2DIVR', 0x0101_0280],
  [0x40, 'PLL2FRACR'],
  [0x44, 'PLL3DIVR', 0x0101_0280],
  [0x48, 'PLL3FRACR'],
  ...registerRow(0x50, 'CIER CIFR CICR'),
  [0x60, 'AHB1RSTR'],
  [0x7c, 'APB2RSTR'],
  [0x80, 'APB3RSTR'],
  [0x88, 'AHB1ENR', 0xd000_0100],
  [0xa4, 'APB2ENR'],
  [0xa8, 'APB3ENR'],
  [0xf0, 'BDCR'],
  [0x110, 'SECCFGR'],
  [0x114, 'PRIVCFGR'],
];

const PLL1_ON: ClockOscillator = ['CR', 24];

/** @param oscillators as the clock switch counts them; the source of PLL1 counts them from 1 */
export const m33Driving =
  (oscillators: readonly ClockOscillator[]): RccSpec['driving'] =>
  (get, source) => {
    if (source < 3) return oscillators.slice(source, source + 1);
    const behindPll = oscillators[(get('PLL1CFGR') & 3) - 1];
    return [PLL1_ON, ...(behindPll ? [behindPll] : [])];
  };

export const m33Ports = (start: number, enable: string, letters: string): ChipFacts['ports'] => ({
  letters,
  start,
  enable: [enable, 0],
  moder: { A: 0xabff_ffff, B: 0xffff_febf },
  moderElsewhere: 0xffff_ffff,
  ospeedr: { A: 0x0800_0000, B: 0x80 },
  pupdr: { A: 0x6400_0000, B: 0x100 },
});

/** RM0456 §75.12, RM0481 §59.12. */
export const M33_FREEZES = [
  [0x08, 'APB1LFZR'],
  [0x0c, 'APB1HFZR'],
  [0x10, 'APB2FZR'],
  [0x14, 'APB3FZR'],
  [0x20, 'AHB1FZR'],
  [0x28, 'AHB3FZR'],
] as const;

export const M33_ICACHE: NonNullable<ChipFacts['plain']>[number] = {
  name: 'ICACHE',
  start: 0x4003_0400,
  registers: [
    [0x00, 'CR', 4],
    [0x04, 'SR', 1],
    [0x08, 'IER'],
    [0x0c, 'FCR'],
  ],
};
