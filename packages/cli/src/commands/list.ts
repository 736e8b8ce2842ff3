/** `list` and `info`: what is there, and what it is. */
import { hex, type Region } from '@sureflash/programmer';
import { Context } from '../context.ts';
import { describeCandidate, findLocalDevices, idsOf } from '../device/local-usb.ts';
import { withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { exportedBy, parseRemote } from '../device/remote-usbip.ts';
import { rangeText } from '../render/plan.ts';
import { count, size } from '../render/words.ts';
import { hang } from '../render/wrap.ts';

export async function listCommand(context: Context, { usbip }: { usbip?: string }): Promise<void> {
  if (usbip === undefined) await listLocal(context);
  else await listRemote(context, usbip);
}

async function listLocal(context: Context): Promise<void> {
  const { candidates, hidden } = await findLocalDevices();
  const programmable = candidates.filter(({ mode }) => mode === 'dfu');
  const bystanders = candidates.length - programmable.length;
  for (const candidate of programmable) {
    const { device, path } = candidate;
    context.print(describeCandidate(candidate));
    context.emit({
      type: 'device',
      path,
      ids: idsOf(device),
      product: device.productName,
      serial: device.serialNumber,
    });
  }
  for (const { path, ids } of hidden) {
    context.print(`${path}  ${ids}  may not be opened by this user`);
    context.emit({ type: 'hidden', path, ids });
  }
  if (programmable.length + hidden.length === 0) {
    context.remark('No programmable device is plugged in.');
    context.remark('Start a chip in its bootloader (BOOT0 high at reset), or try --virtual stm32f105-rom.');
  }
  if (bystanders > 0)
    context.remark(
      `${count(bystanders, 'other device')} with a DFU run-time interface left out: not programmable as it is.`,
    );
  context.emit({ type: 'result', ok: true, devices: programmable.length });
}

async function listRemote(context: Context, text: string): Promise<void> {
  const { host, port } = parseRemote(text);
  const devices = await exportedBy({ host, port });
  for (const { busid, idVendor, idProduct } of devices) {
    context.print(`${busid}  ${idsOf({ vendorId: idVendor, productId: idProduct })}  --usbip ${host}:${port}/${busid}`);
    context.emit({ type: 'device', busid, ids: idsOf({ vendorId: idVendor, productId: idProduct }) });
  }
  if (devices.length === 0) context.remark(`${host} exports no device.`);
  context.emit({ type: 'result', ok: true, devices: devices.length });
}

const FIXED_ROWS = ['Block size', 'Alternate 0'];

export async function infoCommand(context: Context, options: DeviceOptions): Promise<void> {
  // What a remark would announce is the first row of the result here.
  const hushed = new Context(context.io, { json: context.json, quiet: true });
  await withDevice(hushed, options, async (device) => {
    const { target, port, where } = device;
    const { identification, geometry, transferSize } = target;
    const { vendorId, productId, bcdDevice, manufacturer, product, serial } = port.identity;
    const commands = await target.readCommands();
    const width = Math.max(...[...FIXED_ROWS, ...geometry.map(({ name }) => name)].map((name) => name.length)) + 2;
    const row = (name: string, value: string): void => context.print(hang(name.padEnd(width), value, context.io.out));
    row('Device', identification.title);
    row('Because', identification.because);
    row('Where', where);
    row('USB', `${idsOf({ vendorId, productId })}, bcdDevice ${hex(bcdDevice, 4)}`);
    row('Strings', [manufacturer, product, serial].filter((text) => text !== undefined).join(' / ') || 'none');
    row('Block size', `${transferSize} bytes`);
    row('Commands', commands.length === 0 ? 'not told' : commands.join(', ').toLowerCase());
    for (const region of geometry) row(region.name, regionText(region));
    for (const { number, name } of port.alternates) row(`Alternate ${number}`, name);
    context.emit({
      type: 'result',
      ok: true,
      commands,
      regions: geometry.map(({ sectors, ...region }) => ({ ...region, sectors: sectors.length })),
    });
  });
}

function regionText(region: Region): string {
  const sizes = new Map<number, number>();
  for (const { start, end } of region.sectors) sizes.set(end - start, (sizes.get(end - start) ?? 0) + 1);
  const runs = [...sizes].map(([bytes, n]) => `${n} × ${size(bytes)}`).join(', ');
  const total = region.sectors.reduce((sum, { start, end }) => sum + end - start, 0);
  const writable = region.sectors.filter((sector) => sector.writable).length;
  const note = writable === region.sectors.length ? '' : `; ${region.sectors.length - writable} read-only`;
  return `${rangeText(region)}, ${size(total)} (${runs}${note})`;
}
