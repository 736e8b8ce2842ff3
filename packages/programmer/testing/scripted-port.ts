/** A `UsbPort` that expects the requests of a script and answers as it says. It knows the numbers of DFU 1.1 and no code of ours. */
import { FlashError } from '../src/errors.ts';
import type { Alternate, ControlSetup, UsbPort } from '../src/ports/usb.ts';
import type { QuickClock } from './clocks.ts';

/** DFU 1.1 §3, table 3.2 */
const REQUESTS = ['DETACH', 'DNLOAD', 'UPLOAD', 'GETSTATUS', 'CLRSTATUS', 'GETSTATE', 'ABORT'];

export const ST_IDENTITY = { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x2200, product: 'STM32  BOOTLOADER' };

/** What a device leaves open until a test says. */
export const UNUSED = {
  interfaceNumber: 0,
  alternates: [],
  configurationDescriptor: new Uint8Array(0),
  gone: new Promise<void>(() => undefined),
} as const;

/** A setting of a DFU interface. */
export function alternate(name: string, number = 0): Alternate {
  return { number, interfaceClass: 0xfe, interfaceSubclass: 1, interfaceProtocol: 2, name };
}

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** `DNLOAD 0 2100000008`, `UPLOAD 2 1024`, `GETSTATUS`. */
export function nameOf({ request, value }: ControlSetup, detail: string): string {
  const name = REQUESTS[request] ?? `request ${request}`;
  return name === 'DNLOAD' || name === 'UPLOAD' ? `${name} ${value} ${detail}`.trimEnd() : name;
}

/** DFU has no bulk endpoints. */
async function noBulk(endpoint: number): Promise<never> {
  throw new FlashError('usb/transfer', { endpoint, detail: 'there is no such endpoint' });
}

/**
 * Lines such as `GETSTATUS -> 000000000400`, `DNLOAD 2 ff -> ok`, `UPLOAD 2 64 -> STALL`, `GETSTATUS -> GONE`, and
 * `GETSTATUS -> 800 ms 000000000500` for a device that holds the request. The last line may be repeated for ever: `… xN`.
 */
export function scriptedPort(script: readonly string[], clock?: QuickClock): UsbPort & { readonly left: string[] } {
  const left = [...script];
  const next = (asked: string, setup: ControlSetup): string => {
    const [line = 'the end', ...rest] = left;
    const endless = line.endsWith(' xN');
    const [expected, answer = ''] = line.replace(/ xN$/, '').split(' -> ');
    if (expected !== asked) throw new Error(`the script has "${line}", the code asked "${asked}"`);
    left.splice(0, left.length, ...(endless ? [line, ...rest] : rest));
    const held = /^(\d+) ms (.*)$/.exec(answer);
    if (held) clock?.pass(Number(held[1]));
    const reply = held?.[2] ?? answer;
    if (reply === 'STALL') throw new FlashError('usb/stall', { setup });
    if (reply === 'GONE') throw new FlashError('usb/gone', { setup });
    if (reply === 'TIMEOUT') throw new FlashError('usb/timeout', { setup, afterMs: 5000 });
    return reply;
  };
  return {
    ...UNUSED,
    identity: ST_IDENTITY,
    left,
    selectAlternate: async () => undefined,
    controlIn: async (setup, length) => bytesOf(next(nameOf(setup, setup.request === 2 ? `${length}` : ''), setup)),
    controlOut: async (setup, data) => void next(nameOf(setup, hexOf(data)), setup),
    bulkIn: noBulk,
    bulkOut: noBulk,
    reset: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
