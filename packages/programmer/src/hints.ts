/** Words for people, one row for each error code: what it means and what to do. A code without a row does not compile. */
import { placeAt } from '@sureflash/chips';
import { ImageError } from '@sureflash/image';
import type { Diagnosis } from './diagnosis/rank.ts';
import { ALLOW_ON_LINUX, ALLOW_ON_WINDOWS, CLOSE_OTHERS } from './diagnosis/remedies.ts';
import { asRemedy, type Remedy, remedy } from './diagnosis/remedy.ts';
import { type ErrorCode, type FactsOf, type FlashError, isFlashError } from './errors.ts';
import type { FailedTransfer } from './ports/usb.ts';
import { hex, WORLD_TEXT } from './target/geometry.ts';

interface Hint<C extends ErrorCode> {
  /** @returns what happened, one sentence */
  readonly title: (facts: FactsOf<C>) => string;
  /** What to do now, best first. */
  readonly remedies: readonly (Remedy | string)[];
  /** Remedies that the facts themselves carry; they come first. */
  readonly ownRemedies?: (facts: FactsOf<C>) => readonly Remedy[];
}

const atAddress = (address: number | undefined): string => (address === undefined ? '' : ` at ${hex(address)}`);
const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;

const CABLE = [
  'Plug the device in again and start again: what is already written is kept.',
  'Try another cable or port, without a hub.',
];

/** A transfer in the words of its protocol where that has named it, else by its numbers. */
function transferText(transfer: FailedTransfer & { readonly request?: string }): string {
  if (transfer.request !== undefined) return transfer.request;
  if ('endpoint' in transfer) return `a transfer on endpoint ${hex(transfer.endpoint, 2)}`;
  const { requestType, request, value } = transfer.setup;
  return `the ${requestType} request ${request} (value ${value})`;
}

/** DFU 1.1 §A.2.8, §A.2.9: the host resets the bus then. */
const WAITS_FOR_RESET: readonly string[] = ['dfuMANIFEST-WAIT-RESET', 'dfuMANIFEST'];
/** DFU 1.1 §A.2.1, §A.2.2: a bus reset brings it from there to DFU mode. */
const RUNS_PROGRAM: readonly string[] = ['appIDLE', 'appDETACH'];

function waitText(state: string): string | undefined {
  const reset = 'and the bus reset that it was sent did not help';
  if (WAITS_FOR_RESET.includes(state))
    return `The device waits for a reset after an earlier download (${state}), ${reset}.`;
  return RUNS_PROGRAM.includes(state) ? `The device still runs its program (${state}), ${reset}.` : undefined;
}

/** Of an STM32 of which nothing is known: which chip it is, the error does not say. */
function whatLiesAt(address: number): string {
  const { kind, title } = placeAt(address);
  return kind === 'flash' || kind === 'nothing' ? '' : `: on an STM32 that is ${title}`;
}

/** The part of a map between the marks `/` and `,`. */
function partAt(text: string, offset: number): string {
  const part = text.slice(offset).split(/[,/]/)[0]?.trim() ?? '';
  return part === '' ? 'it has nothing' : `it has "${part}"`;
}

function adviceFor(address: number): Remedy[] {
  const { kind } = placeAt(address);
  if (kind === 'external-flash' || kind === 'external-memory')
    return [remedy("The ROM bootloader cannot write memory outside the chip: the board's own bootloader can.")];
  if (kind === 'ram' || kind === 'secure-ram')
    return [remedy('In the linker script give initialised data a load address in flash (AT> FLASH).')];
  return [];
}

