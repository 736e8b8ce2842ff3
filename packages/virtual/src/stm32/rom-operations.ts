/**
 * What the commands of ST's ROM DFU bootloader do to the chip and how long that takes (AN3156 §5, AN2662 §4.5).
 * When they run and how that looks on the bus is `dfu-rom.ts`.
 */

import type { Chip } from './chip.ts';
import { paceOf } from './device-feature.ts';
import { DfuStatus, DfuseCommand, word32 } from './dfu-words.ts';
import type { RomDeviations } from './rom-deviations.ts';

/** bwPollTimeout in ms, by operation. */
export interface PollTimes {
  readonly setAddress: number;
  readonly erase: number;
  readonly massErase: number;
  readonly write: number;
  readonly unprotect: number;
  readonly leave: number;
}

/** A download that waits for its GETSTATUS. */
export interface Download {
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** `pointer` is the address pointer afterwards. `reset`: the ROM resets the chip when it is done. */
export interface Outcome {
  readonly status: number;
  readonly pollMs: number;
  readonly endsAt: number;
  readonly pointer: number;
  readonly erased?: number;
  readonly reset?: boolean;
}

/** What the commands depend on beside the chip. */
export interface RomHabits {
  readonly poll: PollTimes;
  /** Writing the option bytes ends in a reset (AN2662 §4.5.1; AN3156 §5.1: F0, F2, F4, F7 and some L4). */
  readonly optionWriteResets: boolean;
  /** Set Address Pointer works under read protection (AN2662 §4.5.2); newer ROMs were seen to refuse it. */
  readonly setAddressWhenProtected: boolean;
}

type Habits = RomHabits &
  Pick<RomDeviations, 'silentWhenProtected' | 'ignoresEraseFrom' | 'refusesMassErase' | 'blockBytes'>;

export interface Circumstances {
  readonly chip: Chip;
  readonly habits: Habits;
  readonly now: number;
  readonly pointer: number;
}

/** Time to erase and write the option bytes. A guess: no document gives it for the ROM. */
const OPTION_WRITE_MS = 40;

export function runDownload(around: Circumstances, { block, bytes }: Download): Outcome {
  const changes = block > 0 || bytes[0] === DfuseCommand.ERASE;
  if (around.habits.silentWhenProtected && around.chip.level > 0 && changes)
    return ended(around, around.habits.poll.write);
  return block === 0 ? runCommand(around, bytes) : writeBlock(around, block, bytes);
}

function ended(around: Circumstances, pollMs: number, outcome: Partial<Outcome> = {}): Outcome {
  return { status: DfuStatus.OK, pollMs, endsAt: around.now, pointer: around.pointer, ...outcome };
}

function failed(around: Circumstances, pollMs: number, status: number): Outcome {
  return ended(around, pollMs, { status });
}

function runCommand(around: Circumstances, bytes: Uint8Array): Outcome {
  const [command] = bytes;
  const { length } = bytes;
  if (command === DfuseCommand.SET_ADDRESS && length === 5) return setAddress(around, word32(bytes, 1));
  if (command === DfuseCommand.ERASE && length === 5) return erase(around, word32(bytes, 1));
  if (command === DfuseCommand.ERASE && length === 1) return massErase(around);
  if (command === DfuseCommand.READ_UNPROTECT && length === 1) return readUnprotect(around);
  return failed(around, around.habits.poll.setAddress, DfuStatus.ERR_STALLEDPKT);
}

function setAddress(around: Circumstances, pointer: number): Outcome {
  const { chip } = around;
  const { poll, setAddressWhenProtected, silentWhenProtected = false } = around.habits;
  if (!chip.memoryAt(pointer)) return failed(around, poll.setAddress, DfuStatus.ERR_TARGET);
  if (chip.level > 0 && !setAddressWhenProtected && !silentWhenProtected)
    return failed(around, poll.setAddress, DfuStatus.ERR_VENDOR);
  return ended(around, poll.setAddress, { pointer });
}

/** Internal flash only, looked at before the protection (AN2662 figure 59); any address in a page erases that page. */
function erase(around: Circumstances, address: number): Outcome {
  const { chip, now } = around;
  const { poll, ignoresEraseFrom = Number.POSITIVE_INFINITY } = around.habits;
  if (!chip.flash.contains(address)) return failed(around, poll.erase, DfuStatus.ERR_TARGET);
  if (chip.level > 0) return failed(around, poll.erase, DfuStatus.ERR_VENDOR);
  if (address >= ignoresEraseFrom) return ended(around, poll.erase);
  return ended(around, poll.erase, { endsAt: chip.flash.erase(address, now), erased: address });
}

function massErase(around: Circumstances): Outcome {
  const { chip, now } = around;
  const { poll, refusesMassErase = false } = around.habits;
  if (refusesMassErase) return failed(around, poll.massErase, DfuStatus.ERR_STALLEDPKT);
  if (chip.level > 0) return failed(around, poll.massErase, DfuStatus.ERR_VENDOR);
  return ended(around, poll.massErase, { endsAt: chip.flash.eraseAll(now) });
}

/** Erases flash and RAM, opens the chip and resets it; with protection off already, only RAM is cleared. */
function readUnprotect(around: Circumstances): Outcome {
  const { chip, now } = around;
  const { poll } = around.habits;
  const wasProtected = chip.level > 0;
  chip.clearRam();
  if (!wasProtected) return ended(around, poll.unprotect, { reset: true });
  chip.unprotectOptions();
  chip.flash.protect([]);
  return ended(around, poll.unprotect, { endsAt: chip.flash.eraseAll(now), reset: true });
}

/** The address is (wBlockNum − 2) × the length of this block + the pointer; lengths are padded to words with ones. */
function writeBlock(around: Circumstances, block: number, data: Uint8Array): Outcome {
  const { chip, pointer, now } = around;
  const { poll, optionWriteResets, blockBytes = data.length } = around.habits;
  const address = pointer + (block - 2) * blockBytes;
  const bytes = new Uint8Array(Math.ceil(data.length / 4) * 4).fill(0xff);
  bytes.set(data);
  const memory = chip.memoryAt(address, data.length);
  if (address % 4 !== 0 || !memory) return failed(around, poll.write, DfuStatus.ERR_TARGET);
  if (chip.level > 0) return failed(around, poll.write, DfuStatus.ERR_VENDOR);
  switch (memory) {
    case 'flash':
      return ended(around, poll.write, { endsAt: chip.flash.program(address, bytes, now) });
    case 'options':
      if (!chip.isOptionBlock(address)) return failed(around, poll.write, DfuStatus.ERR_TARGET);
      chip.write(address, data);
      return ended(around, poll.write, { endsAt: now + OPTION_WRITE_MS, reset: optionWriteResets });
    case 'ram':
      if (chip.isBootloaderRam(address)) return failed(around, poll.write, DfuStatus.ERR_TARGET);
      break;
    case 'system':
      return failed(around, poll.write, DfuStatus.ERR_TARGET);
    case 'feature':
      chip.write(address, bytes);
      chip.flash.usePace(paceOf(chip.read(address, 1)?.[0]));
      return ended(around, poll.write);
    case 'otp':
    case 'eeprom':
      break;
  }
  chip.write(address, bytes);
  return ended(around, poll.write);
}
