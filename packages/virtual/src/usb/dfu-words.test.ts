import { expect, it } from 'vitest';
import { hex } from '../../testing/drive.ts';
import { statusBytes } from './dfu-words.ts';

it('puts the poll time of a status into 24 little-endian bits', () => {
  expect(hex(statusBytes(1, 0x012345, 4))).toBe('014523010400');
});
