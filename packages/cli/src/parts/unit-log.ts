/** The record of a production: one JSON line for each board, added to a file that may already have some. */
import type { Io } from '../base/io.ts';
import { fileError } from '../files/file-access.ts';
import { type JsonLine, jsonLine } from '../render/json-line.ts';

export class UnitLog {
  readonly #io: Io;
  readonly #path: string;

  private constructor(io: Io, path: string) {
    this.#io = io;
    this.#path = path;
  }

  /** @throws CommandError where the file cannot be written, before any board is touched */
  static async open(io: Io, path: string): Promise<UnitLog> {
    const log = new UnitLog(io, path);
    await log.#append('');
    return log;
  }

  /** @throws CommandError as `open` */
  async add(line: JsonLine): Promise<void> {
    await this.#append(jsonLine({ ...line, at: new Date().toISOString() }));
  }

  async #append(text: string): Promise<void> {
    try {
      await this.#io.appendFile(this.#path, text);
    } catch (cause) {
      throw fileError(this.#path, 'written', cause);
    }
  }
}
