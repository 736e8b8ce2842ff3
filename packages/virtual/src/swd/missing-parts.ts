/** What was asked of a chip that its model does not have, and who asked. It knows no chip. */

import { NotModelledError } from '../core/index.ts';

/** The probe, by an access of its own or by code that it set going; or the program that the board holds. */
export type Asker = 'probe' | 'board';

export class MissingParts {
  readonly #askers = new Map<string, Set<Asker>>();

  /** Throws `thrown` on where it is no `NotModelledError`. */
  note(thrown: unknown, asker: Asker): void {
    if (!(thrown instanceof NotModelledError)) throw thrown;
    const askers = this.#askers.get(thrown.message) ?? new Set();
    this.#askers.set(thrown.message, askers.add(asker));
  }

  /** Each part once, in the order in which they were first asked for. @param asker absent, whoever asked */
  askedFor(asker?: Asker): string[] {
    return [...this.#askers].filter(([, askers]) => asker === undefined || askers.has(asker)).map(([part]) => part);
  }
}
