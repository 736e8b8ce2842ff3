/** A picture of a terminal: text with colour codes as an SVG on a dark ground. It knows nothing of what is shown. */
import { ESCAPE } from './harness.ts';

const FONT_SIZE = 14;
/** Of a monospaced letter at this size; `textLength` holds each run of text to it, whatever font there is. */
const COLUMN = 8.4;
const LINE = 19;
const MARGIN = 18;
const TITLE_BAR = 34;

const GROUND = '#161b22';
const BAR = '#21262d';
const LETTERS = '#d5dbe3';
/** SGR codes of colours (ECMA-48 §8.3.117). */
const COLORS: Readonly<Record<number, string>> = { 31: '#ff7b72', 32: '#56d364', 33: '#e3b341' };

interface Look {
  readonly color: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

interface Piece extends Look {
  readonly text: string;
  readonly column: number;
}

const PLAIN_LOOK: Look = { color: LETTERS, bold: false, dim: false };
const CODES = new RegExp(`${ESCAPE}\\[(\\d*)m`, 'u');

/** @throws Error at a code that has no row here */
function changed(look: Look, code: number): Look {
  const color = COLORS[code];
  if (color !== undefined) return { ...look, color };
  if (code === 0) return PLAIN_LOOK;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 39) return { ...look, color: LETTERS };
  throw new Error(`SGR ${code} has no look`);
}

const isSameLook = (a: Look, b: Look): boolean => a.color === b.color && a.bold === b.bold && a.dim === b.dim;

function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let look = PLAIN_LOOK;
  let column = 0;
  for (const [index, part] of line.split(CODES).entries()) {
    if (index % 2 === 1) {
      look = changed(look, Number(part));
    } else if (part !== '') {
      const last = pieces.at(-1);
      if (last && isSameLook(last, look)) pieces[pieces.length - 1] = { ...last, text: last.text + part };
      else pieces.push({ ...look, text: part, column });
      column += part.length;
    }
  }
  return pieces;
}

/** Unbreakable in the picture: viewers fold other blanks. */
const BLANK = '\u00a0';

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const figure = (value: number): string => String(Number(value.toFixed(1)));

function textElement({ text, column, color, bold, dim }: Piece): string {
  const looks = [
    `fill="${color}"`,
    ...(bold ? ['font-weight="bold"'] : []),
    ...(dim ? ['opacity="0.6"'] : []),
    `textLength="${figure(text.length * COLUMN)}"`,
  ];
  return `<text x="${figure(MARGIN + column * COLUMN)}" ${looks.join(' ')}>${escaped(text).replaceAll(' ', BLANK)}</text>`;
}

/**
 * @param lines with SGR codes for colours and nothing else of a terminal's
 * @param columns width of the picture in letters
 */
export function terminalSvg(lines: readonly string[], { columns, title }: { columns: number; title: string }): string {
  const width = figure(2 * MARGIN + columns * COLUMN);
  const height = figure(TITLE_BAR + 2 * MARGIN + lines.length * LINE);
  const rows = lines.map((line, row) => {
    const y = figure(TITLE_BAR + MARGIN + row * LINE + FONT_SIZE);
    return `<g transform="translate(0 ${y})">${piecesOf(line).map(textElement).join('')}</g>`;
  });
  const lamps = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, index) => `<circle cx="${20 + index * 20}" cy="17" r="6" fill="${color}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${GROUND}"/>
<path d="M0 ${TITLE_BAR}V8a8 8 0 0 1 8-8h${figure(Number(width) - 16)}a8 8 0 0 1 8 8v26z" fill="${BAR}"/>
${lamps.join('')}
<g font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">
${rows.join('\n')}
</g>
</svg>
`;
}
