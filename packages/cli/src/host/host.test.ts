import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, type Observation } from '@sureflash/programmer/diagnosis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LinuxPlaces, observeLinux } from './linux.ts';
import { observeMac } from './macos.ts';
import { observeWindows } from './windows.ts';

let root = '';
let places: LinuxPlaces = { sysfs: '', nodes: '', rules: [] };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sureflash-'));
  places = { sysfs: join(root, 'devices'), nodes: join(root, 'nodes'), rules: [join(root, 'rules')] };
  await mkdir(places.sysfs);
  await mkdir(join(root, 'rules'));
});

afterEach(async () => await rm(root, { recursive: true }));

interface Fake {
  readonly ids: string;
  readonly product?: string;
  /** Class, subclass and protocol of the only interface. */
  readonly kind: string;
  readonly driver?: string;
  /** Whether its node may be opened. */
  readonly open?: boolean;
}

let count = 0;
async function plug(path: string, { ids, product = 'unnamed', kind, driver, open = true }: Fake): Promise<void> {
  const device = String(++count);
  const put = async (folder: string, values: Record<string, string>): Promise<void> => {
    await mkdir(join(places.sysfs, folder), { recursive: true });
    for (const [file, text] of Object.entries(values)) await writeFile(join(places.sysfs, folder, file), `${text}\n`);
  };
  const [idVendor = '', idProduct = ''] = ids.split(':');
  await put(path, { idVendor, idProduct, product, busnum: '1', devnum: device });
  for (const [i, each] of kind.split(' ').entries()) {
    const [a = '', b = '', c = ''] = each.match(/../g) ?? [];
    await put(`${path}:1.${i}`, { bInterfaceClass: a, bInterfaceSubClass: b, bInterfaceProtocol: c });
  }
  if (driver !== undefined)
    await symlink(`/sys/bus/usb/drivers/${driver}`, join(places.sysfs, `${path}:1.0`, 'driver'));
  if (!open) return;
  await mkdir(join(places.nodes, '001'), { recursive: true });
  await writeFile(join(places.nodes, '001', device.padStart(3, '0')), '');
}

const silent = async (): Promise<string> => '';
const causeOf = (evidence: readonly Observation[]): string | undefined => diagnose(evidence)?.cause;
const DFU = { ids: '0483:df11', kind: 'fe0102' };

describe('the host check on Linux', () => {
  it('without sysfs shows no USB', async () => {
    await rm(places.sysfs, { recursive: true });
    expect(causeOf(await observeLinux(silent, places, 'machine'))).toBe('no-usb');
  });

  it('with a device that may not be opened names the permission, and that there is no rule', async () => {
    await plug('1-2', DFU);
    places = { ...places, stateOf: async () => await Promise.resolve('denied') };
    const found = await observeLinux(silent, places, 'machine');
    expect(found.map(({ kind }) => kind)).toEqual(['host-denied', 'host-no-udev-rule']);
    expect(causeOf(found)).toBe('no-permission');
    await writeFile(join(root, 'rules', '70-x.rules'), 'ATTR{idProduct}=="DF11"');
    expect((await observeLinux(silent, places, 'machine')).map(({ kind }) => kind)).toEqual(['host-denied']);
  });

  it.each(['absent', 'other', 'refused'] as const)(
    'in a container with a node that is %s names the container',
    async (state) => {
      await plug('1-2', DFU);
      const hidden = { ...places, stateOf: async () => await Promise.resolve(state) };
      expect(causeOf(await observeLinux(silent, hidden, 'container'))).toBe('hidden-by-container');
    },
  );

  it('inside of Windows (WSL) without a device names Windows, which has it', async () => {
    await plug('1-1', { ids: '1d6b:0002', product: 'Hub', kind: '090000' });
    const found = await observeLinux(silent, places, 'wsl');
    expect(found.map(({ kind }) => kind)).toEqual(['host-no-dfu', 'host-surrounding']);
    expect(causeOf(found)).toBe('held-by-windows');
  });

  it('with a device that another program has claimed says so', async () => {
    await plug('1-2', { ...DFU, driver: 'usbfs' });
    expect(causeOf(await observeLinux(silent, places, 'machine'))).toBe('in-use');
  });

  it('with a kernel driver on it names that driver', async () => {
    await plug('1-2', { ...DFU, driver: 'mystery' });
    expect(await observeLinux(silent, places, 'machine')).toEqual([
      { kind: 'host-other-driver', facts: { path: '1-2:1.0', driver: 'mystery' } },
    ]);
  });

  it('with other devices only says that no chip is in its bootloader, and what of ST is there', async () => {
    await plug('1-1', { ids: '0483:374b', product: 'STM32 STLink', kind: 'ff0000' });
    await plug('1-3', { ids: '8087:0026', product: 'Bluetooth', kind: 'e00101 fe0101' });
    const found = await observeLinux(silent, places, 'machine');
    expect(causeOf(found)).toBe('not-in-bootloader');
    expect(found).toEqual([
      { kind: 'host-no-dfu', facts: { devices: 2 } },
      { kind: 'host-st-device', facts: { path: '1-1', ids: '0483:374b', product: 'STM32 STLink' } },
    ]);
  });

  it('with a running program that offers DFU says that it can be sent to its bootloader, and of adapters and cameras it does not', async () => {
    await plug('1-1', { ids: '8087:0026', kind: 'e00101 fe0101' });
    await plug('1-2', { ids: '046d:0001', kind: '0e0100 fe0101' });
    expect(causeOf(await observeLinux(silent, places, 'machine'))).toBe('not-in-bootloader');
    await plug('1-3', { ids: '1209:0002', kind: '020201 0a0000 fe0101' });
    const found = await observeLinux(silent, places, 'machine');
    expect(found).toContainEqual({ kind: 'host-runtime-only', facts: { devices: 1 } });
    expect(diagnose(found)).toMatchObject({ cause: 'program-runs', remedies: [{ action: 'detach' }, {}] });
  });

  it('with a kernel that could give a device no address names the link and the clock', async () => {
    const log = async (): Promise<string> =>
      '[1.0] usb 1-4: new full-speed USB device number 9\n[2.0] usb 1-4: device descriptor read/64, error -71\n';
    const found = await observeLinux(log, places, 'machine');
    expect(found).toContainEqual({
      kind: 'host-enumeration-failed',
      facts: { lines: ['[2.0] usb 1-4: device descriptor read/64, error -71'] },
    });
    expect(causeOf(found)).toBe('no-enumeration');
  });
});

