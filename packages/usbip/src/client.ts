/** A USB/IP client in user space: reaches a device that any USB/IP server exports, with no kernel module and no root. */
/// <reference lib="esnext.disposable" preserve="true" />
import { type DeviceRecord, type ListedDevice, readDeviceList } from './device-record.ts';
import { type CallOptions, dial, limit } from './dial.ts';
import { FrameReader } from './frames.ts';
import { readImport } from './import-reply.ts';
import { Transfers } from './transfers.ts';
import { UsbIpError } from './usbip-error.ts';
import { type ControlSetup, encodeImportRequest, encodeOpHeader, NOTHING, OP, PORT_RESET, USBIP_PORT } from './wire.ts';

export type { CallOptions } from './dial.ts';

/** A server, and the limits of the call. */
export interface RemoteOptions extends CallOptions {
  readonly host: string;
  /** 3240 when absent. */
  readonly port?: number;
}

/**
 * The devices that a server exports and nobody has imported.
 * @throws UsbIpError `refused`, `unreachable`, `timeout`, `rejected`, `protocol` or `gone`; signal.reason
 */
export async function listDevices(options: RemoteOptions): Promise<ListedDevice[]> {
  const { socket, result } = await converse(options, encodeOpHeader(OP.REQ_DEVLIST), readDeviceList());
  socket.destroy();
  return result;
}

/**
 * One imported device, for this client alone until `close`. A server on Linux hands out the device as it is: reading its
 * descriptors and setting a configuration are left to the caller. Every failed call is a UsbIpError; an aborted one
 * rejects with signal.reason. After a time limit or an abort the transfer is taken back, and the device can be used on.
 */
export class UsbIpClient implements AsyncDisposable {
  /** The device as the server describes it. */
  readonly device: DeviceRecord;
  /** Resolves when the connection has ended, whoever ended it: the device was unplugged, the server stopped, we closed. */
  readonly gone: Promise<void>;
  readonly #transfers: Transfers;

  private constructor(device: DeviceRecord, transfers: Transfers) {
    this.device = device;
    this.#transfers = transfers;
    this.gone = transfers.gone;
  }

  /** @throws UsbIpError as `listDevices` does, and `no-such-device` or `busy`; signal.reason */
  static async import(options: RemoteOptions & { readonly busid: string }): Promise<UsbIpClient> {
    const { busid } = options;
    const { socket, result, rest } = await converse(options, encodeImportRequest(busid), readImport(busid));
    return new UsbIpClient(result, new Transfers(socket, result, rest));
  }

  /** A control request with a data stage to the host. @returns what came, up to `length` bytes */
  controlIn(setup: ControlSetup, length: number, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#transfers.run({ direction: 'in', endpoint: 0, length, setup: { ...setup, length } }, NOTHING, options);
  }

  /** A control request with these data for the device, or none. */
  async controlOut(setup: ControlSetup, data: Uint8Array = NOTHING, options: CallOptions = {}): Promise<void> {
    const { length } = data;
    await this.#transfers.run({ direction: 'out', endpoint: 0, length, setup: { ...setup, length } }, data, options);
  }

  /** `endpoint` is its number, with or without the direction bit. @returns what came, up to `length` bytes */
  async bulkIn(endpoint: number, length: number, options: CallOptions = {}): Promise<Uint8Array> {
    return await this.#transfers.run({ direction: 'in', endpoint: endpoint & 0x0f, length }, NOTHING, options);
  }

  async bulkOut(endpoint: number, data: Uint8Array, options: CallOptions = {}): Promise<void> {
    await this.#transfers.run({ direction: 'out', endpoint: endpoint & 0x0f, length: data.length }, data, options);
  }

  /** A bus reset of the device, which then is unconfigured. A server that knows no such thing leaves it as it is. */
  async reset(options: CallOptions = {}): Promise<void> {
    try {
      await this.controlOut(PORT_RESET, NOTHING, options);
    } catch (error) {
      // A server that hands the request on to the device, after or instead of a reset, hears a STALL.
      if (!(error instanceof UsbIpError && error.code === 'stall')) throw error;
    }
  }

  /** Gives the device back. Calls under way end with `gone`. */
  async close(): Promise<void> {
    await this.#transfers.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Sends a request on a new connection and reads the reply. `rest` are bytes that came after it. */
async function converse<T>(options: RemoteOptions, request: Uint8Array, reader: Generator<number, T, Uint8Array>) {
  const { host, port = USBIP_PORT } = options;
  const socket = await dial(host, port, options);
  const frames = new FrameReader(reader);
  try {
    const result = await new Promise<T>((resolve, reject) => {
      const onClose = (): void =>
        reject(new UsbIpError('gone', `${host}:${port} closed the connection without an answer.`));
      const disarm = limit(
        options,
        () => `The request to ${host}:${port}`,
        (reason) => settle(() => reject(reason)),
      );
      const settle = (done: () => void): void => {
        disarm();
        socket.off('data', onData).off('close', onClose);
        done();
      };
      const onData = (chunk: Uint8Array): void => {
        try {
          frames.push(chunk);
          const { result: got } = frames;
          if (got !== undefined) settle(() => resolve(got.value));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      socket.on('data', onData).once('close', onClose);
      socket.write(request);
    });
    return { socket, result, rest: frames.rest };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
