import { describe, expect, it } from 'vitest';
import { findInterface, type InterfaceSetting, requireInterface } from './filters.ts';

const IDS = { vendorId: 0x0483, productId: 0x374b };
const setting = (interfaceNumber: number, ...codes: readonly [number, number, number]): InterfaceSetting => ({
  interfaceNumber,
  interfaceClass: codes[0],
  interfaceSubclass: codes[1],
  interfaceProtocol: codes[2],
});
const SETTINGS = [setting(0, 3, 0, 0), setting(1, 0xff, 0xff, 0xff), setting(2, 0xfe, 1, 1), setting(3, 0xfe, 1, 2)];

describe('findInterface', () => {
  it('finds the interface whose class codes a filter has', () => {
    const filter = { classCode: 0xfe, subclassCode: 1, protocolCode: 2 };
    expect(findInterface(IDS, SETTINGS, [filter])).toEqual({ interfaceNumber: 3, filter });
  });

  it('tries the filters in their order, whatever the order of the interfaces', () => {
    const filters = [{ classCode: 0xfe, protocolCode: 2 }, { classCode: 3 }];
    expect(findInterface(IDS, SETTINGS, filters)?.interfaceNumber).toBe(3);
    expect(findInterface(IDS, SETTINGS, filters.toReversed())?.interfaceNumber).toBe(0);
  });

  it('holds the ids of a filter against those of the device', () => {
    const filter = { vendorId: 0x0483, productId: 0x374b, classCode: 0xff };
    expect(findInterface(IDS, SETTINGS, [filter])?.interfaceNumber).toBe(1);
    expect(findInterface({ ...IDS, productId: 0x3748 }, SETTINGS, [filter])).toBeUndefined();
  });

  it('fits every device with a filter that asks for nothing', () => {
    expect(findInterface(IDS, SETTINGS, [{}])?.interfaceNumber).toBe(0);
    expect(findInterface(IDS, SETTINGS, [])).toBeUndefined();
  });
});

it('requireInterface refuses a device of which no interface fits', () => {
  expect(() => requireInterface(IDS, SETTINGS, [{ classCode: 8 }])).toThrow(
    expect.objectContaining({ code: 'device/not-programmable' }),
  );
});
