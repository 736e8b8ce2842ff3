/** Takes apart what the guest's agent sends: lines, and the bytes that an "end" line announces. */
import type { Socket } from 'node:net';

/** What a command ended with. */
interface CommandEnd {
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

interface Expected {
  readonly resolve: (answer: CommandEnd) => void;
  readonly reject: (error: Error) => void;
  readonly onLine: (line: string) => void;
}

export class Answers {
  #pending: Buffer = Buffer.alloc(0);
  readonly #waiting = new Map<string, Expected>();
  #isReady = (): void => {};
  readonly ready = new Promise<void>((resolve) => {
    this.#isReady = resolve;
  });

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      while (this.#take());
    });
    socket.on('error', () => {});
  }

  expect(id: string, onLine: (line: string) => void = () => {}): Promise<CommandEnd> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, onLine }));
  }

  fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** @returns whether something complete was there */
  #take(): boolean {
    const end = this.#pending.indexOf(10);
    if (end < 0) return false;
    const line = this.#pending.toString('utf8', 0, end);
    const [word, id = '', ...rest] = line.split(' ');
    if (word === 'end') return this.#takeEnd(id, rest.map(Number), end + 1);
    this.#pending = this.#pending.subarray(end + 1);
    if (word === 'ready') this.#isReady();
    if (word === 'line') this.#waiting.get(id)?.onLine(line.slice(`line ${id} `.length));
    return true;
  }

  #takeEnd(id: string, [status = 0, outBytes = 0, errBytes = 0]: readonly number[], start: number): boolean {
    const middle = start + outBytes;
    const stop = middle + errBytes;
    if (this.#pending.length < stop) return false;
    const stdout = new Uint8Array(this.#pending.subarray(start, middle));
    const stderr = new Uint8Array(this.#pending.subarray(middle, stop));
    this.#pending = this.#pending.subarray(stop);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve({ status, stdout, stderr });
    return true;
  }
}
