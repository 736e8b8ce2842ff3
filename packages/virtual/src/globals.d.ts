// Platform globals that this package uses when they are there: the first in Node, the second in browsers and workers.
declare const setImmediate: ((callback: () => void) => unknown) | undefined;
interface VirtualMessagePort {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
}
declare class MessageChannel {
  readonly port1: VirtualMessagePort;
  readonly port2: VirtualMessagePort;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
