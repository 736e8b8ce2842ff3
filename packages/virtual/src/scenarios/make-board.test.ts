import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { findScenario } from './by-name.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
/** Where the flash of an L1 with 512 KB ends and its EEPROM begins. */
const L1_EEPROM = 0x0808_0000;
const F4_OTP = 0x1fff_7800;

function boardWith(name: string, address: number) {
  const scenario = findScenario(name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  return scenario.create(new VirtualClock(), { flash: [{ address, bytes: BYTES }] });
}

describe('the first content of a board', () => {
  it.each([
    ['flash', 'stm32f407-rom', 0x0800_0000],
    ['EEPROM', 'stm32l152xe-rom', L1_EEPROM],
    ['OTP', 'stm32f407-rom', F4_OTP],
  ])('goes into its %s', (_, name, address) => {
    expect(boardWith(name, address).chip.read(address, BYTES.length)).toEqual(BYTES);
  });

  it('is cut where the flash ends and EEPROM begins', () => {
    const { chip } = boardWith('stm32l152xe-rom', L1_EEPROM - 4);
    expect(chip.flash.peek(L1_EEPROM - 4, 4)).toEqual(BYTES.slice(0, 4));
    expect(chip.read(L1_EEPROM, 5)).toEqual(Uint8Array.of(5, 6, 7, 8, 0));
  });

  it.each([
    ['RAM', 0x2000_0000, '0x20000000'],
    ['option bytes', 0x1fff_c000, '0x1FFFC000'],
    ['nothing, behind the flash', 0x080f_fffc, '0x08100000'],
  ])('has no bytes for %s', (_, address, place) => {
    expect(() => boardWith('stm32f407-rom', address)).toThrow(new RangeError(`no memory at ${place}`));
  });
});
