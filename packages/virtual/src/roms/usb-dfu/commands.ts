/**
 * What the commands of ST's ROM DFU bootloader do to the chip and how long that takes (AN3156 §5, AN2662 §4.5).
 * When they run and how that looks on the bus is `rom.ts`.
 */

import { word32 } from '../../bytes.ts';
import type { Chip } from '../../chip/chip.ts';
import { paceOf } from '../../chip/supply.ts';
import { guess } from '../../provenance.ts';
import { DfuStatus, DfuseCommand } from '../../usb/dfu-words.ts';

/**
 * bwPollTimeout in ms: of an erase of any kind, and of every other download. That a Set Address has the time of a write was
 * seen on F4 and F7, and ST's class has it so.
 */
export interface PollTimes {
  readonly erase: number;
  readonly program: number;
}

/** A download that waits for its GETSTATUS; `erased` is the address of a sector erase. */
export interface Download {
  readonly block: number;
  readonly bytes: Uint8Array;
  readonly erased?: number;
}

export function downloadOf(block: number, bytes: Uint8Array): Download {
  const erases = block === 0 && bytes[0] === DfuseCommand.ERASE && bytes.length === 5;
  return erases ? { block, bytes, erased: word32(bytes, 1) } : { block, bytes };
}

/** `pointer` is the address pointer afterwards. `reset`: the ROM resets the chip when it is done. */
export interface Outcome {
  readonly status: number;
  readonly pollMs: number;
  readonly endsAt: number;
  readonly pointer: number;
  readonly reset?: boolean;
}

/** What the commands depend on beside the chip. */
export interface CommandHabits {
  readonly poll: PollTimes;
  /** Writing the option bytes ends in a reset (AN2662 §4.5.1; AN3156 §5.1: F0, F2, F4, F7 and some L4). */
  readonly optionWriteResets: boolean;
  /** Set Address Pointer works under read protection (AN2662 §4.5.2); newer ROMs were seen to refuse it. */
  readonly setAddressWhenProtected: boolean;
}

export interface CommandContext {
  readonly chip: Chip;
  readonly profile: CommandHabits;
  readonly now: number;
  readonly pointer: number;
  readonly blockAddress: (pointer: number, block: number, length: number) => number;
}

/** Time to erase and write the option bytes. */
const OPTION_WRITE_MS = guess(40, 'no document gives it for the ROM; 40 ms is the longest page erase of an F1');

export function runDownload(context: CommandContext, download: Download): Outcome {
  return download.block === 0 ? runCommand(context, download) : writeBlock(context, download);
}

/** A command that went well, `endsAt` now unless told otherwise. */
export function ended(context: CommandContext, pollMs: number, outcome: Partial<Outcome> = {}): Outcome {
  return { status: DfuStatus.OK, pollMs, endsAt: context.now, pointer: context.pointer, ...outcome };
}

export function failed(context: CommandContext, pollMs: number, status: number): Outcome {
  return ended(context, pollMs, { status });
}

function runCommand(context: CommandContext, { bytes, erased }: Download): Outcome {
  const [command] = bytes;
  const { length } = bytes;
  if (command === DfuseCommand.SET_ADDRESS && length === 5) return setAddress(context, word32(bytes, 1));
  if (erased !== undefined) return erase(context, erased);
  if (command === DfuseCommand.ERASE && length === 1) return massErase(context);
  if (command === DfuseCommand.READ_UNPROTECT && length === 1) return readUnprotect(context);
  return failed(context, context.profile.poll.program, DfuStatus.ERR_STALLEDPKT);
}

function setAddress(context: CommandContext, pointer: number): Outcome {
  const { chip, profile } = context;
  const { poll, setAddressWhenProtected } = profile;
  if (!chip.memoryAt(pointer)) return failed(context, poll.program, DfuStatus.ERR_TARGET);
  if (chip.level > 0 && !setAddressWhenProtected) return failed(context, poll.program, DfuStatus.ERR_VENDOR);
  return ended(context, poll.program, { pointer });
}

/** Internal flash only, looked at before the protection (AN2662 figure 59); any address in a page erases that page. */
function erase(context: CommandContext, address: number): Outcome {
  const { chip, now, profile } = context;
  if (!chip.flash.contains(address)) return failed(context, profile.poll.erase, DfuStatus.ERR_TARGET);
  if (chip.level > 0) return failed(context, profile.poll.erase, DfuStatus.ERR_VENDOR);
  return ended(context, profile.poll.erase, { endsAt: chip.flash.erase(address, now) });
}

function massErase(context: CommandContext): Outcome {
  const { chip, now, profile } = context;
  if (chip.level > 0) return failed(context, profile.poll.erase, DfuStatus.ERR_VENDOR);
  return ended(context, profile.poll.erase, { endsAt: chip.flash.eraseAll(now) });
}

/** Erases flash and RAM, opens the chip and resets it; with protection off already, only RAM is cleared. */
function readUnprotect(context: CommandContext): Outcome {
  const { chip, now, profile } = context;
  const wasProtected = chip.level > 0;
  chip.clearRam();
  if (!wasProtected) return ended(context, profile.poll.program, { reset: true });
  chip.unprotectOptions();
  chip.flash.protect([]);
  return ended(context, profile.poll.program, { endsAt: chip.flash.eraseAll(now), reset: true });
}

/** Lengths are padded to words with ones. */
function writeBlock(context: CommandContext, { block, bytes: data }: Download): Outcome {
  const { chip, pointer, now, profile } = context;
  const { poll, optionWriteResets } = profile;
  const address = context.blockAddress(pointer, block, data.length);
  const bytes = new Uint8Array(Math.ceil(data.length / 4) * 4).fill(0xff);
  bytes.set(data);
  const refused = () => failed(context, poll.program, DfuStatus.ERR_TARGET);
  const memory = chip.memoryAt(address, data.length);
  if (address % 4 !== 0 || !memory) return refused();
  if (chip.level > 0) return failed(context, poll.program, DfuStatus.ERR_VENDOR);
  switch (memory) {
    case 'flash':
      return ended(context, poll.program, { endsAt: chip.flash.program(address, bytes, now) });
    case 'options':
      if (!chip.isOptionBlock(address)) return refused();
      chip.write(address, data);
      return ended(context, poll.program, { endsAt: now + OPTION_WRITE_MS, reset: optionWriteResets });
    case 'ram':
      if (chip.isBootloaderRam(address)) return refused();
      break;
    case 'system':
      return refused();
    case 'feature':
      chip.write(address, bytes);
      chip.flash.usePace(paceOf(chip.profile.cells, chip.read(address, 1)?.[0]));
      return ended(context, poll.program);
    case 'otp':
    case 'eeprom':
      break;
  }
  chip.write(address, bytes);
  return ended(context, poll.program);
}
