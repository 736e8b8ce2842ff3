/** The one error class of the programmer: a code, typed facts, and what the evidence makes of it. Words live in `hints`. */
import type { Diagnosis } from './diagnosis/rank.ts';
import type { ControlSetup, FailedTransfer } from './ports/usb.ts';
import type { Concern } from './preflight/concern.ts';
import type { About } from './target/about.ts';
import type { OutsideFacts, Range } from './target/geometry.ts';

/**
 * `line`: the line to the chip is bad, or too quick. `wait`: the bus of the chip does not end an access. `fault`: it refuses one.
 * `taken`: the probe is at work for somebody else.
 */
export type ProbeReason = 'line' | 'wait' | 'fault' | 'taken';

/** What a core does that does not obey. */
export type CoreState = 'running' | 'asleep' | 'locked up' | 'held in reset' | 'closed to debuggers';

/** What is known beside each code. A code without a row here does not exist. */
export interface FactsByCode {
  /** The device refused a transfer; `request` names it in the words of its protocol: `DNLOAD of block 5`. */
  'usb/stall': FailedTransfer & { readonly request?: string };
  /** The device did not answer within the limit. */
  'usb/timeout': { readonly setup?: ControlSetup; readonly endpoint?: number; readonly afterMs: number };
  /** The device left the bus. */
  'usb/gone': { readonly setup?: ControlSetup; readonly endpoint?: number };
  /** The operating system does not let us open it. */
  'usb/access': { readonly detail: string; readonly path?: string };
  /** Another program or driver holds it. */
  'usb/busy': { readonly detail: string };
  /** Any other failure of a transfer, with the platform's own words. */
  'usb/transfer': { readonly setup?: ControlSetup; readonly endpoint?: number; readonly detail: string };
  /** Descriptors that contradict the specification. */
  'usb/descriptor': { readonly detail: string };

  /** The device answers, but no protocol that is known here can program it. */
  /** `cannotDetach`: it is in a bootloader already, is no USB device, or has refused to go to its bootloader. */
  'device/not-programmable': { readonly detail: string; readonly cannotDetach?: true };
  /** The same place read twice gave different bytes, with nothing written in between. */
  'device/unstable-read': { readonly address: number; readonly first: number; readonly second: number };
  /** Read protection: the device refuses to read, write and erase. */
  /** `debugger`: a debug probe was refused, not a host that asked a loader. */
  'device/read-protected': { readonly operation: string; readonly address?: number; readonly debugger?: true };

  /** The device gives nothing back, by its own word: what is done cannot be proven, and was not done. */
  'device/unreadable': Record<never, never>;

  /** Neither the device nor the chip table tells what memory it has. */
  'device/no-map': { readonly alternates: number };

  /** It is not the chip that the user stated. */
  'device/other-chip': { readonly stated: string; readonly because: string; readonly fits: readonly string[] };

