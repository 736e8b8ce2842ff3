/** Words for people, one row for each error code: what it means and what to do. A code without a row does not compile. */
import { REQUEST, requestName } from './dfu/codes.ts';
import type { ErrorCode, FactsOf, FlashError } from './errors.ts';
import type { ControlSetup } from './ports/usb.ts';
import { hex } from './target/geometry.ts';

export interface Hint<C extends ErrorCode> {
  /** What happened, one sentence. */
  readonly title: (facts: FactsOf<C>) => string;
  /** What to do now, best first. */
  readonly remedy: readonly string[];
}

const at = (address: number | undefined): string => (address === undefined ? '' : ` at ${hex(address)}`);

const CABLE = [
  'Plug the device in again and start anew: what is already written is kept.',
  'Try another cable or port, without a hub.',
];

/** `DNLOAD of block 5`, in the words of DFU 1.1 where it is one of its requests. */
function requestText({ requestType, request, value }: ControlSetup): string {
  if (requestType !== 'class') return `the ${requestType} request ${request} (value ${value})`;
  const name = requestName(request);
  return request === REQUEST.DNLOAD || request === REQUEST.UPLOAD ? `${name} of block ${value}` : name;
}

/** Exhaustive by type. */
export const hints: { readonly [C in ErrorCode]: Hint<C> } = {
  'usb/stall': {
    title: ({ setup }) => `The device refused ${requestText(setup)}.`,
    remedy: ['Reset the device into its bootloader and try again.'],
  },
  'usb/timeout': {
    title: ({ afterMs }) => `The device did not answer within ${(afterMs / 1000).toFixed(0)} s.`,
    remedy: ['Reset the device into its bootloader and try again.', ...CABLE.slice(1)],
  },
  'usb/gone': { title: () => 'The device left the bus.', remedy: CABLE },
  'usb/access': {
    title: ({ detail }) => `The operating system does not let us open the device (${detail}).`,
    remedy: [
      'Linux: allow it with a udev rule, then plug the device in again: SUBSYSTEM=="usb", ATTR{idVendor}=="0483", ATTR{idProduct}=="df11", TAG+="uaccess"',
      'Windows: bind the WinUSB driver to it (Zadig, or the driver that comes with STM32CubeProgrammer).',
    ],
  },
  'usb/busy': {
    title: ({ detail }) => `Another program or driver holds the device (${detail}).`,
    remedy: ['Close other programmers, browser tabs and virtual machines that use it.'],
  },
  'usb/transfer': { title: ({ detail }) => `A USB transfer failed: ${detail}.`, remedy: CABLE },
  'usb/descriptor': {
    title: ({ detail }) => `The device describes itself in a way that USB does not allow: ${detail}.`,
    remedy: CABLE,
  },
  'device/not-programmable': {
    title: ({ detail }) => `This device cannot be programmed over DFU: ${detail}.`,
    remedy: ['Start the bootloader of the chip: for most STM32, BOOT0 high at reset.'],
  },
  'device/unstable-read': {
    title: ({ address, first, second }) =>
      `Two reads of ${hex(address)} differ: ${hex(first, 2)}, then ${hex(second, 2)}. What the sector holds beside the image cannot be kept like this; it was not erased.`,
    remedy: ['Try again; if it happens again, try another cable or port, without a hub.'],
  },
  'device/read-protected': {
    title: ({ operation, address }) => `The chip is read-protected: it refused to ${operation}${at(address)}.`,
    remedy: [
      'Read protection is removed only on request, because that erases everything in the chip.',
      'The request is called unprotect; it asks once more.',
    ],
  },
  'device/other-chip': {
    title: ({ stated, because, fits }) =>
      `This device is no ${stated}: ${because}${fits.length === 0 ? '' : ` (it fits ${fits.join(', ')})`}. Nothing was changed.`,
    remedy: [
      'Check that the right device is plugged in and chosen.',
      'Do not state the chip: what the device itself tells is enough for most of them.',
    ],
  },
  'device/not-back': {
    title: ({ afterMs }) => `The device left the bus and did not come back within ${(afterMs / 1000).toFixed(0)} s.`,
    remedy: [
      'Start it in its bootloader again (BOOT0 high at reset) and look at its option bytes.',
      'What was written may have changed how it starts.',
    ],
  },
  'option-bytes/absent': {
    title: ({ available }) => `This device shows no option bytes. There is: ${available.join('; ') || 'nothing'}.`,
    remedy: ['Only the ROM bootloader shows them, and not that of every chip; a debug probe reaches them always.'],
  },
  'option-bytes/unknown': {
    title: ({ chips, address }) =>
      `How the option bytes at ${hex(address)} are laid out is not known: ${chips.length === 0 ? 'the device does not tell its chip' : `it may be ${chips.join(', ')}`}.`,
    remedy: ['State the chip.', 'Their bytes can be read as they are, like any memory.'],
  },
  'option-bytes/field': {
    title: ({ name, known }) => `This chip has no option "${name}". There is: ${known.join(', ')}.`,
    remedy: ['Look at the option bytes first.'],
  },
  'option-bytes/value': {
    title: ({ name, value, allowed }) => `"${value}" is no value of ${name}. There is: ${allowed.join(', ')}.`,
    remedy: ['Write it by name, or as a number such as 0x1F.'],
  },
  'option-bytes/fixed': {
    title: ({ name }) => `${name} cannot be changed through the bootloader.`,
    remedy: ["It belongs to the maker, or to the chip's other core."],
  },
  'option-bytes/for-ever': {
    title: ({ name, value, caution }) => `${name} = ${value} was not written: ${caution}.`,
    remedy: ['Nothing takes it back: it is written only when that is asked for by its own word.'],
  },
  'option-bytes/differ': {
    title: ({ name, expected, found }) =>
      `The chip did not take ${name} = ${hex(expected, 1)}: ${found === undefined ? 'it does not show it any more' : `it has ${hex(found, 1)}`}.`,
    remedy: ['Take the power away, start the bootloader again, and try once more.'],
  },
  'dfu/status': {
    title: ({ operation, status, state, address }) =>
      `The device reported ${status} (${state}) to ${operation}${at(address)}.`,
    remedy: ['Check that the address belongs to this chip.', 'Reset the device into its bootloader and try again.'],
  },
  'dfu/protocol': {
    title: ({ operation, expected, found }) => `The device answered ${operation} with ${found} instead of ${expected}.`,
    remedy: ['Reset the device into its bootloader and try again.', 'Record a trace and open an issue with it.'],
  },
  'dfu/stuck': {
    title: ({ operation, afterMs, address }) =>
      `The device was still busy with ${operation}${at(address)} after ${(afterMs / 1000).toFixed(0)} s.`,
    remedy: ['Unplug the device, plug it in again and start anew.'],
  },
  'dfu/short-read': {
    title: ({ address, expected, found }) => `The device sent ${found} of ${expected} bytes${at(address)}.`,
    remedy: ['The chip may have less memory than its map says: state the chip.'],
  },
  'dfu/layout': {
    title: ({ text, offset, expected }) =>
      `The device's memory map "${text}" cannot be understood at position ${offset}: expected ${expected}.`,
    remedy: ['Open an issue with this line.'],
  },
  'plan/outside': {
    title: ({ start, end, available }) =>
      `${hex(start)} to ${hex(end - 1)} does not lie in the flash of this device. There is: ${available.join('; ') || 'nothing'}.`,
    remedy: ['Check the address, and that the file is built for this chip.'],
  },
  'plan/read-only': {
    title: ({ start, end }) => `The device's map marks ${hex(start)} to ${hex(end - 1)} as read-only.`,
    remedy: ['A bootloader often lives there: build the firmware for the address behind it.'],
  },
  'plan/one-time': {
    title: ({ start, end }) =>
      `${hex(start)} to ${hex(end - 1)} is OTP memory: what is written there stays for ever, so that it was not written.`,
    remedy: ['If that is what you want, say so explicitly.', 'Else build the file without it.'],
  },
  'plan/spent': {
    title: ({ address, expected, found }) =>
      `OTP memory at ${hex(address)} holds ${hex(found, 2)} already: it cannot become ${hex(expected, 2)}.`,
    remedy: ['Choose a place in OTP memory that is still blank.'],
  },
  'plan/empty': { title: () => 'The file has no bytes to program.', remedy: ['Check the file.'] },
  'plan/doubtful': {
    title: () =>
      'Stopped before writing: what reads alone show is that programming through this device cannot succeed.',
    remedy: [],
  },
  'verify/mismatch': {
    title: ({ address, expected, found, differing, compared }) =>
      `The device does not hold the image: ${hex(address)} holds ${hex(found, 2)} instead of ${hex(expected, 2)}; ${differing} of ${compared} bytes differ.`,
    remedy: ['Program it, or program it again.'],
  },
  'verify/too-quick': {
    title: ({ tookMs, leastMs }) =>
      `It read back right, but in ${(tookMs / 1000).toFixed(2)} s where this flash needs ${(leastMs / 1000).toFixed(2)} s at least: the device did not write flash.`,
    remedy: ['Take the power away from the device, start it again and run verify.'],
  },
  'verify/not-erased': {
    title: ({ address, found }) => `The device accepted the erase, but ${hex(address)} holds ${hex(found, 2)}.`,
    remedy: ['The sector may be write-protected: look at the option bytes.'],
  },
  'fix/impossible': {
    title: ({ chip, wanted, reason, source, instead }) =>
      `No code for the ${chip} can ${wanted}: ${reason} (${source}). What works: ${instead}.`,
    remedy: ['Take the way that works on this chip.'],
  },
  'fix/option': {
    title: ({ option, value, expected }) => `"${value}" does not do for ${option}: expected ${expected}.`,
    remedy: ['Write it as one of those.'],
  },
  'trace/diverged': {
    title: ({ entry, expected, found }) => `The trace has "${expected}" at entry ${entry}, the run did "${found}".`,
    remedy: ['Replay a trace with the file and the options that it was recorded with.'],
  },
};

export interface Explanation {
  readonly title: string;
  readonly remedy: readonly string[];
}

/** The row of an error's code with its facts filled in. */
export function explain<C extends ErrorCode>(error: FlashError<C>): Explanation {
  const hint: Hint<C> = hints[error.code];
  return { title: hint.title(error.facts), remedy: hint.remedy };
}
