/** Reads flash size, unique id and DEV_ID, and rules out the chips that they do not fit. */
import { idCodeAddress } from '@sureflash/chips';
import { hex } from '../../target/geometry.ts';
import { uidText, wordsAt } from '../../target/uid.ts';
import { type ExamineInput, groups, type Knowledge, keep, littleEndian, readFact } from './knowledge.ts';
import { serialOfUid } from './uid.ts';

const DEVICE_ID_BYTES = 4;

export async function byFlashSize(device: ExamineInput, known: Knowledge): Promise<void> {
  for (const [address, chips] of groups(known.chips, (chip) => chip.flashSizeAddress)) {
    const bytes = await readFact(device, known, { what: 'flash size', address, length: 2 });
    if (!bytes) continue;
    const size = littleEndian(bytes) * 1024;
    const fitting = chips.filter(({ variants }) => variants.some((variant) => variant.bytes === size));
    if (fitting.length === 0) {
      known.unknown.push(`flash size: ${size / 1024} KB at ${hex(address)} is no size of this chip`);
      continue;
    }
    known.flashBytes = size;
    known.findings.push(`it has ${size / 1024} KB of flash`);
    keep(known, (chip) => fitting.includes(chip));
    return;
  }
}

const UID_OFFSETS = [0, 4, 8] as const;
const ERASED = 0xffff_ffff;

/** Trusts the unique id only if the serial number derives from it, or if every candidate stores it at this address. */
export async function byUid(device: ExamineInput, known: Knowledge): Promise<void> {
  const places = groups(known.chips, (chip) => chip.uidAddress);
  const isOnlyPlace = places.size === 1 && known.chips.every(({ uidAddress }) => uidAddress !== undefined);
  for (const [address, chips] of places) {
    const offsets = chips[0]?.uidOffsets ?? UID_OFFSETS;
    const length = Math.max(...offsets) + DEVICE_ID_BYTES;
    const bytes = await readFact(device, known, { what: 'unique id', address, length });
    if (!bytes) continue;
    const words = wordsAt(bytes, offsets);
    if (words.every((word) => word === ERASED)) {
      known.unknown.push(`unique id: there is none at ${hex(address)}`);
      continue;
    }
    const matches = serialOfUid(words) === device.serial;
    if (!matches && !isOnlyPlace) {
      known.unknown.push(
        `unique id: ${uidText(words)} at ${hex(address)} is not what the serial number is made of, and the chip is not certain`,
      );
      continue;
    }
    known.uid = uidText(words);
    known.serialMatches = matches;
    if (!matches) return;
    known.findings.push('its serial number is the one that follows from its unique id');
    keep(known, (chip) => chips.includes(chip));
    return;
  }
}

/** Read only if the chip is still open: as a rule a ROM does not read peripherals (AN3156 §5.1). */
export async function byDevId(device: ExamineInput, known: Knowledge): Promise<void> {
  if (known.chips.length < 2) return;
  for (const [address] of groups(known.chips, idCodeAddress)) {
    const bytes = await readFact(device, known, { what: 'DEV_ID', address, length: DEVICE_ID_BYTES });
    if (!bytes) continue;
    const devId = littleEndian(bytes) & 0xfff;
    if (!keep(known, (chip) => chip.devId === devId)) continue;
    known.devId = devId;
    known.named = true;
    known.findings.push(`its DEV_ID is ${hex(devId, 3)}`);
    return;
  }
}
