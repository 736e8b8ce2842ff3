/** The words behind the flash loader in RAM, as `loaders/flash-loader.c` declares them. Pure. */

export const LOADER_COMMAND = { ERASE: 1, PROGRAM: 2, CRC: 3, EMPTY: 4 } as const;
export const LOADER_STATE = { READY: 1, BUSY: 2, DONE: 3, REFUSED: 4, UNKNOWN: 5 } as const;
/** Which places of what it programs the loader reads back, and when: buffer by buffer, or unit by unit where these are words. */
export const LOADER_READ_BACK = { NOTHING: 0, BUFFERS: 1, EACH: 2 } as const;

const NO_STATE = 0;
const ARGUMENTS = 7;
/** Offsets in bytes from the start of the mailbox. */
export const MAILBOX = { ARGUMENTS: 0, STATE: 28, PROGRESS: 36, PARAMETERS: 48, END: 156 } as const;
/** Of the answer, from `MAILBOX.STATE` on. */
export const ANSWER_WORDS = 5;

export interface BankRegisters {
  readonly key: number;
  readonly status: number;
  readonly control: number;
  readonly clear: number;
  /** Takes the address of the page to erase; 0 where there is none. */
  readonly eraseAddress: number;
  /** Holds the flags of failures: the status register on most. */
  readonly failures: number;
}

/** How the flash is driven, in the words of its controller; `controller-words.ts` makes it from the chip table. */
export interface ControllerWords {
  readonly busy: number;
  readonly errors: number;
  readonly clearMask: number;
  readonly eraseControl: number;
  readonly start: number;
  readonly programControl: number;
  readonly idleControl: number;
  readonly storeWidth: number;
  readonly unit: number;
  readonly burstControl: number;
  readonly burst: number;
  /** Absolute addresses of the registers of each bank. */
  readonly banks: readonly BankRegisters[];
}

export interface MailboxPlaces {
  readonly stackTop: number;
  readonly watchdog: number;
  /** Bytes of one buffer without the word behind it. */
  readonly bufferBytes: number;
  readonly buffers: number;
  /** From one buffer to the next. */
  readonly bufferStride: number;
  readonly bufferCount: number;
}

/** @returns arguments, state and command as the loader takes them: the command last, for words are written in ascending order */
export function commandWords(command: number, args: readonly number[]): number[] {
  return [...Array.from({ length: ARGUMENTS }, (_, index) => args[index] ?? 0), NO_STATE, command];
}

export function parameterWords(words: ControllerWords, places: MailboxPlaces): number[] {
  const banks = [words.banks[0], words.banks[1] ?? words.banks[0]];
  return [
    places.stackTop,
    places.watchdog,
    words.busy,
    words.errors,
    words.clearMask,
    words.eraseControl,
    words.start,
    words.programControl,
    words.idleControl,
    words.storeWidth,
    words.unit,
    words.burstControl,
    words.burst,
    places.bufferBytes,
    places.buffers,
    places.bufferStride,
    places.buffers + places.bufferCount * places.bufferStride,
    ...banks.flatMap((bank) =>
      bank ? [bank.status, bank.control, bank.clear, bank.eraseAddress, bank.failures] : [0, 0, 0, 0, 0],
    ),
  ];
}
