/** The interfaces of one opened device: which of them this program has claimed, in which setting, and which are taken. */

import type { EnumeratedInterface } from './enumerate.ts';
import type { MutableInterface } from './webusb-convert.ts';
import { toInterface } from './webusb-convert.ts';
import type { WebUsbAlternate } from './webusb-shapes.ts';
import { WireFailure } from './wire.ts';

/** What the operating system holds as claimed, by interface number, with the claimant; shared by all who see a device. */
export type Claims = Map<number, ClaimedInterfaces>;

/** A claimed interface in one alternate setting. Its bulk transfers end with it (Linux: usb_disable_interface). */
interface Setting {
  readonly alternate: WebUsbAlternate;
  readonly transfers: AbortController;
}

export class ClaimedInterfaces {
  readonly all: MutableInterface[];
  readonly #claims: Claims;
  readonly #settings = new Map<number, Setting>();

  constructor(interfaces: readonly EnumeratedInterface[], claims: Claims) {
    this.all = interfaces.map(({ number, alternates }) => toInterface(number, alternates));
    this.#claims = claims;
  }

  find(interfaceNumber: number): MutableInterface | undefined {
    return this.all.find((candidate) => candidate.interfaceNumber === interfaceNumber);
  }

  /** @returns false if it is somebody else's */
  claim(wanted: MutableInterface): boolean {
    if (wanted.claimed) return true;
    if (this.#claims.has(wanted.interfaceNumber)) return false;
    this.#claims.set(wanted.interfaceNumber, this);
    wanted.claimed = true;
    this.select(wanted, wanted.alternate);
    return true;
  }

  /** From here on the endpoints of `alternate` are there, and no others of this interface. */
  select({ interfaceNumber }: MutableInterface, alternate: WebUsbAlternate): void {
    this.#end(interfaceNumber);
    this.#settings.set(interfaceNumber, { alternate, transfers: new AbortController() });
  }

  /** @returns the signal that ends transfers of this endpoint; `undefined` if no claimed interface has it now */
  endpoint(address: number): AbortSignal | undefined {
    const direction = (address & 0x80) === 0 ? 'out' : 'in';
    const has = ({ alternate }: Setting) =>
      alternate.endpoints.some((each) => each.endpointNumber === (address & 0xf) && each.direction === direction);
    return [...this.#settings.values()].find(has)?.transfers.signal;
  }

  /** All bulk transfers end; what is claimed stays so. */
  endTransfers(): void {
    for (const [number, { alternate }] of this.#settings) {
      this.#end(number);
      this.#settings.set(number, { alternate, transfers: new AbortController() });
    }
  }

  release(claimed: MutableInterface): void {
    this.#end(claimed.interfaceNumber);
    this.#settings.delete(claimed.interfaceNumber);
    claimed.claimed = false;
    if (this.#claims.get(claimed.interfaceNumber) === this) this.#claims.delete(claimed.interfaceNumber);
  }

  releaseAll(): void {
    for (const claimed of this.all) this.release(claimed);
  }

  #end(interfaceNumber: number): void {
    this.#settings.get(interfaceNumber)?.transfers.abort(new WireFailure('cancelled'));
  }
}
