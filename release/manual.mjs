/** The manual page, made from the help of the program itself. It knows roff, and no verb. */

/** Help lists a verb as two blanks, its name, blanks and what it does. */
const VERB = /^ {2}([a-z][a-z-]*) {2,}\S/;

/**
 * @param {{ version: string, description: string, ask: (...words: string[]) => string }} program
 * @returns {string} roff, for section 1
 */
export function manualOf({ version, description, ask }) {
  const overview = ask('--help');
  const [commands] = overview.split(/^Examples:/m);
  const verbs = (commands ?? '').split('\n').flatMap((line) => VERB.exec(line)?.[1] ?? []);
  if (verbs.length < 5) throw new Error('the help of the program does not list its verbs as it did');
  return [
    `.TH SUREFLASH 1 "" "sureflash ${version}" "User Commands"`,
    '.SH NAME',
    'sureflash \\- program STM32 microcontrollers and prove every byte',
    '.SH SYNOPSIS',
    '.B sureflash',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    text(description),
    '.SH OVERVIEW',
    asItIs(overview),
    '.SH COMMANDS',
    ...verbs.map((verb) => `.SS "sureflash ${text(verb)}"\n${asItIs(ask(verb, '--help'))}`),
    '',
  ].join('\n');
}

/** @param {string} lines that keep their breaks and columns */
const asItIs = (lines) => `.nf\n${lines.trimEnd().split('\n').map(text).join('\n')}\n.fi`;

/** @param {string} line in which nothing is a request, and every hyphen can be copied into a shell */
function text(line) {
  const escaped = line.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
