/** The family ids of UF2: which chips a block says that it is for. A table. */
import type { Uf2Family } from '../firmware.ts';

/** Family ids of STM32 chips: microsoft/uf2 `utils/uf2families.json`; H5 and F411xE from the lists of TinyUF2. */
export const UF2_FAMILIES = {
  STM32F0: 0x6478_24b6,
  STM32F1: 0x5ee2_1072,
  STM32F2: 0x5d1a_0a2e,
  STM32F3: 0x6b84_6188,
  STM32F4: 0x5775_5a57,
  STM32F407: 0x6d09_22fa,
  STM32F407VG: 0x8fb0_60fe,
  STM32F411xE: 0x2dc3_09c5,
  STM32F7: 0x53b8_0f00,
  STM32G0: 0x300f_5633,
  STM32G4: 0x4c71_240a,
  STM32H5: 0x4e8f_1c5d,
  STM32H7: 0x6db6_6082,
  STM32L0: 0x202e_3a91,
  STM32L1: 0x1e1f_432d,
  STM32L4: 0x00ff_6919,
  STM32L5: 0x0424_0bdf,
  STM32WB: 0x70d1_6653,
  STM32WL: 0x2146_0ff0,
} as const;

/** Family ids of chips that are no STM32, from the same list and from the SDK of RP2350 (`boot/uf2.h`). */
const OTHER_FAMILIES: Readonly<Record<string, number>> = {
  RP2040: 0xe48b_ff56,
  RP2350: 0xe48b_ff59,
  'RP2350 (RISC-V)': 0xe48b_ff5a,
  'RP2350 (non-secure)': 0xe48b_ff5b,
  nRF52: 0x1b57_745f,
  nRF52833: 0x621e_937a,
  nRF52840: 0xada5_2840,
  SAMD21: 0x68ed_2b88,
  SAMD51: 0x5511_4460,
  SAML21: 0x1851_780a,
  ATmega32: 0x1657_3617,
  ESP8266: 0x7eab_61ed,
  ESP32: 0x1c5f_21b0,
  'ESP32-S2': 0xbfdd_4eee,
  'ESP32-S3': 0xc47e_5767,
  'ESP32-C2': 0x2b88_d29c,
  'ESP32-C3': 0xd42b_a06c,
  'ESP32-C6': 0x540d_df62,
  'ESP32-H2': 0x3327_26f6,
  'ESP32-P4': 0x3d30_8e94,
  LPC55: 0x2abc_77ec,
  'i.MX RT10xx': 0x4fb2_d5bd,
  KL32L2: 0x7f83_e793,
  'Cypress FX2': 0x5a18_069b,
  GD32F350: 0x31d2_28c6,
  GD32VF103: 0x9af0_3e33,
};

export function describeFamily(id: number): Uf2Family {
  const named = (families: Readonly<Record<string, number>>) =>
    Object.entries(families).find(([, value]) => value === id)?.[0];
  const name = named(UF2_FAMILIES);
  if (name !== undefined) return { id, name };
  const foreign = named(OTHER_FAMILIES);
  return foreign === undefined ? { id } : { id, foreign };
}
