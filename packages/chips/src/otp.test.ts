import { describe, expect, it } from 'vitest';
import { CHIPS } from './chips.ts';
import { sectorsOf } from './find.ts';
import { otpOf, otpUntold } from './otp.ts';

const withOtp = CHIPS.flatMap((chip) => {
  const otp = otpOf(chip);
  return otp ? [{ chip, otp }] : [];
});

describe('OTP', () => {
  it('is known of every family that has it, and of no other', () => {
    const families = new Set(withOtp.map(({ chip }) => chip.family));
    expect([...families].sort().join(' ')).toBe('C0 F2 F4 F7 G0 G4 H5 H7 L4 L4+ L5 U0 U3 U5 WB WBA WL');
  });

  it('is said to be untold for C5, H7R and H7S, and where nothing is said there is none', () => {
    const untold = CHIPS.filter((chip) => otpUntold(chip) !== undefined);
    expect(untold.map(({ id }) => id)).toEqual(['stm32c562', 'stm32c542', 'stm32c5a3', 'stm32h7s3']);
    expect(untold.filter(otpOf)).toEqual([]);
  });

  it('lies beside flash, RAM, system memory and the unique id, and is made of whole units', () => {
    const overlaps = withOtp.flatMap(({ chip, otp }) => {
      const uid = chip.uidAddress === undefined ? [] : [{ start: chip.uidAddress, end: chip.uidAddress + 12 }];
      const others = [...chip.variants.flatMap(sectorsOf), ...chip.ram, ...chip.systemMemory, ...uid];
      const meets = others.some(({ start, end }) => start < otp.end && otp.start < end);
      return meets || (otp.end - otp.start) % otp.unit !== 0 ? [chip.id] : [];
    });
    // OTP of F72x is in the midst of the system memory (RM0431 §2.2.2).
    expect(overlaps.filter((id) => id !== 'stm32f722')).toEqual([]);
  });

  it('of an F405 is 512 bytes and a lock byte for each block of 32', () => {
    const [f405] = withOtp.filter(({ chip }) => chip.id === 'stm32f405');
    expect(f405?.otp).toMatchObject({ start: 0x1fff_7800, end: 0x1fff_7a10, unit: 4 });
  });
});
