/** A `UsbPort` with two bulk endpoints that expects what a script says, and answers as it says. It knows no code of ours. */
import { FlashError } from '../src/errors.ts';
import type { UsbPort } from '../src/ports/usb.ts';
import { hexOf, UNUSED } from './scripted-port.ts';

/** Zeros at the end of a command of 16 bytes say nothing. */
const COMMAND_BYTES = 16;

/**
 * Lines such as `f5 -> 0100`, `f307` for a command without a reply, `reset` for a reset of the device, `f5 -> TIMEOUT`.
 * Data behind a command is a line of its own: `data 01020304`.
 */
export function scriptedBulk(script: readonly string[]): UsbPort & { readonly left: string[] } {
  const left = [...script];
  let reply: string | undefined;
  const expectLine = (asked: string): void => {
    const [line = 'the end'] = left;
    const [expected, answer] = line.split(' -> ');
    if (expected !== asked) throw new Error(`the script has "${line}", the code sent "${asked}"`);
    left.shift();
    reply = answer;
  };
  const refuse = async (): Promise<never> => {
    throw new Error('control transfers are not used');
  };
  return {
    ...UNUSED,
    left,
    identity: { vendorId: 0x0483, productId: 0x374b, bcdDevice: 0x0100 },
    selectAlternate: async () => undefined,
    controlIn: refuse,
    controlOut: refuse,
    async bulkOut(_endpoint, data) {
      const text = hexOf(data);
      const isCommand = data.length === COMMAND_BYTES;
      expectLine(isCommand ? text.replace(/(00)+$/, '') : `data ${text}`);
    },
    async bulkIn(endpoint, length) {
      const answer = reply;
      reply = undefined;
      if (answer === undefined || answer === 'TIMEOUT')
        throw new FlashError('usb/timeout', { endpoint, afterMs: 3000 });
      const bytes = Uint8Array.from(answer.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      return bytes.subarray(0, length);
    },
    reset: async () => expectLine('reset'),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
