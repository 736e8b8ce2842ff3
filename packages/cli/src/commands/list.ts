/** `list`: the devices that can be programmed. */
import type { Context } from '../context.ts';
import { readUids, uidText } from '../device/by-uid.ts';
import { describeCandidate, findLocalDevices, idsOf, isProgrammable } from '../device/local-usb.ts';
import { exportedBy, parseRemote } from '../device/remote-usbip.ts';
import { count } from '../render/words.ts';

export interface ListOptions {
  readonly usbip?: string;
  /** Opens each device to read the unique id of its chip. */
  readonly uid?: boolean;
}

export async function listCommand(context: Context, { usbip, uid = false }: ListOptions): Promise<void> {
  if (usbip === undefined) await listLocal(context, uid);
  else await listRemote(context, usbip);
}

async function listLocal(context: Context, withUid: boolean): Promise<void> {
  const { candidates, hidden, usb } = await findLocalDevices();
  const programmable = candidates.filter(isProgrammable);
  const bystanders = candidates.length - programmable.length;
  const listed = withUid ? await readUids(programmable, usb) : programmable.map((candidate) => ({ candidate }));
  for (const each of listed) {
    const { device, path } = each.candidate;
    context.print(`${describeCandidate(each.candidate)}${withUid ? `  ${uidText(each)}` : ''}`);
    context.emit({
      type: 'device',
      path,
      ids: idsOf(device),
      product: device.productName,
      serial: device.serialNumber,
      ...('uid' in each && { uid: each.uid }),
      ...('failed' in each && { failed: each.failed }),
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
