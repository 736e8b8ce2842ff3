import { describe, expect, it } from 'vitest';
import { safeText } from './safe-text.ts';

describe('text for a terminal', () => {
  it.each([
    ['a title', '\u001b]0;owned\u0007', '\\u{1b}]0;owned\\u{7}'],
    ['a clipboard', '\u001b]52;c;b3duZWQ=\u001b\\', '\\u{1b}]52;c;b3duZWQ=\\u{1b}\\'],
    ['a place on the screen', '\u001b[1;1H', '\\u{1b}[1;1H'],
    ['C1 control characters', '\u009b2J', '\\u{9b}2J'],
    ['another direction', '\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['zero widths', 'a\u200bb', 'a\\u{200b}b'],
    ['a bell', '\u0007', '\\u{7}'],
  ])('is not %s', (_, text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it('keeps colours, lines and the movements of the progress view', () => {
    const own = '\u001b[3A\r\u001b[0J\u001b[2K\u001b[1;32mVerified\u001b[0m\tx ━ µ\n';
    expect(safeText(own)).toBe(own);
  });
});
