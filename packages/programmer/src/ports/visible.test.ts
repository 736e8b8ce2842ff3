import { describe, expect, it } from 'vitest';
import { visible } from './visible.ts';

describe('visible', () => {
  it.each([
    ['a colour', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a forged line', 'STM32\r\nVerified     FAKE', 'STM32\\u{d}\\u{a}Verified     FAKE'],
    ['a C1 control', '\u009b2J', '\\u{9b}2J'],
    ['a direction override', 'abc\u202edcb', 'abc\\u{202e}dcb'],
    ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['half of a pair', 'a\ud83d', 'a\\u{d83d}'],
  ])('writes %s as codes', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each(['STM32  BOOTLOADER', 'Gerät', '書込器', '🔧', ''])('leaves "%s" as it is', (text) => {
    expect(visible(text)).toBe(text);
  });
});
