/** The interfaces of one opened device: which of them this program has claimed, and which are taken. */

import type { EnumeratedInterface } from './enumerate.ts';
import type { MutableInterface } from './webusb-convert.ts';
import { toInterface } from './webusb-convert.ts';

/** What the operating system holds as claimed, by interface number, with the claimant; shared by all who see a device. */
export type Claims = Map<number, ClaimedInterfaces>;

export class ClaimedInterfaces {
  readonly all: MutableInterface[];
  readonly #claims: Claims;

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
    return true;
  }

  release(claimed: MutableInterface): void {
    claimed.claimed = false;
    if (this.#claims.get(claimed.interfaceNumber) === this) this.#claims.delete(claimed.interfaceNumber);
  }

  releaseAll(): void {
    for (const claimed of this.all) this.release(claimed);
  }
}
