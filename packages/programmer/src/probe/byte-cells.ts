/**
 * Memories beside the flash that take bytes without an erase: OTP, and the data EEPROM of L0 and L1. Their regions, with the
 * names that ROM bootloaders give them, and writing by registers. It plans nothing, and allows nothing.
 */
import { type Chip, type OtpMemory, otpOf } from '@sureflash/chips';
import type { Segment } from '@sureflash/image';
import { readWord, writeWord } from '../cortex/debug-access.ts';
import { hasCode } from '../errors.ts';
import { ByRegisters } from '../loaders/by-registers.ts';
import type { ProgressOptions } from '../loaders/flash-algorithm.ts';
import type { ControllerWords } from '../loaders/mailbox.ts';
import type { Clock } from '../ports/clock.ts';
import { joined, type Range, type Region } from '../target/geometry.ts';
import type { DebugProbe } from './debug-probe.ts';
import type { FlashAccess } from './flash-access.ts';

/** AN3156 §5.3: as ROM bootloaders take it. */
const EEPROM_WORD = 4;
const UNPROGRAMMED = 0xff;

/** @returns those memories of chips that cannot be told apart: OTP that all have alike, and as much EEPROM as can be read */
export async function byteRegionsOf(probe: DebugProbe, chips: readonly Chip[]): Promise<Region[]> {
  const [otp, ...others] = chips.map(otpOf);
  const eeprom = await readableEeprom(
    probe,
    chips.flatMap((chip) => chip.eeprom ?? []),
  );
  return [
    ...(eeprom ? [byteRegion('DATA Memory', 'eeprom', eeprom, EEPROM_WORD)] : []),
    ...(otp && others.every((other) => other === otp) ? [byteRegion('OTP Memory', 'otp', otp, otp.unit)] : []),
  ];
}

/** Parts of a row have EEPROM of different sizes, and none of them tells its own: the largest whose end can be read. */
async function readableEeprom(probe: DebugProbe, sizes: readonly Range[]): Promise<Range | undefined> {
  for (const { start, end } of [...sizes].sort((a, b) => b.end - a.end)) {
    try {
      await readWord(probe, end - 4);
      return { start, end };
    } catch (error) {
      if (!hasCode(error, 'probe/refused')) throw error;
    }
  }
  return undefined;
}

function byteRegion(name: string, kind: 'otp' | 'eeprom', { start, end }: Range, writeSize: number): Region {
  const sector = { start, end, index: 0, readable: true, erasable: false, writable: true };
  return { name, kind, start, end, sectors: [sector], writeSize, erasedValue: UNPROGRAMMED, cells: 'plain' };
}

export interface ByteCellsParts {
  readonly probe: DebugProbe;
  readonly clock: Clock;
  readonly flash: FlashAccess;
  readonly chip: Chip;
}

export class ByteCells {
  readonly #parts: ByteCellsParts;

  constructor(parts: ByteCellsParts) {
    this.#parts = parts;
  }

  /**
   * Programs whole units; the core must be halted.
   * @throws FlashError `flash/refused` with the flags of the controller (WRPERR for a block of OTP that is locked),
   * `flash/stuck`, `probe/*`; `signal.reason`
   */
  async program(region: Region, { address, bytes }: Segment, { signal, onDone }: ProgressOptions): Promise<void> {
    const { probe, clock, flash, chip } = this.#parts;
    await flash.stop();
    const otp = region.kind === 'otp' ? otpOf(chip) : undefined;
    const words = otp ? otpWords(flash.words, otp) : flash.words;
    const cells = new ByRegisters({ access: probe, clock, controller: flash.controller, words });
    const spans = otp ? programmedSpans(bytes, words.unit) : [{ start: 0, end: bytes.length }];
    if (otp?.enable) await openOtp(probe, otp.enable);
    for (const { start, end } of spans) {
      const part = { address: address + start, bytes: bytes.subarray(start, end), registers: 0 };
      await cells.program(part, { signal, onDone: (done) => onDone?.(start + done) });
    }
    if (otp?.enable) await writeWord(probe, otp.enable.register, OPTLOCK);
    await cells.stop();
    onDone?.(bytes.length);
  }
}

/** A unit of OTP that stays blank is not programmed: where it has an ECC, it could not be programmed later. */
function programmedSpans(bytes: Uint8Array, unit: number): Range[] {
  const units = Array.from({ length: Math.ceil(bytes.length / unit) }, (_, index) => index * unit);
  const filled = units.filter((at) => bytes.subarray(at, at + unit).some((byte) => byte !== UNPROGRAMMED));
  return joined(filled.map((at) => ({ start: at, end: at + unit })));
}

/** On F2, F4 and F7 the supply decides how many bytes are programmed at once, as it does for the flash. */
function otpWords(words: ControllerWords, { unit, enable }: OtpMemory): ControllerWords {
  if (unit >= words.unit) return words;
  return { ...words, unit, storeWidth: unit, programControl: enable ? 0 : words.programControl };
}

/** Bit 0 of OPTCR. */
const OPTLOCK = 1;

async function openOtp(
  probe: DebugProbe,
  { register, key, keys, bits }: NonNullable<OtpMemory['enable']>,
): Promise<void> {
  if (((await readWord(probe, register)) & OPTLOCK) !== 0) for (const each of keys) await writeWord(probe, key, each);
  await writeWord(probe, register, bits);
}
