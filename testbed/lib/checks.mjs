/** One line for each thing that was tried, and the sum at the end. */

export class Checks {
  passed = 0;
  failures = [];
  #area = '';
  #show;

  /** @param {(line: string) => void} [show] */
  constructor(show = console.log) {
    this.#show = show;
  }

  area(name) {
    this.#area = name;
    this.#show(`\n${name}`);
  }

  /** Goes on after a failure: what follows may still tell something. @returns what `work` returned, if it passed */
  async check(sentence, work) {
    const started = performance.now();
    try {
      const result = await work();
      this.passed += 1;
      this.#show(`PASS  ${sentence} (${seconds(started)})`);
      return result;
    } catch (error) {
      this.failures.push(`${this.#area}: ${sentence}`);
      this.#show(`FAIL  ${sentence} (${seconds(started)})`);
      const text = error instanceof Error && error.name !== 'AssertionError' ? error.stack : error.message;
      this.#show(String(text).replace(/^/gm, '      '));
      return undefined;
    }
  }

  /** Checks that run beside others: their lines are shown together when `work` has ended. */
  async apart(name, work) {
    const lines = [];
    const own = new Checks((line) => lines.push(line));
    own.area(name);
    await work(own).catch((error) => own.check('the rest', () => Promise.reject(error)));
    this.passed += own.passed;
    this.failures.push(...own.failures);
    this.#show(lines.join('\n'));
  }

  /** @returns the exit status */
  end() {
    this.#show('');
    for (const failure of this.failures) this.#show(`failed: ${failure}`);
    this.#show(`${this.passed} passed, ${this.failures.length} failed`);
    return this.failures.length === 0 ? 0 : 1;
  }
}

function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
