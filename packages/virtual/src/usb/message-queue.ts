/** Messages of a device for its host, behind one bulk IN endpoint. It knows no endpoint and no protocol. */

import type { BulkReply } from './model.ts';

export class MessageQueue {
  readonly #packetBytes: number;
  /** Oldest first. */
  readonly #messages: Uint8Array[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes;
  }

  /** See `UsbDeviceModel.onReady`. */
  onReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tellReady(): void {
    for (const listener of this.#listeners) listener();
  }

  send(message: Uint8Array): void {
    this.#messages.push(message.slice());
    this.tellReady();
  }

  /**
   * It knows nothing of the host's buffer and gives whole packets: the last of them may be more than the host expects.
   * @param length of the host's buffer
   */
  take(length: number): BulkReply {
    const [message] = this.#messages;
    if (!message) return { kind: 'nak' };
    const room = Math.ceil(length / this.#packetBytes) * this.#packetBytes;
    const left = message.subarray(room);
    if (left.length === 0) this.#messages.shift();
    else this.#messages[0] = left;
    return { kind: 'data', bytes: message.slice(0, room) };
  }

  clear(): void {
    this.#messages.length = 0;
  }
}
