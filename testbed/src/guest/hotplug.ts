/** Prints what libusb hears of ST's DFU devices, until one has come and gone. */
import { writeFileSync } from 'node:fs';
import { type Device, usb } from 'usb';

const idsOf = ({ deviceDescriptor: { idVendor, idProduct } }: Device): string =>
  [idVendor, idProduct].map((id) => id.toString(16).padStart(4, '0')).join(':');

usb.on('attach', (device) => console.log(`attach ${idsOf(device)}`));
usb.on('detach', (device) => {
  console.log(`detach ${idsOf(device)}`);
  process.exit(0);
});
console.log('listens');
writeFileSync('/run/hotplug-listens', '');
setTimeout(() => process.exit(1), 60_000).unref();
