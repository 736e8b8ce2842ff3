/**
 * What a program printed, held against what it printed when the expectation was written. A file has one section per call:
 * `## NAME`, the command, its exit status, standard output and standard error, without what differs between two runs.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { here } from './here.ts';

const HEAD = /^## (.+)$/m;

export interface TranscriptOptions {
  /** Write what is seen. */
  readonly update?: boolean;
}

/** What a program ended with. */
interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export class Transcript {
  readonly #path: string;
  readonly #update: boolean;
  #sections = new Map<string, string>();

  /** @param name of the file in `expectations` */
  constructor(name: string, { update = false }: TranscriptOptions = {}) {
    this.#path = here(`testbed/expectations/${name}.txt`);
    this.#update = update;
    if (!update && existsSync(this.#path)) this.#sections = sectionsOf(readFileSync(this.#path, 'utf8'));
  }

  /** @throws AssertionError when it differs */
  expect(name: string, command: string, { status, out, err }: Said): void {
    const text = [`$ ${command.replace(/ -p \S+/, ' -p P')}`, `exit ${status}`, marked('out', out), marked('err', err)]
      .filter(Boolean)
      .join('\n');
    if (this.#update) {
      this.#sections.set(name, text);
      const all = [...this.#sections].map(([title, body]) => `## ${title}\n\n${body}\n`);
      writeFileSync(this.#path, all.join('\n'));
      return;
    }
    assert.equal(text, this.#sections.get(name) ?? '(no expectation: run with --update and look at what is written)');
  }
}

function sectionsOf(text: string): Map<string, string> {
  const [, ...parts] = text.split(HEAD);
  const sections = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) sections.set(parts[at] ?? '', (parts[at + 1] ?? '').trim());
  return sections;
}

function marked(mark: string, text: string): string {
  if (text.trim() === '') return '';
  const lines = normalised(text);
  return lines.map((line) => `${mark}| ${line}`.trimEnd()).join('\n');
}

/** A progress bar shows its last state; addresses on the bus and times are the run's own. */
function normalised(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .replace(/\r+$/, '')
        .replace(/^.*\r/s, '')
        .replace(/devnum=\d+/, 'devnum=N')
        .replace(/path="[^"]*"/, 'path="P"')
        .replace(/\d+([.,]\d+)? (ms|s|seconds|KB\/s)\b/g, 'N $2'),
    );
}
