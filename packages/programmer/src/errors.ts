/** The one error class of the programmer: a string code, typed facts, a cause. Words for people live in `hints`. */
import type { ControlSetup } from './ports/usb.ts';

/** What is known beside each code. A code without a row here does not exist. */
export interface FactsByCode {
  /** The device refused a transfer. */
  'usb/stall': { readonly setup: ControlSetup };
  /** The device did not answer within the limit. */
  'usb/timeout': { readonly setup?: ControlSetup; readonly afterMs: number };
  /** The device left the bus. */
  'usb/gone': { readonly setup?: ControlSetup };
  /** The operating system does not let us open it. */
  'usb/access': { readonly detail: string; readonly path?: string };
  /** Another program or driver holds it. */
  'usb/busy': { readonly detail: string };
  /** Any other failure of a transfer, with the platform's own words. */
  'usb/transfer': { readonly setup?: ControlSetup; readonly detail: string };
  /** Descriptors that contradict the specification. */
  'usb/descriptor': { readonly detail: string };

  /** The device speaks, but not DFU 1.1a mode (runtime interface, or none at all). */
  'device/not-programmable': { readonly detail: string };
  /** The same place read twice gave different bytes, with nothing written in between. */
  'device/unstable-read': { readonly address: number; readonly first: number; readonly second: number };
  /** Read protection: the device refuses to read, write and erase. */
  'device/read-protected': { readonly operation: string; readonly address?: number };

  /** It is not the chip that the user stated. */
  'device/other-chip': { readonly stated: string; readonly because: string; readonly fits: readonly string[] };

  /** It left the bus, as was expected, and did not come back. */
  'device/not-back': { readonly afterMs: number };

  /** The loader shows no option bytes. */
  'option-bytes/absent': { readonly available: readonly string[] };
  /** Nothing says how the option bytes at `address` are laid out; `chips` are all that it may be. */
  'option-bytes/unknown': { readonly chips: readonly string[]; readonly address: number };
  /** The chip has no option of this name. */
  'option-bytes/field': { readonly name: string; readonly known: readonly string[] };
  /** The option cannot have this value. */
  'option-bytes/value': { readonly name: string; readonly value: string; readonly allowed: readonly string[] };
  /** Nobody but the maker changes this option. */
  'option-bytes/fixed': { readonly name: string };
  /** The value cannot be taken back, and that was not asked for. */
  'option-bytes/for-ever': { readonly name: string; readonly value: string; readonly caution: string };
  /** What was written is not what the chip has; without `found` it does not show the option any more. */
  'option-bytes/differ': { readonly name: string; readonly expected: number; readonly found?: number };

  /** The device went to dfuERROR and said why (DFU 1.1 §6.1.2). */
  'dfu/status': {
    readonly operation: string;
    readonly status: string;
    readonly state: string;
    readonly address?: number;
  };
  /** A reply that the protocol does not allow here. */
  'dfu/protocol': { readonly operation: string; readonly expected: string; readonly found: string };
  /** Still busy after the longest time that the operation can take. */
  'dfu/stuck': { readonly operation: string; readonly afterMs: number; readonly address?: number };
  /** The device sent fewer bytes than were asked for. */
  'dfu/short-read': { readonly address: number; readonly expected: number; readonly found: number };
  /** No memory map that we understand. */
  'dfu/layout': { readonly text: string; readonly offset: number; readonly expected: string };

  /** The image has bytes where the device has no memory that can be programmed. */
  'plan/outside': { readonly start: number; readonly end: number; readonly available: readonly string[] };
  /** The device's own map marks these sectors as not erasable or not writable. */
  'plan/read-only': { readonly start: number; readonly end: number };
  /** The image has bytes in OTP memory, which is written once and for ever, and that was not asked for. */
  'plan/one-time': { readonly start: number; readonly end: number };
  /** OTP memory holds something that cannot become what the image has. */
  'plan/spent': { readonly address: number; readonly expected: number; readonly found: number };
  /** There is nothing to do with an image without bytes. */
  'plan/empty': Record<never, never>;
  /** What reads alone show makes success impossible or unlikely: nothing was written. */
  'plan/doubtful': { readonly cause: string };

  /** The device does not hold the image. */
  'verify/mismatch': {
    readonly address: number;
    readonly expected: number;
    readonly found: number;
    readonly differing: number;
    readonly compared: number;
  };
  /** It read back right, in less time than the flash of this chip needs: what was read cannot have come from there. */
  'verify/too-quick': { readonly tookMs: number; readonly leastMs: number; readonly bytesWritten: number };
  /** After an erase the memory still holds something. */
  'verify/not-erased': { readonly address: number; readonly found: number };

  /** No code can be written that does this on this chip; `instead` does work. */
  'fix/impossible': {
    readonly chip: string;
    readonly wanted: string;
    readonly reason: string;
    readonly source: string;
    readonly instead: string;
  };
  /** An option of a generator that does not fit the chip, or that nobody can read. */
  'fix/option': { readonly option: string; readonly value: string; readonly expected: string };

  /** A recorded trace does not go on as this run does. */
  'trace/diverged': { readonly entry: number; readonly expected: string; readonly found: string };
}

export type ErrorCode = keyof FactsByCode;
export type FactsOf<C extends ErrorCode> = FactsByCode[C];

export class FlashError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly facts: FactsOf<C>;

  constructor(code: C, facts: FactsOf<C>, cause?: unknown) {
    super(`${code} ${JSON.stringify(facts)}`, cause === undefined ? undefined : { cause });
    this.name = 'FlashError';
    this.code = code;
    this.facts = facts;
  }
}

/** `instanceof` with the codes kept: the class alone would narrow to any of them. */
export function isFlashError(error: unknown): error is FlashError {
  return error instanceof FlashError;
}

/** Whether `error` is a `FlashError` with this very code; narrows the facts. */
export function hasCode<C extends ErrorCode>(error: unknown, code: C): error is FlashError<C> {
  return error instanceof FlashError && error.code === code;
}
