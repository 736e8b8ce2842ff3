/** Every recorded identity gets its name, its kind and its memory, through the path that a real device takes. */
import type { Target, UsbPort } from '@sureflash/programmer';
import { connectByDescriptors, DFU_FILTERS, DFU_RUNTIME_FILTERS } from '@sureflash/programmer/dfu';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import { type RecordedIdentity, recordedDevice, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { BYSTANDERS, RECORDED_DEVICES, type RecordedDevice } from './recorded-identities.ts';

/** What ROMs of this bcdDevice are known to say where a capture leaves it out (`dfu-util -l` prints no product). */
function filledIn({ ids, expected, ...device }: RecordedDevice): RecordedIdentity {
  const isRom = expected.kind === 'st-rom';
  const { bcdDevice = isRom ? 0x2200 : 0x0200, transferSize = isRom ? 2048 : 1024, serial = '' } = device;
  const romProduct = bcdDevice === 0x0200 ? 'DFU in FS Mode' : 'STM32  BOOTLOADER';
  const [vendorId, productId] = ids;
  const { manufacturer = isRom ? 'STMicroelectronics' : '', product = isRom ? romProduct : '', alternates } = device;
  return { vendorId, productId, bcdDevice, manufacturer, product, serial, alternates, transferSize, protocol: 2 };
}

async function openRecorded(identity: RecordedIdentity): Promise<{ port: UsbPort; target: Target }> {
  const clock = new VirtualClock();
  const usb = new VirtualWebUsb({ connectors: [recordedDevice(identity)], clock, dialect: 'usb-2.18' });
  const [candidate] = await listWebUsb(usb, DFU_FILTERS);
  if (!candidate) throw new Error('it is not offered');
  const port = await openWebUsb(candidate.device, DFU_FILTERS, { clock, usb });
  return { port, target: connectByDescriptors(port, { clock }) };
}

const sizeKb = (target: Target): number =>
  (target.geometry.find(({ kind }) => kind === 'flash')?.sectors ?? []).reduce(
    (sum, { start, end }) => sum + (end - start) / 1024,
    0,
  );

describe.each(RECORDED_DEVICES.map((device) => [device.id, device] as const))('%s', (_, device) => {
  const { kind, chipId, flashKb } = device.expected;

  it(`is a ${kind}: ${device.chip}`, async () => {
    const { target } = await openRecorded(filledIn(device));
    const { about } = target;
    expect(about.kind).toBe(kind);
    expect(about.title).not.toBe('');
    expect(about.chips.some(({ id }) => id === chipId)).toBe(chipId !== undefined);
  });

  it(`has ${flashKb} KB of flash`, async () => {
    const { target } = await openRecorded(filledIn(device));
    expect(sizeKb(target)).toBe(flashKb);
  });

  it('gives a reason where its chip is not certain', async () => {
    const { target } = await openRecorded(filledIn(device));
    expect(target.about.because.length).toBeGreaterThan(20);
    // Only the ROMs of F105 and F107 name their DEV_ID.
    expect(target.about.certain).toBe(chipId === 'stm32f105');
  });

  it('is seen with exactly these descriptors', async () => {
    const identity = filledIn(device);
    const { port } = await openRecorded(identity);
    const { vendorId, productId, bcdDevice, product = '', serial = '' } = port.identity;
    expect([vendorId, productId, bcdDevice, product, serial]).toEqual([
      identity.vendorId,
      identity.productId,
      identity.bcdDevice,
      identity.product,
      identity.serial,
    ]);
    expect(port.alternates.map(({ name }) => name)).toEqual(identity.alternates);
  });
});

describe("other makers' loaders", () => {
  it.each([
    ['gd32', 'GigaDevice GD32 in its ROM bootloader'],
    ['at32', 'Artery AT32 in its ROM bootloader'],
    ['blackmagic', 'Black Magic Probe in its bootloader'],
    ['portenta-h7', 'Arduino Portenta H7 bootloader'],
    ['daisy-boot', 'DFU device "Daisy Bootloader"'],
  ])('%s is called %s', async (id, title) => {
    const titles = await Promise.all(
      RECORDED_DEVICES.filter((device) => device.id === id).map(
        async (device) => (await openRecorded(filledIn(device))).target.about.title,
      ),
    );
    expect(titles).toEqual([title]);
  });
});

describe('bystanders', () => {
  it.each(BYSTANDERS)('$what is not programmable, and is not opened', async ({ what, ids, bcdDevice, name }) => {
    const clock = new VirtualClock();
    const [vendorId, productId] = ids;
    const texts = { manufacturer: '', product: what, serial: '', alternates: [name] };
    const connector = recordedDevice({ vendorId, productId, bcdDevice, ...texts, transferSize: 64, protocol: 1 });
    const usb = new VirtualWebUsb({ connectors: [connector], clock, dialect: 'usb-2.18' });
    expect(await listWebUsb(usb, DFU_FILTERS)).toEqual([]);
    const candidates = await listWebUsb(usb, [...DFU_FILTERS, ...DFU_RUNTIME_FILTERS]);
    expect(candidates.map(({ filter }) => filter)).toEqual(DFU_RUNTIME_FILTERS);
    const opening = candidates.map(({ device }) => openWebUsb(device, DFU_FILTERS, { clock, usb }));
    await expect(Promise.all(opening)).rejects.toMatchObject({ code: 'device/not-programmable' });
  });
});
