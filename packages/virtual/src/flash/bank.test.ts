/** Memories beside the flash, by what the reference manuals say of them. */
import { describe, expect, it } from 'vitest';
import type { FlashCells } from './datasheet.ts';
import { Flash } from './flash.ts';

const CELLS: FlashCells = {
  regions: [{ start: 0x0800_0000, sectorBytes: [1024, 1024] }],
  kind: 'plain',
  overwrite: 'clears',
  programBytes: 1,
  programMs: 0.016,
  eraseMs: { 1024: 20 },
  massEraseMs: 40,
};
const OTP = 0x1fff_7800;
const LOCKS = OTP + 512;
const withOtp = (): Flash =>
  new Flash({ ...CELLS, beside: [{ kind: 'otp', start: OTP, bytes: 528, locks: { at: LOCKS, blockBytes: 32 } }] });
const EEPROM = 0x0808_0000;
const withEeprom = (): Flash =>
  new Flash({
    ...CELLS,
    erasedByte: 0,
    kind: 'ecc',
    overwrite: 'refuses',
    programBytes: 4,
    beside: [{ kind: 'eeprom', start: EEPROM, bytes: 64 }],
  });

describe('OTP cells', () => {
  it('lose bits and never get them back, by no erase of the flash either', () => {
    const flash = withOtp();
    flash.program(OTP, Uint8Array.of(0xf0), 0);
    flash.program(OTP, Uint8Array.of(0x0f), 1);
    flash.eraseAll(2);
    expect(flash.peek(OTP, 2)).toEqual(Uint8Array.of(0x00, 0xff));
  });

  it('are locked by the byte of their block, which locks itself (RM0090 §3.7)', () => {
    const flash = withOtp();
    flash.program(LOCKS + 1, Uint8Array.of(0), 0);
    const places = [OTP, OTP + 31, OTP + 32, OTP + 63, OTP + 64, LOCKS, LOCKS + 1];
    expect(places.map((at) => flash.isLocked(at))).toEqual([false, false, true, true, false, false, true]);
  });

  it('belong to no sector', () => {
    expect([withOtp().sectorAt(OTP), withOtp().contains(OTP, 528), withOtp().contains(OTP, 529)]).toEqual([
      undefined,
      true,
      false,
    ]);
  });
});

describe('EEPROM cells', () => {
  it('take a word in the place of any other, unlike the flash beside them', () => {
    const flash = withEeprom();
    for (const at of [EEPROM, 0x0800_0000]) {
      flash.program(at, Uint8Array.of(1, 2, 3, 4), 0);
      flash.program(at, Uint8Array.of(8, 0, 0, 16), 10);
    }
    expect(flash.peek(EEPROM, 4)).toEqual(Uint8Array.of(8, 0, 0, 16));
    expect(flash.peek(0x0800_0000, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it('survive an erase of the flash, and are erased when read protection is taken away', () => {
    const flash = withEeprom();
    flash.program(EEPROM, Uint8Array.of(1, 2, 3, 4), 0);
    flash.eraseAll(10);
    const after = flash.peek(EEPROM, 4);
    flash.eraseEeprom();
    expect([after, flash.peek(EEPROM, 4)]).toEqual([Uint8Array.of(1, 2, 3, 4), new Uint8Array(4)]);
  });
});
