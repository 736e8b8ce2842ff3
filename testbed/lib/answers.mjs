/** Takes apart what the guest's agent sends: lines, and the bytes that an "end" line announces. */

export class Answers {
  #pending = Buffer.alloc(0);
  #waiting = new Map();
  #isReady = () => {};
  ready = new Promise((resolve) => {
    this.#isReady = resolve;
  });

  constructor(socket) {
    socket.on('data', (chunk) => {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      while (this.#take());
    });
    socket.on('error', () => {});
  }

  /** @returns {Promise<{ status: number, stdout: Uint8Array, stderr: Uint8Array }>} */
  expect(id, onLine = () => {}) {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, onLine }));
  }

  fail(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** @returns whether something complete was there */
  #take() {
    const end = this.#pending.indexOf(10);
    if (end < 0) return false;
    const line = this.#pending.toString('utf8', 0, end);
    const [word, id, ...rest] = line.split(' ');
    if (word === 'end') return this.#takeEnd(id, rest.map(Number), end + 1);
    this.#pending = this.#pending.subarray(end + 1);
    if (word === 'ready') this.#isReady();
    if (word === 'line') this.#waiting.get(id)?.onLine(line.slice(`line ${id} `.length));
    return true;
  }

  #takeEnd(id, [status, outBytes, errBytes], start) {
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
