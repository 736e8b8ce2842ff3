import { expect, it } from 'vitest';
import { serialFromUid } from './serial-number.ts';

it('makes twelve digits of a unique id, as the ROM and ST’s class do', () => {
  expect(serialFromUid([0x066d_ff34, 0x3650_5338, 0x427e_4644])).toBe('48EC45783650');
  expect(serialFromUid([0xffff_ffff, 0xffff_ffff, 0xffff_ffff])).toBe('FFFFFFFEFFFF');
  expect(serialFromUid([0, 0x1234_5678, 0])).toBe('');
});
