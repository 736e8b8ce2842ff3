/** A terminal as far as progress needs one: cursor up, return, erase, wrap at the right edge; no scrolling. */

import { ESCAPE } from './harness.ts';

const TOKEN = new RegExp(`${ESCAPE}\\[(?<count>\\d*)(?<command>[A-Za-z])|(?<plain>[^])`, 'gu');

const COLOR_CODE = new RegExp(`${ESCAPE}\\[\\d*m`, 'gu');

export class Screen {
  readonly #width: number;
  readonly #rows: string[][] = [[]];
  #row = 0;
  #column = 0;
  /** Colour codes that no letter has followed yet. */
  #codes = '';

  constructor(width: number) {
    this.#width = width;
  }

  get lines(): string[] {
    return this.coloredLines.map((line) => line.replace(COLOR_CODE, ''));
  }

  /** With the codes of the colours where they came. */
  get coloredLines(): string[] {
    const lines = this.#rows.map((row) => row.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  write(text: string): void {
    for (const { groups } of text.matchAll(TOKEN)) {
      const { count = '', command, plain } = groups ?? {};
      if (plain !== undefined) this.#put(plain);
      else this.#obey(command ?? '', count);
    }
  }

  #put(sign: string): void {
    if (sign === '\n') {
      this.#endColors();
      this.#down();
    } else if (sign === '\r') {
      this.#column = 0;
    } else {
      if (this.#column === this.#width) this.#down();
      const row = this.#rows[this.#row] ?? [];
      while (row.length < this.#column) row.push(' ');
      row[this.#column++] = this.#codes + sign;
      this.#codes = '';
    }
  }

  #down(): void {
    this.#row++;
    this.#column = 0;
    this.#rows[this.#row] ??= [];
  }

  /** Codes behind the last letter of a line stay with that letter. */
  #endColors(): void {
    const row = this.#rows[this.#row] ?? [];
    const last = row.length - 1;
    if (last >= 0) row[last] += this.#codes;
    this.#codes = '';
  }

  #obey(command: string, count: string): void {
    if (command === 'm') this.#codes += `${ESCAPE}[${count}m`;
    else if (command === 'A') this.#row = Math.max(0, this.#row - Number(count || 1));
    else if (command === 'K' && count === '2') this.#rows[this.#row] = [];
    else if (command === 'J' && (count === '' || count === '0')) this.#eraseBelow();
    else throw new Error(`a terminal need not know ESC [ ${count} ${command}`);
  }

  #eraseBelow(): void {
    this.#rows[this.#row] = (this.#rows[this.#row] ?? []).slice(0, this.#column);
    this.#rows.length = this.#row + 1;
  }
}
