/** Claims the first ST device's interface, says so with /run/hold, and keeps it until that file is gone. */
import { existsSync, writeFileSync } from 'node:fs';
import { usb } from 'usb';

const device = usb.getDeviceList().find(({ deviceDescriptor: { idVendor } }) => idVendor === 0x0483);
if (!device) throw new Error('there is no ST device');
device.open();
device.interface(0).claim();
writeFileSync('/run/hold', '');
const timer = setInterval(() => {
  if (existsSync('/run/hold')) return;
  clearInterval(timer);
  process.exit(0);
}, 100);
