import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeviceRecord, encodeDeviceList, type ListedDevice, readDeviceList } from './device-record.ts';
import { FrameReader } from './frames.ts';
import { UsbIpError } from './usbip-error.ts';

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const text = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '-', '.', '/', ':'), maxLength: 31 });
const record: fc.Arbitrary<Omit<DeviceRecord, 'bNumInterfaces'>> = fc.record({
  path: text,
  busid: text.filter((busid) => busid !== ''),
  busnum: u32,
  devnum: u32,
  speed: fc.constantFrom('unknown', 'low', 'full', 'high', 'super'),
  idVendor: u16,
  idProduct: u16,
  bcdDevice: u16,
  bDeviceClass: u8,
  bDeviceSubClass: u8,
  bDeviceProtocol: u8,
  bConfigurationValue: u8,
  bNumConfigurations: u8,
});
const interfaces = fc.array(fc.record({ bInterfaceClass: u8, bInterfaceSubClass: u8, bInterfaceProtocol: u8 }), {
  maxLength: 3,
});
const devices: fc.Arbitrary<ListedDevice[]> = fc.array(
  fc.tuple(record, interfaces).map(([device, list]) => ({ ...device, bNumInterfaces: list.length, interfaces: list })),
  { maxLength: 3 },
);

test('a device list reads the same however the stream is cut', () => {
  fc.assert(
    fc.property(devices, fc.integer({ min: 1, max: 400 }), (list, cut) => {
      const bytes = encodeDeviceList(list);
      const frames = new FrameReader(readDeviceList());
      for (let at = 0; at < bytes.length; at += cut) frames.push(bytes.subarray(at, at + cut));
      expect(frames.result?.value).toEqual(list);
    }),
  );
});

test('bytes after the last frame are kept for whoever reads on', () => {
  const frames = new FrameReader(readDeviceList());
  frames.push(encodeDeviceList([]).subarray(0, 5));
  frames.push(Uint8Array.of(...encodeDeviceList([]).subarray(5), 1, 2));
  frames.push(Uint8Array.of(3));
  expect([...frames.rest]).toEqual([1, 2, 3]);
});

test('a list that is refused, unbelievably long or no list at all is an error', () => {
  const read = (change: (bytes: Uint8Array) => void): void => {
    const bytes = encodeDeviceList([]);
    change(bytes);
    new FrameReader(readDeviceList()).push(bytes);
  };
  expect(() => read((bytes) => bytes.set([0, 0, 0, 1], 4))).toThrow('status 1');
  expect(() => read((bytes) => bytes.set([0xff], 8))).toThrow('not believed');
  expect(() => read((bytes) => bytes.set([0, 3], 2))).toThrow(UsbIpError);
});
