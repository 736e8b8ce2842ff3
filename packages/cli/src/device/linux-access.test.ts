import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHiddenDevices } from './linux-access.ts';

let root = '';
let places = { sysfs: '', nodes: '' };

async function addDevice(name: string, number: number, interfaceClass: string, product = 'df11'): Promise<void> {
  const put = async (folder: string, values: Record<string, string>): Promise<void> => {
    await mkdir(join(places.sysfs, folder), { recursive: true });
    for (const [file, text] of Object.entries(values)) await writeFile(join(places.sysfs, folder, file), `${text}\n`);
  };
  await put(name, { idVendor: '0483', idProduct: product, busnum: '1', devnum: String(number) });
  const [a, b, c] = [interfaceClass.slice(0, 2), interfaceClass.slice(2, 4), interfaceClass.slice(4)];
  await put(`${name}:1.0`, { bInterfaceClass: a, bInterfaceSubClass: b, bInterfaceProtocol: c });
}

/** A node that may be opened; a device without one may not. */
async function addNode(number: number): Promise<void> {
  await mkdir(join(places.nodes, '001'), { recursive: true });
  await writeFile(join(places.nodes, '001', String(number).padStart(3, '0')), '');
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sureflash-'));
  places = { sysfs: join(root, 'devices'), nodes: join(root, 'nodes') };
  await addDevice('1-1', 4, 'fe0102');
  await addDevice('1-2', 5, 'fe0102');
  await addNode(5);
  await addDevice('1-3', 6, 'fe0101');
  await addDevice('1-4.2', 7, 'fe0102');
  await addDevice('1-5', 8, 'ffffff', '374b');
  await addDevice('1-6', 9, 'ffffff', '5740');
  await addNode(9);
  await mkdir(join(places.sysfs, 'usb1'));
});

afterAll(async () => await rm(root, { recursive: true }));

describe('devices that are there but may not be opened', () => {
  it('are those in DFU mode and debug probes whose node cannot be opened, not the ones in run-time mode', async () => {
    const shown = [{ path: '1-2' }];
    expect(await findHiddenDevices(shown, { ...places, stateOf: async () => await Promise.resolve('denied') })).toEqual(
      [
        { path: '1-1', ids: '0483:df11', node: join(places.nodes, '001', '004'), kind: 'DFU device', state: 'denied' },
        {
          path: '1-4.2',
          ids: '0483:df11',
          node: join(places.nodes, '001', '007'),
          kind: 'DFU device',
          state: 'denied',
        },
        { path: '1-5', ids: '0483:374b', node: join(places.nodes, '001', '008'), kind: 'debug probe', state: 'denied' },
      ],
    );
  });

  it('are also those without a node, and those that nothing keeps from being opened', async () => {
    const found = await findHiddenDevices([], places);
    expect(found.map(({ path, state }) => [path, state])).toEqual([
      ['1-1', 'absent'],
      ['1-2', 'open'],
      ['1-4.2', 'absent'],
      ['1-5', 'absent'],
    ]);
  });

  it('are none on a system without sysfs', async () => {
    expect(await findHiddenDevices([], { ...places, sysfs: join(root, 'none') })).toEqual([]);
  });
});
