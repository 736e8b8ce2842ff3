/** A USB/IP server on a TCP port: shows device models to `usbip attach` of any Linux, and to our own client. */
/// <reference lib="esnext.disposable" preserve="true" />
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { Clock, UsbConnector } from '@sureflash/virtual';
import { describe, type Socket } from './describe.ts';
import type { ListedDevice } from './device-record.ts';
import { type Claim, type Exports, ServerConnection } from './server-connection.ts';
import type { TransferTime } from './urbs.ts';
import { UsbIpError } from './usbip-error.ts';
import { STATUS, USBIP_PORT } from './wire.ts';

/** What happens at the server, for whoever shows it. `client` is the other end's address and port. */
export type ServerEvent =
  | { readonly kind: 'imported'; readonly busid: string; readonly client: string }
  | { readonly kind: 'released'; readonly busid: string; readonly client: string }
  /** The conversation broke off: a UsbIpError when the client broke the protocol, else what a device model threw. */
  | { readonly kind: 'broken'; readonly client: string; readonly error: unknown };

export interface UsbIpServerOptions {
  /** What is exported, by bus id ("1-1", "1-2", …). */
  readonly ports: ReadonlyMap<string, UsbConnector>;
  readonly clock: Clock;
  /** How long each transfer keeps the bus, in ms; nothing when absent. */
  readonly transferMs?: TransferTime;
  readonly onEvent?: (event: ServerEvent) => void;
}

export interface ListenOptions {
  /** Loopback when absent: USB/IP knows neither passwords nor encryption. */
  readonly host?: string;
  /** 3240 when absent; 0 for any free one. */
  readonly port?: number;
}

/** Bus ids as Linux makes them: bus, port, and the ports of hubs between. */
const BUSID = /^([1-9]\d{0,2})-[1-9]\d{0,2}(\.[1-9]\d{0,2}){0,5}$/;
const MAX_CONNECTIONS = 64;

/**
 * Exports the devices that are at the given connectors. A device is listed, and may be imported, while it is there and no
 * client has it, as with Linux' usbipd. When its client leaves, the device gets a bus reset, as from Linux' stub driver.
 */
export class UsbIpServer implements AsyncDisposable {
  readonly #options: UsbIpServerOptions;
  readonly #exports: Exports;
  readonly #server: Server;
  readonly #sockets = new Set<TcpSocket>();
  #closing: Promise<void> | undefined;

  /** @throws RangeError for a bus id that Linux would not take */
  constructor(options: UsbIpServerOptions) {
    this.#options = options;
    this.#exports = exportsOf(options.ports);
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#serve(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Where the server listens; undefined while it does not. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : { host: address.address, port: address.port };
  }

  /** @throws UsbIpError `listen` when the address is taken, or is not ours */
  async listen({ host = '127.0.0.1', port = USBIP_PORT }: ListenOptions = {}): Promise<{ host: string; port: number }> {
    await new Promise<void>((resolve, reject) => {
      const failed = (cause: Error): void => {
        reject(new UsbIpError('listen', `The server cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
      };
      this.#server.once('error', failed);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', failed);
        resolve();
      });
    });
    return this.address ?? { host, port };
  }

  /** Ends every connection and gives every device back. Nothing of the server runs afterwards. */
  async close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #serve(socket: TcpSocket): void {
    const client = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    const { clock, transferMs = () => 0, onEvent = () => {} } = this.#options;
    let imported: string | undefined;
    const released = (): void => {
      if (imported !== undefined) onEvent({ kind: 'released', busid: imported, client });
      imported = undefined;
    };
    const connection = new ServerConnection({
      exports: this.#exports,
      clock,
      transferMs,
      send: (bytes) => socket.write(bytes),
      onEnd: (error) => {
        if (error !== undefined) onEvent({ kind: 'broken', client, error });
        released();
        socket.end(() => socket.destroy());
      },
    });
    this.#sockets.add(socket);
    socket.on('data', (chunk) => {
      connection.receive(chunk);
      if (imported === undefined && connection.imported !== undefined) {
        imported = connection.imported;
        onEvent({ kind: 'imported', busid: imported, client });
      }
      // A client that sends but does not read is not read from either.
      if (socket.writableNeedDrain) socket.pause();
    });
    socket.on('drain', () => socket.resume());
    // 'close' follows every error, and tells enough: the client has gone.
    socket.on('error', () => {});
    const leave = (): void => {
      connection.close();
      released();
    };
    // Before the client hears that the connection is closed, the device is free for the next.
    socket.on('end', leave);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      leave();
    });
  }
}

function exportsOf(ports: ReadonlyMap<string, UsbConnector>): Exports {
  const places = new Map(
    [...ports].map(([busid, connector], index) => [busid, { connector, socket: place(busid, index) }]),
  );
  /** Bus ids of devices that a client has, with what asks it to give way. */
  const claimed = new Map<string, () => void>();
  return {
    list() {
      const listed: ListedDevice[] = [];
      for (const [busid, { connector, socket }] of places) {
        if (connector.device !== undefined && !claimed.has(busid)) listed.push(describe(connector.device, socket));
      }
      return listed;
    },
    claim(busid) {
      const at = places.get(busid);
      if (at?.connector.device === undefined) return STATUS.NODEV;
      claimed.get(busid)?.();
      if (claimed.has(busid)) return STATUS.DEV_BUSY;
      claimed.set(busid, () => {});
      const holder = {
        free: () => void claimed.delete(busid),
        onWanted: (listener: () => void) => void claimed.set(busid, listener),
      };
      return claimOf(at.connector, at.connector.device, describe(at.connector.device, at.socket), holder);
    },
  };
}

interface Holder {
  free(): void;
  onWanted(listener: () => void): void;
}

function claimOf(connector: UsbConnector, model: Claim['model'], device: ListedDevice, holder: Holder): Claim {
  let stop = (): void => {};
  let held = true;
  return {
    model,
    device,
    onDetach(listener) {
      stop = connector.subscribe(() => {
        if (connector.device !== model) listener();
      });
    },
    onWanted: (listener) => holder.onWanted(listener),
    release() {
      if (!held) return;
      held = false;
      stop();
      holder.free();
      // Linux' stub driver resets a device whose client has left (drivers/usb/usbip/stub_dev.c, stub_device_reset).
      if (connector.device === model) model.reset();
    },
  };
}

function place(busid: string, index: number): Socket {
  const busnum = Number(BUSID.exec(busid)?.[1]);
  if (!(busnum > 0) || busid.length > 31) throw new RangeError(`"${busid}" is not a USB bus id such as "1-1".`);
  // Address 1 is the root hub's.
  return { busid, busnum, devnum: index + 2 };
}
