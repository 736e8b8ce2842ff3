/** sureflash as a user of the guest calls it, and what its `--json` says at the end. */
import assert from 'node:assert/strict';
import { SUREFLASH } from './files.mjs';

/** Root's files may be read (the repository may lie in root's home), devices may not be opened. */
export const AS_NOBODY =
  'setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+dac_read_search --ambient-caps=+dac_read_search';

/** Ends on its own long before: whoever is still there then hangs. */
const LIMIT_MS = 90_000;

/**
 * @param {string} args
 * @param {{ as?: string }} [options] what goes before the command
 * @returns the command's end, and the last JSON line that it printed
 */
export async function sureflash(guest, args, { as = '' } = {}) {
  const ended = await guest.run(`${as} ${SUREFLASH} ${args} --json`, { limitMs: LIMIT_MS });
  const lines = ended.out.trim().split('\n').filter(Boolean);
  return { ...ended, lines: lines.map((line) => JSON.parse(line)), result: JSON.parse(lines.at(-1) ?? '{}') };
}

/** @param code undefined for success */
export function assertEnd({ status, result, out, err }, exitCode, code) {
  const detail = `${out.slice(-1500)}${err.slice(-1500)}`;
  assert.equal(status, exitCode, `exit ${status}, not ${exitCode}\n${detail}`);
  assert.equal(result.code, code, `code ${result.code}, not ${code}\n${detail}`);
  assert.equal(result.ok, exitCode === 0, detail);
}
