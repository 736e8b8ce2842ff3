import { describe, expect, it } from 'vitest';
import { faultWords } from './faults.ts';

describe('fault status registers', () => {
  it('say in words which fault it was', () => {
    expect(faultWords({ cfsr: 0x0000_8200, hfsr: 0x4000_0000 })).toEqual([
      'the bus refused an access',
      'a fault that no handler takes',
    ]);
    expect(faultWords({ cfsr: 0x0001_0000, hfsr: 2 })).toEqual([
      'an instruction that does not exist',
      'the bus refused the vector table',
    ]);
  });

  it('say nothing on cores that do not have them', () => {
    expect(faultWords({ cfsr: 0, hfsr: 0 })).toEqual([]);
  });
});
