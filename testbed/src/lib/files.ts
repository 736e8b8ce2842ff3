/** The images that are programmed, and how programs are called in the guest. */

import { readFileSync } from 'node:fs';
import { FLASH_START } from './bytes.ts';
import { type Guest, quote } from './guest.ts';
import { here } from './here.ts';
import { BUNDLE } from './program.ts';

export const FIRMWARE = here('examples/firmware/out/dashboard-v1');
export const v1 = new Uint8Array(readFileSync(`${FIRMWARE}.bin`));
/** Ten blocks of 2 KB: enough to see, quick on modelled silicon. Its vector table is whole. */
export const small = v1.slice(0, 20 * 1024);

/** In the guest; `/run` is its own. */
export const FOLDER = '/run/images';

export const SUREFLASH = `${quote(process.execPath)} ${quote(BUNDLE)}`;

/** The same bytes again each time, and never all ones: what a compiler might have made. */
export function imageOf(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** The same with a stack and an entry for the start of flash, and a loop there. */
export function imageWithStart(length: number, seed: number): Uint8Array {
  const image = imageOf(length, seed);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, FLASH_START + 0x101, true);
  view.setUint16(0x100, 0xe7fe, true);
  return image;
}

/** Puts the images where programs in the guest find them. */
export async function handOver(guest: Guest, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await guest.must(`mkdir -p ${FOLDER} && chmod 755 ${FOLDER}`);
  for (const [name, bytes] of Object.entries(files)) await guest.write(`${FOLDER}/${name}`, bytes);
}
