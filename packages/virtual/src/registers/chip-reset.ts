/** Resets of a chip: what they do to its parts, where it starts from then on, and how its ROM was entered. */

import { systemAlias } from './chip-memories.ts';
import { type ChipParts, governanceOf, showAtZero, timeOf } from './chip-parts.ts';
import { startOf } from './landing.ts';
import type { ResetCause } from './rcc.ts';
import { describeEntry } from './rom-entry.ts';
import { optionView } from './trust-zone.ts';
import { startsByHardware } from './watchdog-governance.ts';

export function resetChip(parts: ChipParts, cause: ResetCause): void {
  const { flash, flashBus, peripherals, boot } = parts;
  boot.pending = undefined;
  flash.powerCut(timeOf(parts));
  parts.resets.push(cause);
  flashBus.reset();
  peripherals.reset(cause);
  startChip(parts);
}

/** Power goes and comes back: nothing is remembered but what the flash and the option bytes hold. */
export function cyclePower(parts: ChipParts): void {
  const { flash, flashBus, romEntries, resets } = parts;
  flash.powerCut(timeOf(parts));
  romEntries.length = 0;
  resets.length = 0;
  flashBus.reset();
  powerUp(parts);
}

export function powerUp(parts: ChipParts): void {
  parts.peripherals.reset('power');
  parts.core.powerOn();
  startChip(parts);
}

/** NRST: the chip is reset when it falls, and starts when it rises. */
export function holdChip(parts: ChipParts, low: boolean): void {
  const { boot } = parts;
  if (low === boot.held) return;
  if (low) resetChip(parts, 'pin');
  else startChip(parts);
  boot.held = low;
}

/** Keeps what the ROM finds at its first instruction. */
export function noteRomEntry(parts: ChipParts): void {
  const { chip, core, peripherals, boot, romEntries } = parts;
  romEntries.push(
    describeEntry({
      core,
      peripherals,
      interrupts: chip.interrupts,
      remap: chip.aliasAtZero ? boot.remap : undefined,
      by: boot.enteredBy,
      at: timeOf(parts),
    }),
  );
  boot.enteredBy = 'jump';
}

/** Lets the core start from where pins and option bytes say. */
function startChip(parts: ChipParts): void {
  const { chip, core, flash, options, boot } = parts;
  if (chip.protectedSectors) flash.protect(chip.protectedSectors(options));
  parts.flashBus.loadZone();
  if (startsByHardware(governanceOf(chip), options)) parts.peripherals.watchdog.start();
  const first = flash.memories[0]?.bytes.subarray(0, 4) ?? new Uint8Array(4);
  const { boot0, boot1 } = boot;
  const { zone } = parts;
  const isSecure = zone?.isOn === true && zone.core === 'secure';
  const where = isSecure
    ? zone.facts.startsAt(optionView(options))
    : chip.boot({ boot0, boot1, options, empty: first.every((byte) => byte === 0xff) });
  if (typeof where !== 'number') {
    boot.bootedFrom = where;
    showAtZero(parts, where);
  }
  const vectors = typeof where === 'number' ? where : chip.aliasAtZero ? 0 : startOf(chip, where);
  boot.enteredBy = where === 'system' || isInRom(parts, vectors) ? 'reset' : 'jump';
  core.reset(vectors);
}

function isInRom({ chip }: ChipParts, address: number): boolean {
  const within = chip.systemMemory.some(([from, bytes]) => address >= from && address < from + bytes);
  return within || address === systemAlias(chip);
}
