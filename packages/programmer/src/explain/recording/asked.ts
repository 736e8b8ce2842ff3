/** Operations that nobody has carried out yet. */
import type { Range } from '../../target/geometry.ts';
import type { Change, LoaderRestart, ReadRequest } from './record.ts';

/** What a trial is made of. */
export type Asked = Change | ReadRequest;
/** What can be simulated. */
export type AskedOrRestart = Asked | LoaderRestart;

export const eraseOf = ({ start, end }: Range): Change => ({ kind: 'erase', address: start, length: end - start });

/** One read that begins where the address was set. */
export const readAt = (address: number, length: number): ReadRequest => ({
  kind: 'read',
  base: address,
  number: 0,
  address,
  length,
});
