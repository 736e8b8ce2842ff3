import { describe, expect, it } from 'vitest';
import { romRows, scenarioNameOf } from './table.ts';

function optionsOf(scenario: string): DataView {
  const row = romRows.find((each) => scenarioNameOf(each) === scenario);
  return new DataView(Uint8Array.from(row?.profile.options.initial ?? []).buffer);
}

describe('option bytes from the factory', () => {
  it.each([
    ['stm32l552-rom', 0x0bf9_0000],
    ['stm32u385-rom', 0x0bf8_f000],
    ['stm32u585-rom', 0x0bf9_0000],
    ['stm32wba25-rom', 0x0bf8_5000],
    ['stm32wba65-rom', 0x0bf9_0000],
  ])('of %s start its system memory by NSBOOTADD1', (scenario, address) => {
    expect(optionsOf(scenario).getUint32(8, true)).toBe(address + 0x7f);
  });

  it('of an H7A3 hold both banks alike, and protect nothing', () => {
    const view = optionsOf('stm32h7a3-rom');
    const words = (start: number): number[] => Array.from({ length: 6 }, (_, i) => view.getUint32(start + 4 * i, true));
    const nothing = [0xff, 0xff, 0xff, 0xff, 0xffff_ffff, 0xffff_ffff];
    expect([words(0x0c), words(0x10c)]).toEqual([nothing, nothing]);
    expect(view.byteLength).toBe(297);
  });
});