/** Exhaustive by type. */
export const hints: { readonly [C in ErrorCode]: Hint<C> } = {
  'usb/stall': {
    title: (facts) => `The device refused ${transferText(facts)}.`,
    remedies: ['Reset the device into its bootloader and try again.'],
  },
  'usb/timeout': {
    title: ({ afterMs }) => `The device did not answer within ${inSeconds(afterMs)}.`,
    remedies: ['Reset the device into its bootloader and try again.', ...CABLE.slice(1)],
  },
  'usb/gone': { title: () => 'The device left the bus.', remedies: CABLE },
  'usb/access': {
    title: ({ detail }) => `The operating system does not let us open the device (${detail}).`,
    remedies: [...ALLOW_ON_LINUX, ALLOW_ON_WINDOWS],
  },
  'usb/busy': {
    title: ({ detail }) => `Another program or driver holds the device (${detail}).`,
    remedies: [CLOSE_OTHERS],
  },
  'usb/transfer': { title: ({ detail }) => `A USB transfer failed: ${detail}.`, remedies: CABLE },
  'usb/descriptor': {
    title: ({ detail }) => `The device describes itself in a way that USB does not allow: ${detail}.`,
    remedies: CABLE,
  },
  'device/not-programmable': {
    title: ({ detail }) => `This device cannot be programmed as it is: ${detail}.`,
    ownRemedies: ({ cannotDetach = false }) =>
      cannotDetach
        ? []
        : [remedy('A running program with a DFU run-time interface can be sent to its bootloader.', 'detach')],
    remedies: ["Start the chip's own bootloader: for most STM32, BOOT0 high at reset."],
  },
  'device/unstable-read': {
    title: ({ address, first, second }) =>
      `Two reads of ${hex(address)} differ: ${hex(first, 2)}, then ${hex(second, 2)}. The sector was not erased, because the bytes beside the image could not be kept.`,
    remedies: ['Try again; if it happens again, try another cable or port, without a hub.'],
  },
  'device/unreadable': {
    title: () => 'The device says that it cannot be read back, so nothing can be proven. Nothing was changed.',
    remedies: [remedy('Program it without proof, and see whether the program runs.', 'go-on-unproven')],
  },
  'device/no-map': {
    title: () =>
      'The device does not describe its memory: its interface has no string with a map, or one that cannot be read.',
    remedies: [
      'Plug it in again, without a hub, and try once more: a string can get lost.',
      remedy('State the chip: the table knows its sectors.', 'state-chip'),
    ],
  },
  'device/read-protected': {
    title: ({ operation, address }) => `The chip is read-protected: it refused to ${operation}${atAddress(address)}.`,
    remedies: [
      remedy(
        'Remove the read protection, which erases everything in the chip. It is never removed unless you ask for it.',
        'unprotect',
      ),
    ],
  },
  'device/other-chip': {
    title: ({ stated, because, fits }) =>
      `This device is not an ${stated}: ${because}${fits.length === 0 ? '' : ` (it fits ${fits.join(', ')})`}. Nothing was changed.`,
    remedies: [
      'Check that the right device is plugged in and chosen.',
      remedy('Leave out the chip: most devices identify themselves.', 'state-chip'),
    ],
  },
  'device/not-back': {
    title: ({ afterMs, detached = false }) =>
      detached
        ? `The device was sent to its bootloader, and nothing in DFU mode came within ${inSeconds(afterMs)}. Nothing was changed.`
        : `The device left the bus and did not come back within ${inSeconds(afterMs)}.`,
    ownRemedies: ({ detached = false }) =>
      (detached
        ? [
            'Its bootloader may have other ids, need a driver or rights of its own, or stay for a moment only.',
            'Start the bootloader by the button or the pin that the board has for that.',
          ]
        : [
            'Start it in its bootloader again (BOOT0 high at reset) and look at its option bytes.',
            'What was written may have changed how it starts.',
          ]
      ).map((text) => remedy(text)),
    remedies: [remedy('Look at what is plugged in now.', 'list-devices')],
  },
  'option-bytes/absent': {
    title: ({ available }) => `This device shows no option bytes. There is: ${available.join('; ') || 'nothing'}.`,
    remedies: [
      'The ROM bootloader and a debug probe show them, though not those of every chip; elsewhere they cannot be read or set yet.',
    ],
  },
  'option-bytes/unknown': {
    title: ({ chips, address }) =>
      `The layout of the option bytes at ${hex(address)} is not known: ${chips.length === 0 ? 'the device does not identify its chip' : `the chip may be ${chips.join(', ')}`}.`,
    remedies: [remedy('State the chip.', 'state-chip'), 'You can read the raw bytes, as of any memory.'],
  },
  'option-bytes/field': {
    title: ({ name, known }) => `This chip has no option "${name}". There is: ${known.join(', ')}.`,
    remedies: [remedy('Look at the option bytes first.', 'show-option-bytes')],
  },
  'option-bytes/value': {
    title: ({ name, value, allowed }) => `${name} cannot be "${value}". It can be: ${allowed.join(', ')}.`,
    remedies: ['Write it by name, or as a number such as 0x1F.'],
  },
  'option-bytes/fixed': {
    title: ({ name }) => `${name} cannot be changed through the bootloader.`,
    remedies: ["It belongs to the maker, or to the chip's other core."],
  },
  'option-bytes/read-only': {
    title: () => 'This bootloader shows its option bytes, and was seen to refuse others. Nothing was written.',
    remedies: [
      'Set them through a debug probe: the same command with --stlink.',
      'Or let the program of the chip set them (RM0444 §3.4.2).',
    ],
  },
  'option-bytes/for-ever': {
    title: ({ name, value, caution }) => `${name} = ${value} was not written: ${caution}.`,
    remedies: [remedy('Nothing can undo it. If you want this, allow it explicitly.', 'set-for-ever')],
  },
  'option-bytes/differ': {
    title: ({ name, expected, found }) =>
      `The chip did not take ${name} = ${hex(expected, 1)}: ${found === undefined ? 'it no longer shows it' : `it has ${hex(found, 1)}`}.`,
    remedies: ['Disconnect the power, start the bootloader again, and try once more.'],
  },
  'dfu/status': {
    title: ({ operation, status, state, address, words }) =>
      `${status === 'OK' ? `The device went to ${state} without a reason` : `The device reported ${status} (${state})`} when asked to ${operation}${atAddress(address)}${words === undefined ? '' : `; in its own words: "${words}"`}.`,
    remedies: ['Check that the address belongs to this chip.', 'Reset the device into its bootloader and try again.'],
  },
  'dfu/protocol': {
    title: ({ operation, expected, found }) =>
      waitText(found) ?? `The device answered ${operation} with ${found} instead of ${expected}.`,
    ownRemedies: ({ found }) =>
      waitText(found) === undefined
        ? []
        : [
            RUNS_PROGRAM.includes(found)
              ? remedy('Start its bootloader: by the button or the pin that it has for that, or BOOT0 high at reset.')
              : remedy('Unplug the device, plug it in again and start again: its earlier download has ended.'),
          ],
    remedies: [
      'Reset the device into its bootloader and try again.',
      remedy('Record a trace and open an issue with it.', 'record-trace'),
    ],
  },
  'dfu/stuck': {
    title: ({ operation, afterMs, address }) =>
      `The device was still busy with ${operation}${atAddress(address)} after ${inSeconds(afterMs)}.`,
    remedies: ['Unplug the device, plug it in again and start again.'],
  },
  'dfu/block-size': {
    title: ({ announced }) =>
      `The device says that it takes blocks of ${announced} bytes, and refuses them. Nothing was erased.`,
    remedies: [
      'In the loader: announce the size of its buffer as wTransferSize (DFU functional descriptor).',
      remedy('Record a trace and open an issue with it.', 'record-trace'),
    ],
  },
  'dfu/layout': {
    title: ({ text, offset, expected }) =>
      `The device's memory map "${text}" cannot be understood at position ${offset}: ${partAt(text, offset)} where ${expected} should be.`,
    remedies: [
      remedy('State the chip: the table knows its sectors.', 'state-chip'),
      'In the loader: correct that string, which names the DFU interface ("sureflash layout" writes one; in projects of STM32CubeMX it is FLASH_DESC_STR).',
    ],
  },
  'probe/firmware': {
    title: ({ found, least, missing }) =>
      missing === undefined
        ? `The firmware of the debug probe is too old: it has ${found}, and ${least} is needed.`
        : `The firmware of the debug probe is too old to ${missing}: it has ${found}, and ${least} is needed for that.`,
    remedies: [
      "An ST-LINK: update it with ST's STSW-LINK007, or from the menu of STM32CubeProgrammer or STM32CubeIDE.",
      'A CMSIS-DAP probe: update it with the firmware of its maker; versions before 2 (HID alone) are not supported.',
    ],
  },
  'probe/mute': {
    title: ({ operation, afterMs }) =>
      `The debug probe did not answer "${operation}" within ${inSeconds(afterMs)}, and a USB reset did not bring it back.`,
    remedies: ['Unplug the probe and plug it in again.', ...CABLE.slice(1)],
  },
  'probe/protocol': {
    title: ({ operation, expected, found }) =>
      `The debug probe answered "${operation}" with ${found} instead of ${expected}.`,
    remedies: ['Unplug the probe and plug it in again.', 'Update the firmware of the probe.'],
  },
  'probe/refused': {
    title: ({ operation, status, address }) =>
      `The debug probe could not ${operation}${atAddress(address)}: ${status}.`,
    ownRemedies: ({ reason }) =>
      reason === 'fault'
        ? [
            remedy(
              'Check the address: the chip refuses it where it has nothing, where a clock is off, and where it is protected.',
            ),
          ]
        : [remedy('Shorten the wires, or choose a lower speed.')],
    remedies: ['Reset the chip and try again.'],
  },
  'probe/no-target': {
    title: ({ status, volts, tried, closed, probe = 'the debug probe' }) =>
      closed
        ? `The debug port of this ${closed.join(' or ')} answers, and it leads to its debug unit alone.`
        : `No chip answers behind ${probe} (${status}; tried: ${tried.join(', ')}${volts === undefined ? '' : `; it measures ${volts.toFixed(2)} V at the chip`}).`,
    remedies: [
      'Check that the board has power, and that SWDIO, SWCLK and GND are connected; the probe does not power the board.',
      'Hold the reset button of the board while the command starts, or connect NRST: firmware that switches SWD off or sleeps is reached under reset.',
      'Choose a lower speed.',
    ],
  },
  'core/stuck': {
    title: ({ operation, afterMs, state }) => `The core did not ${operation} within ${afterMs} ms: it is ${state}.`,
    remedies: ['Connect under reset.', 'Disconnect the power, and try again.'],
  },
  'core/ram-changed': {
    title: ({ operation, address, expected, found }) =>
      `Something else in the chip writes to its RAM: during ${operation}, ${hex(found, 2)} stands at ${hex(address)} instead of ${hex(expected, 2)}.`,
    remedies: [
      remedy('Write the flash by its registers, which leaves RAM alone.', 'spare-ram'),
      'Stop what writes there: a second core, or another master of the bus.',
    ],
  },
  'core/fault': {
    title: ({ operation, pc, faults }) =>
      `The core took a fault at ${hex(pc)} during ${operation}: ${faults.join('; ') || 'of an unknown kind'}.`,
    remedies: ['Connect under reset, so that no program of the chip has changed its state.'],
  },
  'core/reset': {
    title: ({ operation, address, byWatchdog }) =>
      `The chip was reset ${byWatchdog ? 'by its watchdog' : 'from outside'} during ${operation}${atAddress(address)}.`,
    remedies: [
      'Start again: what is already written is kept.',
      'Check its supply, everything that drives NRST, and whether the option bytes start a watchdog.',
    ],
  },
  'flash/refused': {
    title: ({ operation, address, flags }) =>
      `The flash refused to ${operation} at ${hex(address)}: ${flags.join(', ')}.`,
    remedies: [
      remedy('Look at the option bytes: write protection makes the flash refuse.', 'show-option-bytes'),
      'Check the supply voltage.',
    ],
  },
  'flash/stuck': {
    title: ({ operation, address, afterMs }) =>
      `The flash was still busy with ${operation} at ${hex(address)} after ${inSeconds(afterMs)}.`,
    remedies: ['Disconnect the power, and start again: what is already written is kept.'],
  },
  'read/short': {
    title: ({ address, expected, found }) => `The device returned ${found} of ${expected} bytes${atAddress(address)}.`,
    remedies: [remedy('The chip may have less memory than its map says: state the chip.', 'state-chip')],
  },
  'preflight/danger': {
    title: ({ concerns }) => `This file does not fit: ${concerns.map(({ seen }) => seen).join('; ')}.`,
    ownRemedies: ({ concerns }) => concerns.slice(0, 1).map((each) => each.remedy),
    remedies: [remedy('If you are sure, go on anyway.', 'go-on-anyway')],
  },
  'plan/outside': {
    title: ({ start, end, available, world }) =>
      `${hex(start)} to ${hex(end - 1)} does not lie in the flash of this device${world ? `: ${WORLD_TEXT[world]}` : whatLiesAt(start)}. There is: ${available.join('; ') || 'nothing'}.`,
    ownRemedies: ({ start, world }) => (world ? [] : adviceFor(start)),
    remedies: ['Check the address, and that the file is built for this chip.'],
  },
  'plan/read-only': {
    title: ({ start, end }) => `The device's map marks ${hex(start)} to ${hex(end - 1)} as read-only.`,
    remedies: ['Often a bootloader is there: build the firmware for the address after it.'],
  },
  'plan/protected': {
    title: ({ start, end, count, by }) =>
      `${count === 1 ? 'A sector' : `${count} sectors`} between ${hex(start)} and ${hex(end - 1)} ${count === 1 ? 'is' : 'are'} closed by the option bytes (${by}). Nothing was changed.`,
    remedies: [
      remedy('Look at the option bytes.', 'show-option-bytes'),
      'Keep out of these sectors, or remove their protection first: bootloaders ignore or refuse writes there.',
    ],
  },
  'plan/one-time': {
    title: ({ start, end }) =>
      `${hex(start)} to ${hex(end - 1)} is OTP memory, which can be written only once: nothing was written.`,
    remedies: [remedy('If you want this, allow it explicitly.', 'write-otp'), 'Otherwise build the file without it.'],
  },
  'plan/spent': {
    title: ({ address, expected, found }) =>
      `OTP memory at ${hex(address)} already holds ${hex(found, 2)}, which cannot become ${hex(expected, 2)}.`,
    remedies: ['Choose a place in OTP memory that is still blank.'],
  },
  'plan/empty': { title: () => 'The file has no bytes to program.', remedies: ['Check the file.'] },
  'plan/supply': {
    title: ({ volts }) => `This chip cannot be supplied with ${volts} V.`,
    remedies: ['State the VDD of the board in volts: 1.62 to 3.6.'],
  },
  'plan/doubtful': {
    title: () => 'Stopped before writing: reads alone show that programming through this device cannot succeed.',
    remedies: [remedy('If you know better, go on anyway.', 'go-on-anyway')],
  },
  'plan/nothing-to-start': {
    title: ({ address }) => `There is no program at ${hex(address)}: the flash is blank there.`,
    remedies: [
      remedy('Program one first.', 'program'),
      remedy('Or give the address of its vector table.', 'state-address'),
    ],
  },
  'verify/mismatch': {
    title: ({ address, expected, found, differing, compared }) =>
      `The device does not hold the image: ${hex(address)} holds ${hex(found, 2)} instead of ${hex(expected, 2)}; ${differing} of ${compared} bytes differ.`,
    remedies: [remedy('Program it, or program it again.', 'program')],
  },
  'verify/too-quick': {
    title: ({ tookMs, leastMs }) =>
      `The bytes that were read back are right, but the run took ${(tookMs / 1000).toFixed(2)} s and this flash needs ${(leastMs / 1000).toFixed(2)} s at least: the device did not write flash.`,
    remedies: [remedy('Disconnect the device from all power, start it again and verify.', 'verify')],
  },
  'verify/erased-otherwise': {
    title: ({ start, end, erasedStart, erasedEnd, restored }) =>
      `Asked to erase ${hex(start)} to ${hex(end - 1)}, the device erased ${hex(erasedStart)} to ${hex(erasedEnd - 1)}${erasedEnd <= start || erasedStart >= end ? ' instead' : ': its map does not match its flash'}. ${restored ? 'The bytes that were lost are written back, and the run stopped.' : 'The run stopped there.'}`,
    remedies: ['Start the ROM bootloader of the chip and program through that, or correct the map of the loader.'],
  },
  'verify/changed-elsewhere': {
    title: ({ address, expected, found, differing, looked }) =>
      `The device holds the image, but it also changed flash outside its sectors: ${hex(address)} held ${hex(expected, 2)} before and holds ${hex(found, 2)} now; ${differing} of ${looked} bytes that were looked at there differ.`,
    remedies: ['What else the flash held may be lost: bring it back from a backup.'],
  },
  'verify/not-kept': {
    title: ({ address, expected, found, differing, compared }) =>
      `The device held the image before it left its bootloader and does not hold it now: ${hex(address)} holds ${hex(found, 2)} instead of ${hex(expected, 2)}; ${differing} of ${compared} bytes differ.`,
    remedies: [remedy('Program it again.', 'program')],
  },
  'verify/not-erased': {
    title: ({ address, found }) => `The device accepted the erase, but ${hex(address)} holds ${hex(found, 2)}.`,
    remedies: [
      remedy('Look at the option bytes: a write-protected sector is not erased.', 'show-option-bytes'),
      'Or the loader does not erase: start the ROM bootloader of the chip and erase through that.',
    ],
  },
  'fix/impossible': {
    title: ({ chip, wanted, reason, source, instead }) =>
      `No code for the ${chip} can ${wanted}: ${reason} (${source}). What works: ${instead}.`,
    remedies: ['Use the way that works on this chip.'],
  },
  'fix/option': {
    title: ({ option, value, expected }) => `"${value}" is not a value for ${option}: expected ${expected}.`,
    remedies: ['Write it as one of those.'],
  },
  'trace/diverged': {
    title: ({ entry, expected, found }) => `The trace has "${expected}" at entry ${entry}, the run did "${found}".`,
    remedies: ['Replay a trace with the file and the options that it was recorded with.'],
  },
};

