/** `list`: the devices that can be programmed. */
import { leftWhenStopped } from '../base/left-when-stopped.ts';
import { flag, text, verb } from '../declare/verb.ts';
import {
  describeCandidate,
  findLocalDevices,
  hidProbeText,
  idsOf,
  isOurs,
  isProgrammable,
} from '../device/find-local.ts';
import { HIDDEN_BECAUSE } from '../device/linux-access.ts';
import type { Context } from '../render/context.ts';
import { count } from '../render/words.ts';

export const listVerb = verb({
  options: {
    uid: flag('also show chips, unique ids, and the supply of chips behind probes; opens each device'),
    usbip: text('<host[:port]>', 'devices that another machine exports'),
  },
  examples: [
    ['sureflash list', 'on this machine'],
    ['sureflash list --uid', 'with the unique ids of the chips'],
    ['sureflash list --usbip 192.168.1.20', 'on another one'],
  ],
  run: async (context, _, { usbip, uid = false }) => {
    await leftWhenStopped(
      context.io.signal,
      async () => await (usbip === undefined ? listLocal(context, uid) : listRemote(context, usbip)),
    );
  },
});

async function listLocal(context: Context, withUid: boolean): Promise<void> {
  const { candidates, hidden, hidProbes, usb } = await findLocalDevices();
  const programmable = candidates.filter(isProgrammable);
  const running = candidates.filter((each) => !isProgrammable(each));
  const detachable = running.filter(isOurs);
  const bystanders = running.length - detachable.length;
  // Only for their unique ids are devices opened: what that takes is loaded only then.
  const byUid = withUid ? await import('../device/by-uid.ts') : undefined;
  const listed = (await byUid?.readUids(programmable, usb)) ?? programmable.map((candidate) => ({ candidate }));
  for (const each of listed) {
    const { device, path } = each.candidate;
    context.print(describeCandidate(each.candidate) + (byUid ? `  ${byUid.foundUidText(each)}` : ''));
    context.emit({
      type: 'device',
      where: `USB ${path ?? '?'}`,
      path,
      vendorId: device.vendorId,
      productId: device.productId,
      product: device.productName,
      serial: device.serialNumber,
      ...('uid' in each && { uid: each.uid }),
      ...('title' in each && { title: each.title }),
      ...('probe' in each && { probe: each.probe }),
      ...('failed' in each && { failed: each.failed }),
    });
  }
  for (const { path, ids, state } of hidden) {
    context.print(`${path}  ${ids}  ${HIDDEN_BECAUSE[state]}`);
    context.emit({ type: 'hidden', where: `USB ${path}`, path, ids, state });
  }
  for (const probe of hidProbes) context.print(hidProbeText(probe));
  if (programmable.length + hidden.length + hidProbes.length === 0) {
    context.remark('No programmable device is plugged in.');
    context.remark('Start a chip in its bootloader (BOOT0 high at reset), or try --virtual stm32f105-rom.');
  }
  for (const each of detachable) context.remark(`Running: ${describeCandidate(each)}  bootloader: add --detach`);
  if (bystanders > 0)
    context.remark(
      `${count(bystanders, 'other device')} with a DFU run-time interface left out: not programmable as it is.`,
    );
  context.emit({ type: 'result', ok: true, devices: programmable.length });
}

async function listRemote(context: Context, text: string): Promise<void> {
  const { exportedBy, parseRemote, remoteTitle } = await import('../device/remote-usbip.ts');
  const { host, port } = parseRemote(text);
  const devices = await exportedBy({ host, port });
  for (const { busid, idVendor, idProduct } of devices) {
    const title = await remoteTitle({ host, port }, busid);
    const ids = idsOf({ vendorId: idVendor, productId: idProduct });
    context.print(`${busid}  ${ids}  --usbip ${host}:${port}/${busid}  ${title}`);
    const where = `USB/IP ${host}:${port}/${busid}`;
    context.emit({ type: 'device', where, busid, vendorId: idVendor, productId: idProduct, title });
  }
  if (devices.length === 0) context.remark(`${host} exports no device.`);
  context.emit({ type: 'result', ok: true, devices: devices.length });
}
