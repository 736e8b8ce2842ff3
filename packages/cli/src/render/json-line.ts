/** One line of `--json`. Its form is described in `json-lines.schema.json`, beside the sources. */

/** Counts up when a line changes so that a program that reads it may break; more fields and more types do not. */
export const JSON_SCHEMA_VERSION = 1;

export interface JsonLine extends Readonly<Record<string, unknown>> {
  readonly type: string;
}

/** JSON escapes none of these, and a terminal may show them. */
const UNESCAPED = /[\u007f-\u009f]|[\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapedCode(letter: string): string {
  return Array.from(
    { length: letter.length },
    (_, i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}

/** Times and shares are rounded to a thousandth. */
export function jsonLine({ type, ...fields }: JsonLine): string {
  const line = JSON.stringify({ type, schema: JSON_SCHEMA_VERSION, ...fields }, roundedNumber);
  return `${line.replace(UNESCAPED, escapedCode)}\n`;
}

function roundedNumber(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1000) / 1000 : value;
}
