/** A virtual ST-LINK with a host's side of it: commands as a client sends them, and small programs for the chip behind it. */

import { VirtualClock } from '../src/clock.ts';
import { VirtualWebUsb } from '../src/hosts/webusb.ts';
import { createVirtualStLink, type VirtualStLink, type VirtualStLinkOptions } from '../src/stlink/index.ts';

export interface StLinkDesk extends VirtualStLink {
  readonly virtualClock: VirtualClock;
  /** Sends a command and its data, and takes `length` bytes. */
  readonly ask: (command: readonly number[], length: number, data?: Uint8Array) => Promise<Uint8Array>;
  readonly readDebug: (address: number) => Promise<number>;
  readonly writeDebug: (address: number, value: number) => Promise<number>;
  /** Status of the last block. */
  readonly status: () => Promise<number>;
}

export const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
/** A command for a block of memory. */
export const block = (code: number, address: number, length: number): number[] => [
  0xf2,
  code,
  ...word(address),
  length & 0xff,
  length >>> 8,
];
export const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
export const enter: readonly number[] = [0xf2, 0x30, 0xa3];

export async function desk(options: Partial<VirtualStLinkOptions> = {}): Promise<StLinkDesk> {
  const virtualClock = new VirtualClock();
  const made = createVirtualStLink({ probe: 'v2-1', chip: 'STM32F407', clock: virtualClock, ...options });
  const usb = new VirtualWebUsb({ connectors: [made.connector], clock: virtualClock, dialect: 'usb-3.1' });
  const [shown] = await usb.getDevices();
  if (!shown) throw new Error('nothing is plugged in');
  await shown.open();
  await shown.claimInterface(0);
  const { out } = made.probe.model.endpoints;
  const ask: StLinkDesk['ask'] = async (command, length, data) => {
    const bytes = new Uint8Array(16);
    bytes.set(command);
    await shown.transferOut(out, bytes);
    if (data) await shown.transferOut(out, data);
    if (length === 0) return new Uint8Array();
    const { data: view } = await shown.transferIn(1, length);
    return new Uint8Array(view?.buffer ?? new ArrayBuffer(0), view?.byteOffset, view?.byteLength);
  };
  return {
    ...made,
    virtualClock,
    ask,
    async readDebug(address) {
      const answer = await ask([0xf2, 0x36, ...word(address)], 8);
      return new DataView(answer.buffer, answer.byteOffset).getUint32(4, true);
    },
    writeDebug: async (address, value) => (await ask([0xf2, 0x35, ...word(address), ...word(value)], 2))[0] ?? 0,
    status: async () => (await ask([0xf2, 0x3e], 12))[0] ?? 0,
  };
}

/** Flash with a program that writes words (ADR R2; LDMIA R2!, {R0, R1}; STR R1, [R0]) and goes on with `then`. */
export function programOf(
  writes: readonly (readonly [address: number, value: number])[],
  then: readonly number[] = [0xe7fe],
): ReadonlyMap<number, Uint8Array> {
  const image = new Uint8Array(0x100);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, 0x0800_0041, true);
  [0xa20f, ...writes.flatMap(() => [0xca03, 0x6001]), ...then].forEach((half, index) => {
    view.setUint16(0x40 + 2 * index, half, true);
  });
  writes.flat().forEach((value, index) => {
    view.setUint32(0x80 + 4 * index, value, true);
  });
  return new Map([[0x0800_0000, image]]);
}
