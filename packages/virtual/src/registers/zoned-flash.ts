/**
 * A flash controller with a face for each world: registers that only secure code sees, and pages that only their own world
 * changes (RM0438 §6.5, RM0456 §7.5, RM0481 §7.5). What the other world does there is ignored, or sets WRPERR.
 */

import type { Device } from '../core/index.ts';
import type { Sector } from '../flash/datasheet.ts';
import type { ChipFacts } from './chip.ts';
import type { FlashController, FlashPort } from './flash-port.ts';
import { optionView, type TrustZone } from './trust-zone.ts';

/** @param blocksChanged told when SECBBxR has made pages secure, or has stopped to */
export function createZonedFlash(
  chip: ChipFacts,
  port: FlashPort,
  zone: TrustZone,
  blocksChanged: () => void,
): FlashController {
  const accepts = (next: Uint8Array): boolean => zone.facts.accepts(optionView(port.options), optionView(next));
  const plain = chip.controller({
    ...port,
    accepts,
    isForbidden: (index) => port.isForbidden(index) || zone.isSecure(index),
  });
  const secure = chip.trustZone?.controller({
    ...port,
    accepts,
    isForbidden: (index) => port.isForbidden(index) || !zone.isSecure(index),
  });
  if (!secure) throw new RangeError(`${chip.name} has no TrustZone`);
  const isOfSecure = (): boolean => zone.isOn && zone.access === 'secure';
  return {
    name: plain.name,
    start: plain.start,
    registers: registersOf({ zone, plain, secure, blocksChanged, isOfSecure }),
    get isBusy() {
      return plain.isBusy || secure.isBusy;
    },
    write: (address, width, value) => (isOfSecure() ? secure : plain).write(address, width, value),
    reset() {
      plain.reset();
      secure.reset();
    },
  };
}

interface Faces {
  readonly zone: TrustZone;
  readonly plain: FlashController;
  readonly secure: FlashController;
  readonly blocksChanged: () => void;
  readonly isOfSecure: () => boolean;
}

/** What is the secure world's reads as 0 for the other one, and takes no writes (RM0438 §6.5.6). */
function registersOf({ zone, plain, secure, blocksChanged, isOfSecure }: Faces): Device {
  const { drives, secureOptions } = zone.facts;
  return {
    read(offset, width) {
      const block = zone.block(offset);
      if (!block && !drives.includes(offset & ~3)) return plain.registers.read(offset, width);
      if (!isOfSecure()) return 0;
      return block ? block.get() : secure.registers.read(offset, width);
    },
    write(offset, width, value) {
      const block = zone.block(offset);
      const isDriving = drives.includes(offset & ~3);
      const isSecureOption = zone.isOn && secureOptions.includes(offset & ~3);
      if ((block || isDriving || isSecureOption) && !isOfSecure()) return;
      if (block) {
        block.set(value >>> 0);
        blocksChanged();
      } else (isDriving ? secure : plain).registers.write(offset, width, value);
    },
  };
}

/** Sectors that follow one another as one, but not over the end of a bank, whose cells are another memory. */
export function joinedExtents(sectors: readonly Sector[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (const { start, end } of sectors) {
    const last = found.at(-1);
    if (last?.end === start && start % BANK_GRAIN !== 0) last.end = end;
    else found.push({ start, end });
  }
  return found;
}
/** Banks begin at multiples of it. */
const BANK_GRAIN = 0x1_0000;
