/** `list`: the devices that can be programmed. */
import { defined } from '../base/defined.ts';
import { leftWhenStopped } from '../base/left-when-stopped.ts';
import { flag, text, verb } from '../declare/verb.ts';
import type { AskOptions, Looked } from '../device/by-uid.ts';
import {
  describeCandidate,
  findLocalDevices,
  idsOf,
  isOurs,
  isProbe,
  isProgrammable,
  type LocalDevices,
  silentText,
  unusableText,
} from '../device/find-local.ts';
import { HIDDEN_BECAUSE } from '../device/linux-access.ts';
import type { Context } from '../render/context.ts';
import { count } from '../render/words.ts';

export const listVerb = verb({
  options: {
    uid: flag('also show chips and unique ids, also behind probes; opens each device'),
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
  await showLocal(context, await findLocalDevices(), { withUid });
}

/** Every device is a line of its own, whatever the others do. Debug probes are opened; other devices for their unique ids alone. */
export async function showLocal(
  context: Context,
  { candidates, hidden, unusable, silent, usb }: LocalDevices,
  { withUid, clock }: ListOptions,
): Promise<void> {
  const programmable = candidates.filter(isProgrammable);
  const running = candidates.filter((each) => !isProgrammable(each));
  const detachable = running.filter(isOurs);
  const bystanders = running.length - detachable.length;
  for (const { text, looked } of await listedLines(programmable, { usb, withUid, ...defined({ clock }) })) {
    const { device, path } = looked.candidate;
    context.print([describeCandidate(looked.candidate), ...text].join('  '));
    context.emit({
      type: 'device',
      where: `USB ${path ?? '?'}`,
      path,
      vendorId: device.vendorId,
      productId: device.productId,
      product: device.productName,
      serial: device.serialNumber,
      ...defined({ uid: looked.uid, title: looked.title, probe: looked.probe }),
      ...defined({ failed: looked.failed, why: looked.why }),
    });
  }
  for (const { path, ids, state } of hidden) {
    context.print(`${path}  ${ids}  ${HIDDEN_BECAUSE[state]}`);
    context.emit({ type: 'hidden', where: `USB ${path}`, path, ids, state });
  }
  for (const probe of unusable) context.print(unusableText(probe));
  for (const device of silent) context.print(silentText(device));
  if (programmable.length + hidden.length + unusable.length + silent.length === 0) {
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

export interface ListOptions extends Pick<AskOptions, 'clock'> {
  readonly withUid: boolean;
}

interface ListedLine {
  readonly looked: Looked;
  /** What is known beside its name. */
  readonly text: readonly string[];
}

/** What opens devices is loaded only where one is opened. */
async function listedLines(
  programmable: LocalDevices['candidates'],
  { withUid, ...how }: ListOptions & AskOptions,
): Promise<ListedLine[]> {
  if (!withUid && !programmable.some(isProbe))
    return programmable.map((candidate) => ({ looked: { candidate }, text: [] }));
  const { foundProbeText, foundUidText, greetProbes, readUids } = await import('../device/by-uid.ts');
  if (withUid) return (await readUids(programmable, how)).map((looked) => ({ looked, text: [foundUidText(looked)] }));
  const greeted = await greetProbes(programmable.filter(isProbe), how);
  return programmable.map((candidate) => {
    const looked = greeted.find((each) => each.candidate === candidate) ?? { candidate };
    return { looked, text: isProbe(candidate) ? [foundProbeText(looked)] : [] };
  });
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
