/** Small pieces of C: numbers, comments, blocks. It knows no chip. */

/** `0x08000000u` */
export const u32 = (value: number): string => `0x${(value >>> 0).toString(16).toUpperCase().padStart(8, '0')}u`;

/** A block comment of paragraphs, wrapped at 110 columns. */
export function comment(paragraphs: readonly string[], indent = ''): string {
  const lines = paragraphs.flatMap((paragraph) => ['', ...wrap(paragraph, 106 - indent.length)]).slice(1);
  if (lines.length === 1) return `${indent}/* ${lines[0]} */`;
  const body = lines.map((line) => (line === '' ? `${indent} *` : `${indent} * ${line}`));
  return [`${indent}/*`, ...body, `${indent} */`].join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of safe(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Nothing that was put in may end the comment. */
const safe = (text: string): string => text.replaceAll('*/', '* /').replaceAll('\n', ' ');

/** Joins parts that are there, one blank line between them, one newline at the end. */
export function document(parts: readonly (string | undefined)[]): string {
  return `${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`;
}

/** Statements at one level of indentation; blank ones are left out. */
export function lines(parts: readonly (string | undefined)[], indent = '  '): string {
  return parts
    .filter((part) => part !== undefined && part !== '')
    .flatMap((part) => (part ?? '').split('\n'))
    .map((line) => (line === '' || line.startsWith('#') ? line : `${indent}${line}`))
    .join('\n');
}
