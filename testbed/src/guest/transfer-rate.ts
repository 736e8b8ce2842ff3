/** How many control transfers a second this machine's libusb, kernel and carrier make: DFU_GETSTATE of the first board. */
import { usb } from 'usb';

const TRANSFERS = 500;

const measured = usb.getDeviceList().find(({ deviceDescriptor: { idVendor } }) => idVendor === 0x0483);
if (!measured) throw new Error('there is no ST device');
measured.open();
measured.interface(0).claim();
const transfer = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    measured.controlTransfer(0xa1, 5, 0, 0, 1, (error, data) => (error ? reject(error) : resolve(data)));
  });
for (let i = 0; i < 50; i += 1) await transfer();
const started = performance.now();
for (let i = 0; i < TRANSFERS; i += 1) await transfer();
const perSecond = Math.round((TRANSFERS * 1000) / (performance.now() - started));
console.log(`${perSecond} control transfers/s`);
process.exit(0);
