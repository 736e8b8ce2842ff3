/** One line for each thing that was tried, and the sum at the end. */

type Show = (line: string) => void;

export class Checks {
  passed = 0;
  readonly failures: string[] = [];
  #area = '';
  readonly #show: Show;

  constructor(show: Show = console.log) {
    this.#show = show;
  }

  area(name: string): void {
    this.#area = name;
    this.#show(`\n${name}`);
  }

  /** Goes on after a failure: what follows may still tell something. @returns what `work` returned, if it passed */
  async check<T>(sentence: string, work: () => T | Promise<T>): Promise<T | undefined> {
    const started = performance.now();
    try {
      const result = await work();
      this.passed += 1;
      this.#show(`PASS  ${sentence} (${secondsSince(started)})`);
      return result;
    } catch (error) {
      this.failures.push(`${this.#area}: ${sentence}`);
      this.#show(`FAIL  ${sentence} (${secondsSince(started)})`);
      this.#show(textOf(error).replace(/^/gm, '      '));
      return undefined;
    }
  }

  /** Checks that run beside others: their lines are shown together when `work` has ended. */
  async apart(name: string, work: (own: Checks) => Promise<void>): Promise<void> {
    const lines: string[] = [];
    const own = new Checks((line) => lines.push(line));
    own.area(name);
    await work(own).catch(async (error: unknown) => {
      await own.check('the rest', () => Promise.reject(error));
    });
    this.passed += own.passed;
    this.failures.push(...own.failures);
    this.#show(lines.join('\n'));
  }

  /** @returns the exit status */
  end(): number {
    this.#show('');
    for (const failure of this.failures) this.#show(`failed: ${failure}`);
    this.#show(`${this.passed} passed, ${this.failures.length} failed`);
    return this.failures.length === 0 ? 0 : 1;
  }
}

/** An assertion says all in its message; anything else needs its stack. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'AssertionError' ? error.message : (error.stack ?? error.message);
}

function secondsSince(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
