/**
 * The page that lists where the figures of the models come from, made from the marks in the source text and from the rows
 * of the table. It reads no files.
 */

import type { RomRow } from './table/row.ts';
import { scenarioNameOf } from './table/table.ts';

/** A source file by its path below `src/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const FIGURE_KINDS = ['recorded', 'documented', 'guess'] as const;
type FigureKind = (typeof FIGURE_KINDS)[number];

interface Figure {
  readonly kind: FigureKind;
  readonly path: string;
  /** The name of the property or constant that the mark is the value of. */
  readonly name: string;
  readonly value: string;
  /** Source of a recording or document; reason of a guess. */
  readonly why: string;
}

const MARK = /\b(recorded|documented|guess)\(/g;
const OPENING = '([{';
const CLOSING = ')]}';

/** @returns all marks of these files, in their order */
export function figuresOf(files: readonly SourceFile[]): Figure[] {
  return files
    .filter(({ path }) => path !== 'provenance.ts' && path !== 'figures-page.ts')
    .flatMap(({ path, text }) => [...text.matchAll(MARK)].map((match) => figureAt(path, text, match)));
}

function figureAt(path: string, text: string, match: RegExpExecArray): Figure {
  const from = match.index + match[0].length;
  const [value = '', why = ''] = argumentsFrom(text, from);
  const kind = FIGURE_KINDS.find((each) => each === match[1]) ?? 'guess';
  return { kind, path, name: nameBefore(text.slice(0, match.index)), value: oneLine(value), why: unquoted(why) };
}

/** The arguments of the call whose first character is at `from`. */
function argumentsFrom(text: string, from: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = from;
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (quote !== '') {
      if (letter === quote && text[at - 1] !== '\\') quote = '';
    } else if (`'"\``.includes(letter)) quote = letter;
    else if (OPENING.includes(letter)) depth += 1;
    else if (depth > 0 && CLOSING.includes(letter)) depth -= 1;
    else if (letter === ',' && depth === 0) {
      found.push(text.slice(start, at));
      start = at + 1;
    } else if (letter === ')') return [...found, text.slice(start, at)];
  }
  return found;
}

/** `eraseMs of L4_FLASH`, `OPTION_WRITE_MS`. */
function nameBefore(text: string): string {
  const property = /(?:^|[{,]\s*|\n\s*)(\[[^\]]+\]|\w+):\s*(?:\{\s*(?:\[[^\]]+\]|\w+):\s*)?$/.exec(text)?.[1];
  const constants = [...text.matchAll(/\bconst (\w+)/g)];
  const constant = constants.at(-1)?.[1] ?? '';
  return property === undefined ? constant : `${property} of ${constant}`;
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replace(/,? \}$/, ' }')
    .trim();
const unquoted = (text: string): string =>
  oneLine(text)
    .replace(/,$/, '')
    .replace(/^['"`]|['"`]$/g, '');
const cell = (text: string): string => text.replaceAll('|', '\\|');

const HEADINGS: Readonly<Record<FigureKind, readonly [title: string, intro: string, column: string]>> = {
  guess: ['Guesses', 'No recording and no document gives these values.', 'why this value'],
  recorded: ['Recorded', 'Seen on silicon, in a public log or capture.', 'source'],
  documented: ['Documented', 'Stated by the maker, and not checked on silicon.', 'source'],
};

/** The whole page, in Markdown. */
export function figuresPage(files: readonly SourceFile[], rows: readonly RomRow[]): string {
  const figures = figuresOf(files);
  const sections = (['guess', 'recorded', 'documented'] as const).map((kind) => section(kind, figures));
  return `${[INTRO, ...sections, rowGuesses(rows)].join('\n\n')}\n`;
}

const INTRO = `# Where the figures of the virtual boards come from

Made from \`packages/virtual/src\` by \`npx tsc -b packages/virtual && node packages/virtual/docs.mjs\`. The source text
marks each figure as recorded, as documented, or as a guess.`;

function section(kind: FigureKind, figures: readonly Figure[]): string {
  const [title, intro, column] = HEADINGS[kind];
  const lines = figures
    .filter((figure) => figure.kind === kind)
    .map(({ path, name, value, why }) => `| \`${cell(name)}\` | \`${cell(value)}\` | ${cell(why)} | \`${path}\` |`);
  return [
    `## ${title}`,
    '',
    intro,
    '',
    `| figure | value | ${column} | file |`,
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function rowGuesses(rows: readonly RomRow[]): string {
  const lines = rows
    .filter(({ guesses }) => guesses.length > 0)
    .map((row) => `| \`${scenarioNameOf(row)}\` | ${cell(row.guesses.join('; '))} |`);
  return ['## Guesses about single boards', '', '| board | guesses |', '| --- | --- |', ...lines].join('\n');
}
