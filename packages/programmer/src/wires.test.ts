import { describe, expect, it } from 'vitest';
import { USB_FILTERS } from './usb-filters.ts';
import { WIRES } from './wires.ts';

describe('the list of wires', () => {
  it('has the interfaces that devices are listed by, and no others', () => {
    expect(WIRES.flatMap(({ filters }) => filters)).toEqual(USB_FILTERS);
  });

  it('has a name of its own for each protocol', () => {
    expect(new Set(WIRES.map(({ name }) => name)).size).toBe(WIRES.length);
  });
});