describe('the host check on macOS', () => {
  const hub = (...items: readonly object[]): string =>
    JSON.stringify({
      SPUSBDataType: [{ _name: 'USB31Bus', _items: [{ _name: 'Hub', vendor_id: '0x05e3', _items: items }] }],
    });
  const run = (text: string) => async (): Promise<string> => text;

  it('lists what of ST is plugged in instead of a bootloader', async () => {
    const stlink = {
      _name: 'STM32 STLink',
      vendor_id: '0x0483  (STMicroelectronics)',
      product_id: '0x374b',
      location_id: '0x14100000',
    };
    const found = await observeMac(run(hub(stlink)));
    expect(found).toEqual([
      { kind: 'host-no-dfu', facts: { devices: 2 } },
      { kind: 'host-st-device', facts: { path: '0x14100000', ids: '0483:374b', product: 'STM32 STLink' } },
    ]);
    expect(causeOf(found)).toBe('not-in-bootloader');
  });

  it('has nothing to say where the bootloader is there, or where the system tells nothing', async () => {
    expect(await observeMac(run(hub({ vendor_id: '0x0483', product_id: '0xdf11' })))).toEqual([]);
    expect(await observeMac(run(''))).toEqual([]);
  });
});

describe('the host check on Windows', () => {
  const run = (devices: unknown) => async (): Promise<string> => JSON.stringify(devices);
  const board = { InstanceId: 'USB\\VID_0483&PID_DF11\\2066', FriendlyName: 'STM32 BOOTLOADER' };

  it.each(['STTub30', null])('names the driver where it is %s and not WinUSB', async (Service) => {
    const found = await observeWindows(run({ ...board, Service }));
    expect(found[0]?.kind).toBe('host-access');
    expect(causeOf(found)).toBe('no-driver');
  });

  it('finds nothing wrong with WinUSB', async () => {
    expect(await observeWindows(run([{ ...board, Service: 'WINUSB' }]))).toEqual([]);
  });

  it('says that no chip is in its bootloader where none is', async () => {
    expect(causeOf(await observeWindows(run([{ InstanceId: 'USB\\VID_0483&PID_374B\\1', Service: 'usbccgp' }])))).toBe(
      'not-in-bootloader',
    );
  });

  it('says nothing where PowerShell does not', async () => {
    expect(await observeWindows(async () => '')).toEqual([]);
  });
});