/** An error as a face shows it. */
export interface Explanation {
  /** Of our own errors; `defect` for anything that should not happen. */
  readonly code: string;
  /** What happened, one sentence. */
  readonly title: string;
  readonly facts: unknown;
  /** What to do now, best first: those of the diagnosis where there is one. */
  readonly remedies: readonly Remedy[];
  /** Why, where the evidence says more than the error itself. */
  readonly diagnosis?: Diagnosis;
}

/** @returns words for any error: those of its code, of a firmware file that cannot be read, or of a defect */
export function explain(error: unknown): Explanation {
  if (isFlashError(error)) {
    const { code, facts, diagnosis } = error;
    const { title, remedies } = filledIn(error);
    return { code, title, facts, remedies: diagnosis?.remedies ?? remedies, ...(diagnosis && { diagnosis }) };
  }
  if (error instanceof ImageError) return { code: error.code, title: error.message, facts: error.facts, remedies: [] };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'defect',
    title: `This is a defect of sureflash: ${detail}`,
    facts: {},
    remedies: [remedy('Please open an issue with this text and a trace.', 'record-trace')],
  };
}

/** The row of an error's code with its facts filled in. */
function filledIn<C extends ErrorCode>({ code, facts }: FlashError<C>): Pick<Explanation, 'title' | 'remedies'> {
  const { title, ownRemedies }: Hint<C> = hints[code];
  return { title: title(facts), remedies: [...(ownRemedies?.(facts) ?? []), ...remediesFor(code)] };
}

/** @returns what to do about an error with this code in general, best first */
export function remediesFor(code: ErrorCode): Remedy[] {
  return hints[code].remedies.map(asRemedy);
}

const isErrorCode = (key: string): key is ErrorCode => key in hints;

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(hints).filter(isErrorCode);
