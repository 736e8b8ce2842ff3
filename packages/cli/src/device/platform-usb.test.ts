import { DFU_FILTERS } from '@sureflash/programmer/dfu';
import type { WebUsbDevice } from '@sureflash/programmer/transports';
import { VirtualClock } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { createPlatformUsb, type SystemDevice } from './platform-usb.ts';

interface Plugged extends SystemDevice {
  readonly told: () => Promise<WebUsbDevice>;
}

const FILTERS = [{ vendorId: 0x0483, productId: 0x374b, classCode: 0xff }, ...DFU_FILTERS];
const forEver = new Promise<never>(() => undefined);

/** What is known of it, and what happens when it is asked for its strings. */
function plugged(port: number, productId: number, told: (device: WebUsbDevice) => Promise<WebUsbDevice>): Plugged {
  const interfaces = [
    [
      {
        bInterfaceNumber: 0,
        bAlternateSetting: 0,
        bInterfaceClass: productId === 1 ? 8 : 0xff,
        bInterfaceSubClass: 0,
        bInterfaceProtocol: 0,
      },
    ],
  ];
  return {
    busNumber: 1,
    portNumbers: [port],
    deviceDescriptor: { idVendor: 0x0483, idProduct: productId },
    allConfigDescriptors: [{ bConfigurationValue: 1, interfaces }],
    // Of a device that was described, its identity alone counts here.
    told: async () => await told({ productId, serialNumber: `${port}` } as WebUsbDevice),
  };
}

function platformOf(...devices: Plugged[]) {
  const clock = new VirtualClock();
  const opened: Plugged[] = [];
  const detach = new Set<(device: Plugged) => void>();
  const libusb = {
    getDeviceList: () => [...devices],
    describe: async (device: Plugged) => {
      opened.push(device);
      return await device.told();
    },
    onDetach: (listener: (device: Plugged) => void) => void detach.add(listener),
    offDetach: (listener: (device: Plugged) => void) => void detach.delete(listener),
  };
  return { clock, opened, devices, detach, usb: createPlatformUsb(libusb, FILTERS, clock) };
}

const sound = async (device: WebUsbDevice): Promise<WebUsbDevice> => device;

describe('the USB of this machine', () => {
  it('shows the devices that answer in time, and names those that do not', async () => {
    const { usb, clock } = platformOf(
      plugged(1, 0x374b, async () => await forEver),
      plugged(2, 0x374b, sound),
      plugged(3, 0x374b, async () => await forEver),
    );
    expect((await usb.getDevices()).map(({ serialNumber }) => serialNumber)).toEqual(['2']);
    expect(usb.silent.map(({ path, productId }) => [path, productId])).toEqual([
      ['1-1', 0x374b],
      ['1-3', 0x374b],
    ]);
    const taken = clock.now();
    expect(taken).toBeLessThanOrEqual(20_000);
    // They are waited for once.
    await usb.getDevices();
    expect(clock.now()).toBe(taken);
  });

  it('opens no device that no filter fits', async () => {
    const { usb, opened, devices } = platformOf(
      plugged(1, 1, async () => await forEver),
      plugged(2, 0x374b, sound),
    );
    expect(await usb.getDevices()).toHaveLength(1);
    expect(opened).toEqual([devices[1]]);
    expect(usb.silent).toEqual([]);
  });

  it('asks a device anew that could not be opened, and shows one that answers late', async () => {
    let isAllowed = false;
    let answer = (): void => undefined;
    const { usb } = platformOf(
      plugged(1, 0x374b, async (device) => {
        if (!isAllowed) throw new Error('LIBUSB_ERROR_ACCESS');
        return device;
      }),
      plugged(2, 0x374b, async (device) => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return device;
      }),
    );
    expect(await usb.getDevices()).toEqual([]);
    expect(usb.silent.map(({ path }) => path)).toEqual(['1-2']);
    isAllowed = true;
    answer();
    expect((await usb.getDevices()).map(({ serialNumber }) => serialNumber)).toEqual(['1', '2']);
    expect(usb.silent).toEqual([]);
  });

  it('tells a listener which device has left, until it is taken away', async () => {
    const { usb, detach, devices } = platformOf(plugged(1, 0x374b, sound));
    const [shown] = await usb.getDevices();
    const gone: unknown[] = [];
    const listener = ({ device }: { device: WebUsbDevice }): void => void gone.push(device);
    usb.addEventListener('disconnect', listener);
    for (const tell of detach) if (devices[0]) tell(devices[0]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(gone).toEqual([shown]);
    usb.removeEventListener('disconnect', listener);
    expect(detach.size).toBe(0);
  });
});
