/** Cuts a byte stream into the frames that a protocol asks for. Knows nothing about sockets or about USB/IP. */

/**
 * Feeds a reader from a stream. The reader is a generator that yields how many bytes it needs next and is resumed with
 * exactly those, however the stream cut them. What it throws, `push` throws.
 */
export class FrameReader<T> {
  readonly #reader: Generator<number, T, Uint8Array>;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #needs: number;
  #result: { readonly value: T } | undefined;

  constructor(reader: Generator<number, T, Uint8Array>) {
    this.#reader = reader;
    this.#needs = 0;
    this.#take(reader.next());
  }

  /** What the reader returned, once it has. */
  get result(): { readonly value: T } | undefined {
    return this.#result;
  }

  /** The bytes that have come and are not cut into a frame yet, or never will be. */
  get rest(): Uint8Array {
    return Uint8Array.from(this.#chunks.flatMap((chunk) => [...chunk]));
  }

  /** Adds bytes of the stream, and resumes the reader for each frame that they complete. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#result === undefined && this.#held >= this.#needs) {
      this.#take(this.#reader.next(this.#cut(this.#needs)));
    }
  }

  #take(step: IteratorResult<number, T>): void {
    if (step.done === true) {
      this.#result = { value: step.value };
    } else {
      this.#needs = step.value;
    }
  }

  #cut(length: number): Uint8Array {
    const whole = this.#chunks[0];
    // Most frames lie in one chunk, which nobody writes into any more.
    if (whole && whole.length >= length) {
      if (whole.length > length) this.#chunks[0] = whole.subarray(length);
      else this.#chunks.shift();
      this.#held -= length;
      return new Uint8Array(whole.buffer, whole.byteOffset, length);
    }
    const frame = new Uint8Array(length);
    let filled = 0;
    let used = 0;
    while (filled < length) {
      const chunk = this.#chunks[used];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, length - filled);
      frame.set(part, filled);
      filled += part.length;
      if (part.length < chunk.length) this.#chunks[used] = chunk.subarray(part.length);
      else used += 1;
    }
    this.#chunks.splice(0, used);
    this.#held -= length;
    return frame;
  }
}
