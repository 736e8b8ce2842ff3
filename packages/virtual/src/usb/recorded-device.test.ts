import { describe, expect, it } from 'vitest';
import { drive } from '../../testing/drive.ts';
import { recordedDevice } from './recorded-device.ts';

const IDENTITY = {
  vendorId: 0x05ac,
  productId: 0x8290,
  bcdDevice: 0x0167,
  manufacturer: 'A',
  product: 'B',
  serial: 'C',
  alternates: ['@Flash', 'two'],
  transferSize: 64,
} as const;

describe('a recorded device', () => {
  it('shows the descriptors that were captured', () => {
    const { device } = recordedDevice({ ...IDENTITY, protocol: 2 });
    if (!device) throw new Error('no device');
    expect([...device.deviceDescriptor.subarray(8, 14)]).toEqual([0xac, 0x05, 0x90, 0x82, 0x67, 0x01]);
    // Two alternates of interface 0, FE/01/02, and the functional descriptor behind them.
    expect(drive(device).descriptor(0x0200, 0, 64)).toBe(
      '09022400010100c032' + '0904000000fe010204' + '0904000100fe010205' + '09210bff0040001a01',
    );
    expect(drive(device).descriptor(0x0305, 0x0409, 255)).toBe('0803740077006f00');
  });

  it('is in run-time mode where it was seen there, and answers no class request', () => {
    const { device } = recordedDevice({ ...IDENTITY, protocol: 1 });
    if (!device) throw new Error('no device');
    expect(device.configurationDescriptor[16]).toBe(1);
    expect(drive(device).status()).toBe('stall');
  });
});
