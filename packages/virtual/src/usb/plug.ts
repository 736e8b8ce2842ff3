/** Whether a device is plugged in, and who is told when that changes. It knows no device. */

export class Plug {
  readonly #listeners = new Set<() => void>();
  #isIn = true;

  get isIn(): boolean {
    return this.#isIn;
  }

  /** Tells everybody, also where nothing has changed: a device that comes anew is another one. */
  set isIn(isIn: boolean) {
    this.#isIn = isIn;
    for (const listener of this.#listeners) listener();
  }

  /** See `UsbConnector.subscribe`. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
