/** Firmware versions: their text, their bytes in F1 and FB, and from which on a command exists. */

import type { StLinkModel } from './models.ts';

/** Version numbers by the letters that ST prints: V2J37M27. Absent letters are 0. */
export interface FirmwareVersion {
  readonly v: number;
  readonly j: number;
  readonly s: number;
  readonly m: number;
  readonly b: number;
  readonly p: number;
}

/** What came with a version: of V2's firmware, and of V3's (OpenOCD's flags; F2 56 from pyOCD's table). */
const SINCE = {
  voltage: { v2: 13, v3: 1 },
  lastStatus2: { v2: 15, v3: 1 },
  swdClock: { v2: 22, v3: undefined },
  dapRegisters: { v2: 24, v3: 1 },
  memory16: { v2: 26, v3: 1 },
  accessPorts: { v2: 28, v3: 1 },
  dpBank: { v2: 32, v3: 2 },
  csw: { v2: 32, v3: 2 },
  batch: { v2: 32, v3: 2 },
  comClock: { v2: undefined, v3: 1 },
  bytes512: { v2: undefined, v3: 6 },
} as const;

export type Feature = keyof typeof SINCE;

/** @throws RangeError for a text that is no version */
export function parseFirmware(text: string): FirmwareVersion {
  const matches = [...text.matchAll(/([VJSMBP])(\d+)/g)];
  const numbers = new Map(matches.map(([, letter = '', digits = '']) => [letter, Number(digits)]));
  const version = numbers.get('V');
  if (version === undefined || !numbers.has('J') || matches.map(([part]) => part).join('') !== text) {
    throw new RangeError(`${text} is no firmware version of an ST-LINK, such as V2J37M27`);
  }
  const of = (letter: string) => numbers.get(letter) ?? 0;
  return { v: version, j: of('J'), s: of('S'), m: of('M'), b: of('B'), p: of('P') };
}

export function hasFeature({ generation }: StLinkModel, { j }: FirmwareVersion, feature: Feature): boolean {
  const since = SINCE[feature][generation === 2 ? 'v2' : 'v3'];
  return since !== undefined && j >= since;
}

/** F1: V3 and later say their generation alone, and all else in FB. */
export function versionBytes(model: StLinkModel, { v, j, s, m }: FirmwareVersion): number[] {
  const word = model.generation === 2 ? (v << 12) | (j << 6) | (s || m) : model.generation << 12;
  return [word >>> 8, word & 0xff, 0x83, 0x04, model.productId & 0xff, model.productId >>> 8];
}

/** FB: hardware, SWIM, JTAG and SWD, mass storage, bridge, power, two zeros, VID, PID. */
export function extendedVersionBytes(model: StLinkModel, { v, j, s, m, b, p }: FirmwareVersion): number[] {
  return [v, s, j, m, b, p, 0, 0, 0x83, 0x04, model.productId & 0xff, model.productId >>> 8];
}
