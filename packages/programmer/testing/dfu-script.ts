/** Lines of a script for `scriptedPort` that stand for whole DfuSe operations (AN3156 §5). */

export const IDLE = 'GETSTATUS -> 000000000200';
export const BUSY = 'GETSTATUS -> 000000000400';
export const DONE = 'GETSTATUS -> 000000000500';
export const UPLOADING = 'GETSTATUS -> 000000000900';
export const ABORT = 'ABORT -> ok';

/** A DNLOAD that is done at its second poll. */
export const operation = (request: string): string[] => [`${request} -> ok`, BUSY, DONE];

/** As it stands in a command: lowest byte first. */
export const addressHex = (address: number): string =>
  [...(address.toString(16).padStart(8, '0').match(/../g) ?? [])].reverse().join('');

export const setAddress = (address: number): string[] => operation(`DNLOAD 0 21${addressHex(address)}`);
export const erase = (address: number): string[] => operation(`DNLOAD 0 41${addressHex(address)}`);

/** Set Address, and the ABORT behind which blocks can be read. */
export const pointTo = (address: number): string[] => [...setAddress(address), ABORT];

/** A short read of an idle device that is asked politely, and the way back to rest. */
export const readOf = (address: number, hex: string): string[] => [
  ...pointTo(address),
  `UPLOAD 2 ${hex.length / 2} -> ${hex}`,
  UPLOADING,
  ABORT,
  IDLE,
];

/** The same where the device answers with an error. */
export const refusedRead = (address: number, length: number, status: string): string[] => [
  ...pointTo(address),
  `UPLOAD 2 ${length} -> STALL`,
  `GETSTATUS -> ${status}0000000a00`,
  `GETSTATUS -> ${status}0000000a00`,
  'CLRSTATUS -> ok',
  IDLE,
];
