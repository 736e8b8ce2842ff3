/**
 * Unique device ids as ST makes them: place on the wafer, then wafer and lot number in ASCII (reference manuals, device
 * signature).
 */

import { random, seedOf } from '../random.ts';

type Words = readonly [number, number, number];

/** @param serial 12 hex digits that ST's recipe (`serialFromUid`) shall give; absent, the id is made up for the name */
export function uidOf(name: string, serial?: string): Words {
  return serial === undefined ? madeUp(name) : withSerial(serial);
}

/** The recipe adds the first and the third word and takes the upper half of the second. */
function withSerial(serial: string): Words {
  const place = 0x0021_0044;
  const sum = Number.parseInt(serial.slice(0, 8), 16);
  const upper = Number.parseInt(serial.slice(8), 16);
  return [place, ((upper << 16) | 0x5007) >>> 0, (sum - place) >>> 0];
}

function madeUp(name: string): Words {
  const next = random(seedOf(name));
  const below = (limit: number) => Math.floor(next() * limit);
  const digits = (count: number) => Array.from({ length: count }, () => 0x30 + below(10));
  const word = (bytes: readonly number[]) => bytes.reduce((all, byte) => all * 256 + byte, 0);
  return [word([0, below(100), 0, below(100)]), word([...digits(3), 1 + below(25)]), word(digits(4))];
}
