/** sureflash as a user of the guest calls it, and what its `--json` says at the end. */
import assert from 'node:assert/strict';
import { SUREFLASH } from './files.ts';
import type { Ended, Guest } from './guest.ts';

/** Root's files may be read (the repository may lie in root's home), devices may not be opened. */
export const AS_NOBODY =
  'setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+dac_read_search --ambient-caps=+dac_read_search';

/** Ends on its own long before, also where others keep this machine busy: whoever is still there then hangs. */
const LIMIT_MS = 600_000;

/** A line of `--json`, as far as the rungs look at it. */
export interface JsonLine {
  readonly type?: string;
  readonly ok?: boolean;
  readonly code?: string;
  readonly remedy?: readonly string[];
  readonly devices?: number;
  readonly path?: string;
  readonly ids?: string;
  readonly vendorId?: number;
  readonly productId?: number;
  readonly serial?: string;
  readonly product?: string;
  readonly diagnosis?: object;
  readonly regions?: readonly { readonly kind: string; readonly sectors: number }[];
  readonly facts?: { readonly devices?: readonly { readonly path: string }[] };
}

/** A call's end, every line that it printed, and the last of them. */
export interface SureflashEnded extends Ended {
  readonly lines: readonly JsonLine[];
  readonly result: JsonLine;
}

/** @param as what goes before the command */
export async function sureflash(guest: Guest, args: string, { as = '' } = {}): Promise<SureflashEnded> {
  const ended = await guest.run(`${as} ${SUREFLASH} ${args} --json`, { limitMs: LIMIT_MS });
  const lines = ended.out.trim().split('\n').filter(Boolean);
  const parsed = lines.map((line) => JSON.parse(line) as JsonLine);
  return { ...ended, lines: parsed, result: parsed.at(-1) ?? {} };
}

/** @param code undefined for success */
export function assertEnd({ status, result, out, err }: SureflashEnded, exitCode: number, code?: string): void {
  const detail = `${out.slice(-1500)}${err.slice(-1500)}`;
  assert.equal(status, exitCode, `exit ${status}, not ${exitCode}\n${detail}`);
  assert.equal(result.code, code, `code ${result.code}, not ${code}\n${detail}`);
  assert.equal(result.ok, exitCode === 0, detail);
}
