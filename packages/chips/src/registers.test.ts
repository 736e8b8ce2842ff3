import { describe, expect, it } from 'vitest';
import { CHIPS } from './chips.ts';
import { idCodeAddress } from './registers.ts';

describe('idCodeAddress', () => {
  it('is one of the places that ST uses, where it is sourced', () => {
    const places = new Set(CHIPS.map(idCodeAddress));
    expect(places).toEqual(new Set([0x4001_5800, 0xe004_2000, 0xe004_4000, 0x5c00_1000, undefined]));
  });
});
