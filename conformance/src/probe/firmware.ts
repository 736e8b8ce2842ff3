/** Firmware for chips behind a probe: a program that stays where it is, and a pattern. */
import { MemoryImage } from '@sureflash/image';

const FIRMWARE_START = 0x0800_0000;

/** Stack and reset vector are where they should be; behind them MOVS R0, #42 and B to itself. Another seed, another pattern. */
export function firmwareOf(seed: number, bytes = 3_000): MemoryImage {
  const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8) * 13 + seed) & 0xff);
  const view = new DataView(data.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, FIRMWARE_START + 0x101, true);
  view.setUint32(0x100, 0xe7fe_202a, true);
  return new MemoryImage([{ address: FIRMWARE_START, bytes: data }]);
}
