/** One-time programmable memory: where it is and how it is programmed, by family. Facts; it reads no device. */
import type { Chip, Range } from './chip.ts';

export interface OtpMemory extends Range {
  /** Bytes that are programmed at once; each such unit has an ECC of its own where the flash has ECC. */
  readonly unit: number;
  /** What must be set instead of the bit that programs the flash, in a register behind the lock of the option bytes. */
  readonly enable?: {
    readonly register: number;
    readonly key: number;
    readonly keys: readonly number[];
    readonly bits: number;
  };
  readonly source: string;
}

const otp = (start: number, bytes: number, unit: number, source: string): OtpMemory => ({
  start,
  end: start + bytes,
  unit,
  source,
});

/** 16 blocks of 32 or 64 bytes, and a byte for each block that locks it. */
const F2_F4_OTP = otp(0x1fff_7800, 528, 4, 'RM0033; RM0090; RM0430');
const F7_OTP = otp(0x1ff0_f000, 1056, 4, 'RM0385; RM0410');
const F72_OTP = otp(0x1ff0_7800, 528, 4, 'RM0431');
/** Double words that are programmed once. */
const L4_OTP = otp(0x1fff_7000, 1024, 8, 'RM0351; RM0394; RM0432; RM0440; RM0444; RM0490; RM0434; RM0453');
const OTP_KEYS = [0x0819_2a3b, 0x4c5d_6e7f] as const;

const OTP_OF_FAMILY: Readonly<Record<string, OtpMemory>> = {
  F2: F2_F4_OTP,
  F4: F2_F4_OTP,
  F7: F7_OTP,
  L4: L4_OTP,
  'L4+': L4_OTP,
  G0: L4_OTP,
  G4: L4_OTP,
  C0: L4_OTP,
  WB: L4_OTP,
  WL: L4_OTP,
  U0: otp(0x1fff_6800, 1024, 8, 'RM0503'),
  L5: otp(0x0bfa_0000, 512, 8, 'RM0438'),
  U3: otp(0x0bfa_0000, 512, 8, 'RM0487'),
  U5: otp(0x0bfa_0000, 512, 16, 'RM0456'),
  // Half-words with an ECC of their own (RM0481).
  H5: otp(0x08ff_f000, 2048, 2, 'RM0481; RM0492'),
};

const OTP_OF_ROW: Readonly<Record<string, OtpMemory>> = {
  stm32f722: F72_OTP,
  stm32wba55: otp(0x0bf9_0000, 512, 16, 'RM0493; stm32wba55xx.h'),
  stm32wba65: otp(0x0bfa_0000, 512, 16, 'RM0515'),
  // OPTCR.PG_OTP (RM0455).
  stm32h7a3: {
    ...otp(0x08ff_f000, 1024, 2, 'RM0455'),
    enable: { register: 0x5200_2018, key: 0x5200_2008, keys: OTP_KEYS, bits: 1 << 5 },
  },
};

/** Looked for in ST's headers and in embassy-rs/stm32-data: registers that lock OTP are there, and not how it is programmed. */
const UNTOLD = 'no public source that is known here says where it is and how it is programmed';
const UNTOLD_FAMILIES: readonly string[] = ['C5'];
const UNTOLD_ROWS: readonly string[] = ['stm32h7s3'];

/** @returns why nothing is said of the OTP memory of a chip that has one, or may have one; `undefined` where all is told */
export const otpUntold = ({ id, family }: Chip): string | undefined =>
  UNTOLD_FAMILIES.includes(family) || UNTOLD_ROWS.includes(id) ? UNTOLD : undefined;

/** @returns the OTP memory of a chip; `undefined` where it has none, or no public source says how it is programmed */
export const otpOf = ({ id, family }: Chip): OtpMemory | undefined => OTP_OF_ROW[id] ?? OTP_OF_FAMILY[family];
