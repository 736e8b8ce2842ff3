/**
 * An ST-LINK on USB: commands and data on its bulk endpoints, the standard requests, and a connector that can be pulled. The
 * disk and the COM port beside it are there to be seen; nothing is in them.
 */

import type { BulkReply, Reply, Setup, UsbConnector, UsbDeviceModel } from '../usb/model.ts';
import { isStandard, StandardRequest, StandardRequests } from '../usb/standard.ts';
import { stLinkDescriptors } from './descriptors.ts';
import type { StLinkProbe } from './probe.ts';

/** The device and its connector: it is plugged in until `unplug`. */
export interface StLinkUsb extends UsbConnector {
  readonly usb: UsbDeviceModel;
  readonly serial: string;
  unplug(): void;
  /** Its firmware starts anew, and the host sees a new device. */
  plug(): void;
}

const ENDPOINT_RECIPIENT = 2;
const INTERFACE_RECIPIENT = 1;
/** GET_MAX_LUN (BOT 1.0 §3.2), SET_CONTROL_LINE_STATE and SET_LINE_CODING (PSTN 1.2 §6.3). */
const GET_MAX_LUN = 0xfe;
const LINE_REQUESTS = [0x20, 0x22];

export function createStLinkUsb(probe: StLinkProbe, serial: string): StLinkUsb {
  const { model } = probe;
  const { endpoints } = model;
  const descriptors = stLinkDescriptors(model, serial);
  const standard = new StandardRequests(descriptors, 1);
  const outgoing: Uint8Array[] = [];
  const ready = new Set<() => void>();
  const subscribers = new Set<() => void>();
  const packet = model.speed === 'full' ? 64 : 512;
  let plugged = true;

  const control = (setup: Setup): Reply => {
    if (!isStandard(setup)) return classRequest(setup);
    const recipient = setup.requestType & 0x1f;
    if (recipient === ENDPOINT_RECIPIENT && setup.request === StandardRequest.CLEAR_FEATURE) return { kind: 'ack' };
    // Each interface has one setting.
    if (recipient === INTERFACE_RECIPIENT && setup.request === StandardRequest.SET_INTERFACE && setup.value === 0) {
      return { kind: 'ack' };
    }
    return standard.answer(setup);
  };
  const bulkIn = (address: number, length: number): BulkReply => {
    if (address !== endpoints.in) return { kind: 'nak' };
    const [message] = outgoing;
    if (!message) return { kind: 'nak' };
    const room = Math.ceil(length / packet) * packet;
    const left = message.subarray(room);
    if (left.length === 0) outgoing.shift();
    else outgoing[0] = left;
    return { kind: 'data', bytes: message.slice(0, room) };
  };
  const usb: UsbDeviceModel = {
    speed: model.speed,
    deviceDescriptor: descriptors.device,
    configurationDescriptor: descriptors.configuration,
    get busyUntil() {
      return probe.busyUntil;
    },
    control,
    bulkIn,
    bulkOut(address, data) {
      // What a host writes to the disk or the COM port is taken and forgotten.
      if (address !== endpoints.out) return { kind: 'ack' };
      const answer = probe.receive(data);
      if (answer) {
        outgoing.push(answer);
        for (const listener of ready) listener();
      }
      return { kind: 'ack' };
    },
    onReady(listener) {
      ready.add(listener);
      return () => ready.delete(listener);
    },
    reset() {
      standard.reset();
      probe.busReset();
      outgoing.length = 0;
    },
  };
  const tell = () => {
    for (const listener of subscribers) listener();
  };
  return {
    usb,
    serial,
    get device() {
      return plugged ? usb : undefined;
    },
    subscribe(listener) {
      subscribers.add(listener);
      return () => subscribers.delete(listener);
    },
    unplug() {
      plugged = false;
      tell();
    },
    plug() {
      probe.restart();
      usb.reset();
      plugged = true;
      tell();
    },
  };
}

function classRequest({ requestType, request }: Setup): Reply {
  if (requestType === 0xa1 && request === GET_MAX_LUN) return { kind: 'data', bytes: Uint8Array.of(0) };
  return requestType === 0x21 && LINE_REQUESTS.includes(request) ? { kind: 'ack' } : { kind: 'stall' };
}
