/** TCP connections with a time limit, and the limits of calls. */
import { connect, type Socket } from 'node:net';
import { UsbIpError } from './usbip-error.ts';

/** Limits of one call. */
export interface CallOptions {
  /** Time limit in ms; 5000 when absent. */
  readonly timeoutMs?: number;
  /** Ends the call with `signal.reason`. */
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Arms a call's limits: `onLimit` is called at most once, with what the call has to be rejected with.
 * @returns a function that disarms them
 */
export function limit(
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CallOptions,
  what: () => string,
  onLimit: (reason: unknown) => void,
): () => void {
  const disarm = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
  const onAbort = (): void => {
    disarm();
    onLimit(signal?.reason);
  };
  const timer = setTimeout(() => {
    disarm();
    onLimit(new UsbIpError('timeout', `${what()} did not end within ${timeoutMs} ms.`));
  }, timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  return disarm;
}

/**
 * Connects. The socket's errors are taken care of: listen to 'close'.
 * @throws UsbIpError `refused` when nobody listens, `unreachable` otherwise; signal.reason
 */
export async function dial(host: string, port: number, options: CallOptions): Promise<Socket> {
  options.signal?.throwIfAborted();
  return await new Promise<Socket>((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const fail = (reason: unknown): void => {
      disarm();
      socket.destroy();
      reject(reason);
    };
    const disarm = limit(
      options,
      () => `The connection to ${host}:${port}`,
      (reason) => {
        const late = reason instanceof UsbIpError && reason !== options.signal?.reason;
        fail(late ? new UsbIpError('unreachable', reason.message, { cause: reason }) : reason);
      },
    );
    socket.once('connect', () => {
      disarm();
      resolve(socket);
    });
    socket.on('error', (cause) => fail(connectionError(host, port, cause)));
  });
}

function connectionError(host: string, port: number, cause: Error): UsbIpError {
  const refused = 'code' in cause && cause.code === 'ECONNREFUSED';
  return refused
    ? new UsbIpError('refused', `Nobody listens at ${host}:${port}. Is a USB/IP server running there?`, { cause })
    : new UsbIpError('unreachable', `There is no connection to ${host}:${port}: ${cause.message}`, { cause });
}
