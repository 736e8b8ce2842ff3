import { describe, expect, it } from 'vitest';
import { bytesOfWords, parseWidth } from './memory-words.ts';

describe('words for the memory of a chip', () => {
  it.each([
    ['0x12345678', 32, [0x78, 0x56, 0x34, 0x12]],
    ['258', 16, [2, 1]],
    ['0xff', 8, [255]],
    ['0x1122334455667788', 64, [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]],
    ['0xFFFF_FFFF', 32, [255, 255, 255, 255]],
  ] as const)('%s with %d bits stands in memory as %j, the lowest byte first', (text, width, bytes) => {
    expect([...bytesOfWords([text], width)]).toEqual(bytes);
  });

  it('are stored one behind the other, low byte first', () => {
    expect([...bytesOfWords(['1', '2', '3'], 16)]).toEqual([1, 0, 2, 0, 3, 0]);
  });

  it.each([
    ['0x1FF', 8, /does not fit into 8 bits/],
    ['DEADBEEF', 32, /is not a number/],
    ['-1', 32, /is not a number/],
    ['', 8, /is not a number/],
  ] as const)('refuse %j with %d bits', (text, width, message) => {
    expect(() => bytesOfWords([text], width)).toThrow(message);
  });

  it('have 8, 16, 32 or 64 bits, and no other width', () => {
    expect(['8', '16', '32', '64'].map(parseWidth)).toEqual([8, 16, 32, 64]);
    expect(() => parseWidth('24')).toThrow(/is not a width/);
  });
});
