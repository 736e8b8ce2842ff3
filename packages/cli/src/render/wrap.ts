/** Long sentences under one another: broken at the width of a terminal, left alone in a pipe. */
import { stripVTControlCharacters } from 'node:util';
import type { Stream } from '../base/io.ts';

/** Room for the longest label, so that what follows begins in the same column on every line. */
export const LABEL_WIDTH = 13;
/** Below this, a hanging text would be a column of single words: it goes on at the left edge instead. */
const LEAST_ROOM = 16;

/** A space, but not the one between a number and its unit. */
const BREAK = / (?!(?:B|KB|MB|ms|s|min)\b)/;

/** Characters that a text takes on screen. */
export function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** `text` behind `prefix`, and under itself where it does not fit into one line of `stream`. */
export function hang(prefix: string, text: string, stream: Stream): string {
  if (!stream.isTty) return prefix + text;
  const width = stream.columns();
  const indent = width - visibleLength(prefix) < LEAST_ROOM ? 0 : visibleLength(prefix);
  const lines: string[] = [];
  let line = prefix;
  let isEmpty = true;
  for (const word of text.split(BREAK)) {
    const gap = isEmpty ? '' : ' ';
    if (!isEmpty && visibleLength(line) + 1 + visibleLength(word) > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else {
      line += gap + word;
    }
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}

/** `Verified     117.1 KB read back`: a word in its column, and a text that hangs beside it. */
export function labelled(label: string, text: string, stream: Stream): string {
  return hang(label + ' '.repeat(Math.max(1, LABEL_WIDTH - visibleLength(label))), text, stream);
}

/** `  - one of several` */
export function bullet(text: string, stream: Stream): string {
  return hang('  - ', text, stream);
}
