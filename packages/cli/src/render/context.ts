/** What every command gets: where to write, how to write it, when to stop. */
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { type JsonLine, jsonLine } from './json-line.ts';
import { COLORED, PLAIN, type Style } from './style.ts';
import { labelled } from './wrap.ts';

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly verbose?: boolean;
}

export class Context {
  readonly io: Io;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly style: Style;
  /** Of a command that ends without an error. */
  exitCode: ExitCode = EXIT.success;
  readonly verbose: boolean;
  /** The command line as it was given, for a report. */
  readonly words: readonly string[];
  /** Options in the words of the person who gave the command: those of another tool, where the command was that tool's. */
  wording: (text: string) => string = (text) => text;

  constructor(
    io: Io,
    { json = false, quiet = false, color = true, verbose = false }: OutputOptions,
    words: readonly string[] = [],
  ) {
    this.io = io;
    this.json = json;
    this.quiet = quiet;
    this.verbose = verbose;
    this.words = words;
    this.style = io.color && color && !json ? COLORED : PLAIN;
  }

  /** A result for people, on standard output; nothing with `--json`. */
  print(text = ''): void {
    if (!this.json) this.io.out.write(`${text}\n`);
  }

  /** A result with the word that it begins with, wrapped in a terminal. */
  result(label: string, text: string): void {
    this.print(labelled(label, this.wording(text), this.io.out));
  }

  /** A remark beside the result, on standard error; nothing with `--json` or `--quiet`. */
  remark(text: string): void {
    if (!this.json && !this.quiet) this.io.err.write(`${text}\n`);
  }

  /** What goes wrong beside a job and must be known, also with `--quiet`; on standard error. */
  warn(text: string): void {
    if (!this.json) this.io.err.write(`${labelled(this.style.warn('Warning'), this.wording(text), this.io.err)}\n`);
  }

  /** One JSON line on standard output; nothing without `--json`. */
  emit(line: JsonLine): void {
    if (this.json) this.io.out.write(jsonLine(line));
  }

  /** A remark with the word that it begins with, wrapped in a terminal. */
  note(label: string, text: string): void {
    this.remark(labelled(label, this.wording(text), this.io.err));
  }

  /** A remark that only `--verbose` asks for. */
  detail(label: string, text: string): void {
    if (this.verbose) this.note(this.style.dim(label), this.style.dim(text));
  }

  /** For a job that is told in one line by somebody else: only warnings are heard, and bytes that only we have. */
  warningsOnly(): Context {
    return this.#like(new Context({ ...this.io, out: NOWHERE }, { quiet: true, color: this.style === COLORED }));
  }

  /** The same with results on standard error: standard output has something else to carry. */
  besideOutput(): Context {
    const { io, quiet, verbose, style, words } = this;
    return this.#like(new Context({ ...io, out: io.err }, { quiet, verbose, color: style === COLORED }, words));
  }

  #like(other: Context): Context {
    other.wording = this.wording;
    return other;
  }
}

const NOWHERE = { write: () => undefined, isTty: false, redraws: false, columns: () => 80 } as const;
