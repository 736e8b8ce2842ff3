/** Finds the chip by the identifier of its bootloader (AN2606). */
import type { Chip } from '@sureflash/chips';
import { hex } from '../../target/geometry.ts';
import { type ExamineInput, groups, type Knowledge, keep, littleEndian, readFact } from './knowledge.ts';

const VERSION_BYTES = 2;
const HANDLER_BYTES = 4;

/**
 * AN2606: each ROM keeps its identifier at an address of its family; F105 and F107 are told apart by their reset handler. A ROM
 * that shows its identifier reads all of its system memory, so an address that it refuses belongs to another chip.
 */
export async function byBootloader(device: ExamineInput, known: Knowledge): Promise<void> {
  const found = new Map<number, number>();
  for (const [address, chips] of groups(known.chips, versionAddress)) {
    const length = chips.some(hasResetHandlers) ? HANDLER_BYTES : VERSION_BYTES;
    const bytes = await readFact(device, known, { what: 'version of the bootloader', address, length });
    if (bytes) found.set(address, littleEndian(bytes));
  }
  const versionOf = (chip: Chip): string | undefined => {
    const value = found.get(versionAddress(chip) ?? 0);
    return value === undefined ? undefined : versionNamed(chip, value);
  };
  known.named = keep(known, (chip) => versionOf(chip) !== undefined);
  if (!known.named) {
    for (const [address, value] of found) {
      known.unknown.push(
        `version of the bootloader: ${hex(value & 0xff, 2)} at ${hex(address)} is none that is listed`,
      );
    }
    return;
  }
  const [name, other] = new Set(known.chips.map(versionOf));
  if (name === undefined || other !== undefined) return;
  known.bootloader = name;
  known.findings.push(`its bootloader calls itself ${name}`);
}

const hasResetHandlers = ({ bootloader }: Chip): boolean =>
  bootloader.versions.some((v) => v.resetHandler !== undefined);

function versionAddress(chip: Chip): number | undefined {
  return chip.bootloader.idAddress ?? (hasResetHandlers(chip) ? chip.bootloaderVectors + HANDLER_BYTES : undefined);
}

/** @returns the name of the version with this identifier: one byte, on the newest chips two (AN2606) */
function versionNamed({ bootloader }: Chip, value: number): string | undefined {
  const fits = bootloader.versions.find(
    ({ id, resetHandler }) => resetHandler === value || (id !== undefined && id === (id > 0xff ? value : value & 0xff)),
  );
  return fits?.name;
}
