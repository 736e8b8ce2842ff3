/** The changelog as text: one part of it, and the part of what is to come turned into that of a version. */

/** @param {string} text @param {string} heading `Unreleased` or a version @returns {string} what the part under that heading says */
export function changesIn(text, heading) {
  const parts = text.split(/^## /m);
  const part = parts.find((one) => one.split('\n', 1)[0].split(' ')[0] === heading);
  const body = part?.slice(part.indexOf('\n')).trim();
  if (!body) throw new Error(`CHANGELOG.md says nothing under "## ${heading}"`);
  return `${body}\n`;
}

/** @param {string} text @param {string} version @param {string} day as 2026-01-31 @returns {string} a changelog with nothing yet to come */
export function withVersion(text, version, day) {
  changesIn(text, 'Unreleased');
  if (new RegExp(`^## ${version.replaceAll('.', '\\.')} `, 'm').test(text))
    throw new Error(`CHANGELOG.md has ${version} already`);
  return text.replace('## Unreleased\n', `## Unreleased\n\n## ${version} (${day})\n`);
}
