/** A DfuSe device by its answers alone (USB 2.0 §9.4, DFU 1.1 §6, AN3156 §4): honest where nobody says otherwise. */
import type { RawAnswer, RawDevice, Setup } from './raw-server.ts';

export interface DfuDevice {
  /** Names of the alternate settings: memory layouts. */
  readonly alternates: readonly string[];
  readonly product: string;
  readonly manufacturer: string;
  readonly serial: string;
  readonly transferSize: number;
  /** bwPollTimeout of each reply. */
  readonly pollMs: number;
  /** It never ends an operation. */
  readonly isBusyForEver: boolean;
  /** Bytes of flash at an address. */
  readonly read: (address: number, length: number) => RawAnswer;
  /** In place of the configuration descriptor. */
  readonly configuration?: Uint8Array;
  /** Before each answer. */
  readonly delayMs?: number;
  /** In place of any answer. */
  readonly instead?: (setup: Setup) => RawAnswer | undefined;
}

const STRING = { manufacturer: 1, product: 2, serial: 3, alternate: 4 } as const;
const DFU_REQUEST = { download: 1, upload: 2, getStatus: 3, clearStatus: 4, getState: 5, abort: 6 } as const;
const STATE = { idle: 2, downloadSync: 3, busy: 4, downloadIdle: 5, uploadIdle: 9, error: 10 } as const;
const ERR_STALLED_PKT = 15;
const NO_BYTES = new Uint8Array(0);

export const HONEST_DEVICE: DfuDevice = {
  alternates: ['@Internal Flash  /0x08000000/128*002Kg'],
  product: 'Board loader',
  manufacturer: 'Example',
  serial: '0001',
  transferSize: 1024,
  pollMs: 0,
  isBusyForEver: false,
  read: (address, length) => contentAt(address, length),
};

/** No period, so that nobody takes it for a loader that ignores addresses. */
export function contentAt(address: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(address + i + 1, 0x9e37_79b1) >>> 24);
}

export function dfuDevice(more: Partial<DfuDevice> = {}): RawDevice {
  const device = { ...HONEST_DEVICE, ...more };
  const loader = new Loader(device);
  const { delayMs, instead } = device;
  return {
    ...(delayMs !== undefined && { delayMs }),
    control: (setup, data) => {
      const other = instead?.(setup);
      if (other !== undefined) return other;
      return (setup.requestType & 0x60) === 0 ? standard(device, setup) : loader.answer(setup, data);
    },
  };
}

function standard(device: DfuDevice, { request, value }: Setup): RawAnswer {
  if (request === 0) return Uint8Array.of(0, 0);
  if (request === 8) return Uint8Array.of(1);
  if (request === 10) return Uint8Array.of(0);
  if (request !== 6) return NO_BYTES;
  const [type, index] = [value >> 8, value & 0xff];
  if (type === 1) return Uint8Array.of(18, 1, 0, 2, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xdf, 0, 2, 1, 2, 3, 1);
  if (type === 2) return device.configuration ?? configurationOf(device.alternates.length, device.transferSize);
  if (type !== 3) return 'stall';
  if (index === 0) return Uint8Array.of(4, 3, 9, 4);
  const text = {
    [STRING.manufacturer]: device.manufacturer,
    [STRING.product]: device.product,
    [STRING.serial]: device.serial,
  }[index];
  const name = text ?? device.alternates[(index - STRING.alternate) % Math.max(1, device.alternates.length)];
  return name === undefined ? 'stall' : stringDescriptor(name);
}

export function stringDescriptor(text: string): Uint8Array {
  const units = Buffer.from(text, 'utf16le').subarray(0, 252);
  return Uint8Array.of(units.length + 2, 3, ...units);
}

/** @param alternates of the one interface; their names are the strings from 4 on, and wrap */
export function configurationOf(alternates: number, transferSize: number): Uint8Array {
  const interfaces = Array.from({ length: alternates }, (_, i) => {
    const name = STRING.alternate + (i % (256 - STRING.alternate));
    return [9, 4, 0, i & 0xff, 0, 0xfe, 1, 2, name];
  });
  const functional = [9, 0x21, 0x0b, 0xff, 0, transferSize & 0xff, transferSize >> 8, 0x1a, 1];
  const total = 9 + interfaces.length * 9 + functional.length;
  return Uint8Array.from([9, 2, total & 0xff, total >> 8, 1, 1, 0, 0xc0, 0x32, ...interfaces.flat(), ...functional]);
}

class Loader {
  readonly #device: DfuDevice;
  #state: number = STATE.idle;
  #status = 0;
  #pointer = 0x0800_0000;

  constructor(device: DfuDevice) {
    this.#device = device;
  }

  answer({ request, value, length }: Setup, data: Uint8Array): RawAnswer {
    const { read, transferSize } = this.#device;
    if (request === DFU_REQUEST.getStatus) return this.#tellStatus();
    if (request === DFU_REQUEST.getState) return Uint8Array.of(this.#state);
    if (request === DFU_REQUEST.clearStatus || request === DFU_REQUEST.abort) {
      [this.#state, this.#status] = [STATE.idle, 0];
      return NO_BYTES;
    }
    if (request === DFU_REQUEST.upload) {
      if (value < 2) return this.#fail();
      this.#state = STATE.uploadIdle;
      return read(this.#pointer + (value - 2) * transferSize, length);
    }
    if (request !== DFU_REQUEST.download) return this.#fail();
    if (value === 0 && data[0] === 0x21 && data.length === 5) this.#pointer = Buffer.from(data).readUInt32LE(1);
    this.#state = STATE.downloadSync;
    return NO_BYTES;
  }

  #fail(): RawAnswer {
    [this.#state, this.#status] = [STATE.error, ERR_STALLED_PKT];
    return 'stall';
  }

  #tellStatus(): Uint8Array {
    const { pollMs, isBusyForEver } = this.#device;
    if (this.#state === STATE.busy && !isBusyForEver) this.#state = STATE.downloadIdle;
    else if (this.#state === STATE.downloadSync) this.#state = STATE.busy;
    return Uint8Array.of(this.#status, pollMs & 0xff, (pollMs >> 8) & 0xff, pollMs >> 16, this.#state, 0);
  }
}
