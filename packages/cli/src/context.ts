/** What every command gets: where to write, how to write it, when to stop. */
import type { Clock, Sector } from '@sureflash/programmer';
import type { Io } from './io.ts';
import { jsonProgress, liveProgress, type ProgressView, plainProgress, silentProgress } from './render/progress.ts';
import { COLORED, PLAIN, type Style } from './render/style.ts';
import { labelled } from './render/wrap.ts';

export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

export class Context {
  readonly io: Io;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly style: Style;

  constructor(io: Io, { json = false, quiet = false, color = true }: GlobalOptions) {
    this.io = io;
    this.json = json;
    this.quiet = quiet;
    this.style = io.color && color && !json ? COLORED : PLAIN;
  }

  /** A result for people, on standard output; nothing with `--json`. */
  print(text = ''): void {
    if (!this.json) this.io.out.write(`${text}\n`);
  }

  /** A result with the word that it begins with, wrapped in a terminal. */
  result(label: string, text: string): void {
    this.print(labelled(label, text, this.io.out));
  }

  /** A remark beside the result, on standard error; nothing with `--json` or `--quiet`. */
  remark(text: string): void {
    if (!this.json && !this.quiet) this.io.err.write(`${text}\n`);
  }

  /** One JSON line on standard output; nothing without `--json`. */
  emit(object: { readonly type: string } & Readonly<Record<string, unknown>>): void {
    if (this.json) this.io.out.write(`${JSON.stringify(object)}\n`);
  }

  /** A remark with the word that it begins with, wrapped in a terminal. */
  note(label: string, text: string): void {
    this.remark(labelled(label, text, this.io.err));
  }

  progress(clock: Pick<Clock, 'now'>, sectors: readonly Sector[] = []): ProgressView {
    const options = { stream: this.json ? this.io.out : this.io.err, style: this.style, now: () => clock.now() };
    if (this.json) return jsonProgress(options);
    if (this.quiet) return silentProgress;
    return this.io.err.isTty ? liveProgress(options, sectors) : plainProgress(options);
  }
}
