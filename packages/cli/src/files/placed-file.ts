/** A file with the address where it goes, as one word: `app.bin@0x08004000`. */
import { parsePlace } from '../base/numbers.ts';

export interface PlacedFile {
  readonly path: string;
  readonly at?: number;
}

/** Only a number behind the last `@` is an address: other file names may have one. @throws CommandError `usage` */
export function placedFile(word: string): PlacedFile {
  const match = /^(.+)@(0x[0-9a-f_]+|\d+[km]?b?)$/i.exec(word);
  if (match?.[1] === undefined || match[2] === undefined) return { path: word };
  return { path: match[1], at: parsePlace(match[2]) };
}
