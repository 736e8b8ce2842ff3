/** Whether what was written to a stream has arrived. A reader that has gone is no error; a full disk is one. */

/** The reader has ended, or the terminal was closed. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

export class OutputState {
  readonly #stream: NodeJS.WriteStream;
  #failure: Error | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!READER_GONE.has(error.code ?? '')) this.#failure ??= error;
    });
  }

  /** @returns why something has not arrived, once everything has been tried */
  async failure(): Promise<Error | undefined> {
    await new Promise<void>((resolve) => {
      if (this.#stream.destroyed) resolve();
      else this.#stream.write('', () => resolve());
    });
    return this.#failure;
  }
}