  /** It left the bus, as was expected, and did not come back; `detached`: it was only asked to restart in its bootloader. */
  'device/not-back': { readonly afterMs: number; readonly detached?: true };

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
  /** The loader shows option bytes, and is not known to take others. */
  'option-bytes/read-only': { readonly setup?: ControlSetup; readonly endpoint?: number };
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
    /** The device's own words for it (iString). */
    readonly words?: string;
  };
  /** A reply that the protocol does not allow here. */
  'dfu/protocol': { readonly operation: string; readonly expected: string; readonly found: string };
  /** Still busy after the longest time that the operation can take. */
  'dfu/stuck': { readonly operation: string; readonly afterMs: number; readonly address?: number };
  /** It announces blocks of this many bytes, and refuses one of them while it takes a shorter one. */
  'dfu/block-size': { readonly announced: number };
  /** No memory map that we understand. */
  'dfu/layout': { readonly text: string; readonly offset: number; readonly expected: string };

  /** The firmware of the debug probe is too old to be used. `missing` is what it cannot do, as a verb phrase; absent, it can do too little of everything. */
  'probe/firmware': { readonly found: string; readonly least: string; readonly missing?: string };
  /** The debug probe does not answer, and a reset of its USB side did not bring it back. */
  'probe/mute': { readonly operation: string; readonly afterMs: number };
  /** A reply of the debug probe that its protocol does not allow here. */
  'probe/protocol': { readonly operation: string; readonly expected: string; readonly found: string };
  /** The debug probe reports that the chip, or the line to it, did not do what was asked; `status` is its own word. */
  'probe/refused': {
    readonly operation: string;
    readonly status: string;
    readonly address?: number;
    readonly reason?: ProbeReason;
  };
  /** No chip answers behind the debug probe. `volts` is its supply, where the probe measures it; `tried` are ways to connect. */
  'probe/no-target': {
    readonly status: string;
    readonly volts?: number;
    readonly tried: readonly string[];
    /** As it calls itself: `ST-LINK V2J37M27`. */
    readonly probe?: string;
    readonly reason?: ProbeReason;
    /** The chips that it may be, where its debug unit answers and nothing else does. */
    readonly closed?: readonly string[];
  };

  /** The core did not do in time what debug asked of it. */
  'core/stuck': { readonly operation: string; readonly afterMs: number; readonly state: CoreState };
  /** Something else in the chip has written to code that was put into its RAM. */
  'core/ram-changed': {
    readonly operation: string;
    readonly address: number;
    readonly expected: number;
    readonly found: number;
  };
  /** Code that was run in the chip took a fault, or left the way that it should go. */
  'core/fault': { readonly operation: string; readonly pc: number; readonly faults: readonly string[] };
  /** The chip was reset from outside in the middle of an operation. */
  'core/reset': {
    readonly operation: string;
    readonly address?: number;
    /** By its independent watchdog, as its reset flags say. */
    readonly byWatchdog?: true;
  };

  /** The flash controller refused; `flags` are its own names. */
  'flash/refused': { readonly operation: string; readonly address: number; readonly flags: readonly string[] };
  /** The flash controller stays busy, or its code in RAM does not go on. */
  'flash/stuck': { readonly operation: string; readonly address: number; readonly afterMs: number };

  /** The device gave fewer bytes than were asked for. */
  'read/short': { readonly address: number; readonly expected: number; readonly found: number };

  /** The firmware file itself speaks against programming it into this chip: nothing was written. */
  'preflight/danger': { readonly concerns: readonly Concern[] };

  /** The image has bytes where the device has no memory that can be programmed. */
  'plan/outside': OutsideFacts;
  /** The device's own map marks these sectors as not erasable or not writable. */
  'plan/read-only': Range;
  /** Option bytes keep `count` of the sectors that are to be changed from it, the first to the last; nothing was changed. */
  'plan/protected': {
    readonly start: number;
    readonly end: number;
    readonly count: number;
    /** `WRP`, or the name of the area: `PCROP1A`, `SFSA`. */
    readonly by: string;
  };
  /** The image has bytes in OTP memory, which is written once and for ever, and that was not asked for. */
  'plan/one-time': { readonly start: number; readonly end: number };
  /** OTP memory holds something that cannot become what the image has. */
  'plan/spent': { readonly address: number; readonly expected: number; readonly found: number };
  /** The chips that are told their supply do not run on this voltage. */
  'plan/supply': { readonly volts: number };
  /** There is nothing to do with an image without bytes. */
  'plan/empty': Record<never, never>;
  /** Reads alone show that success is impossible or cannot be proven: nothing was written. */
  'plan/doubtful': { readonly cause: string };
  /** The flash is blank where a program should be started. */
  'plan/nothing-to-start': { readonly address: number };

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
  /** The device erased something else than the sector that it was asked to; `restored`: the bytes that it took are back. */
  'verify/erased-otherwise': {
    readonly start: number;
    readonly end: number;
    readonly erasedStart: number;
    readonly erasedEnd: number;
    readonly restored: boolean;
  };
  /** The image is in its place, and at `address`, outside its sectors, something has changed that nobody asked to change. */
  'verify/changed-elsewhere': {
    readonly address: number;
    readonly expected: number;
    readonly found: number;
    /** Bytes that have changed, of `looked` outside the sectors of the job. */
    readonly differing: number;
    readonly looked: number;
  };
  /** The device held the image, left its bootloader, and does not hold it any more. */
  'verify/not-kept': {
    readonly address: number;
    readonly expected: number;
    readonly found: number;
    readonly differing: number;
    readonly compared: number;
  };
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

/** Bytes around a difference, as they should be and as they were read. */
export interface Excerpt {
  readonly address: number;
  readonly expected: Uint8Array;
  readonly found: Uint8Array;
}

/** What may be known beside the code and its facts. */
export interface ErrorDetails {
  /** What the evidence makes of it. */
  readonly diagnosis?: Diagnosis | undefined;
  /** Around the first difference, where a proof has failed. */
  readonly excerpt?: Excerpt | undefined;
  /** The device as far as it was understood, where connecting has failed on the way. */
  readonly about?: About | undefined;
}

export class FlashError<C extends ErrorCode = ErrorCode> extends Error implements ErrorDetails {
  readonly code: C;
  readonly facts: FactsOf<C>;
  readonly diagnosis?: Diagnosis;
  readonly excerpt?: Excerpt;
  readonly about?: About;

  constructor(code: C, facts: FactsOf<C>, cause?: unknown, { diagnosis, excerpt, about }: ErrorDetails = {}) {
    super(`${code} ${JSON.stringify(facts)}`, cause === undefined ? undefined : { cause });
    this.name = 'FlashError';
    this.code = code;
    this.facts = facts;
    if (diagnosis) this.diagnosis = diagnosis;
    if (excerpt) this.excerpt = excerpt;
    if (about) this.about = about;
  }

  /** @returns the same error with these details added, and this one as its cause */
  with(details: ErrorDetails): FlashError<C> {
    const { diagnosis = this.diagnosis, excerpt = this.excerpt, about = this.about } = details;
    return new FlashError(this.code, this.facts, this, { diagnosis, excerpt, about });
  }
}

/** `instanceof` with the codes kept: the class alone would narrow to any of them. */
export function isFlashError(error: unknown): error is FlashError {
  return error instanceof FlashError;
}

/** @returns whether `error` is a `FlashError` with one of these codes; narrows the facts */
export function hasCode<C extends ErrorCode>(error: unknown, ...codes: readonly C[]): error is FlashError<C> {
  return isFlashError(error) && codes.some((code) => code === error.code);
}
