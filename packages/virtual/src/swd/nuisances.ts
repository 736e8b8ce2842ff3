/** What disturbs a board behind a debug connector: wires that are too long, and another master of its bus. It knows no SWD. */

import type { MemoryMap } from '../core/index.ts';
import { random, seedOf } from '../random.ts';

export interface NuisanceOptions {
  /**
   * The quickest SWD clock, in kHz, that the wires carry: above it one transaction in eight comes with a wrong parity. Absent,
   * they are as good as the probe.
   */
  readonly cleanKhz?: number;
  /**
   * Another master of the bus, which no reset of this core stops, such as the second core of a WB: it writes words here,
   * again and again. DMA is none: a system reset stops it.
   */
  readonly disturber?: { readonly address: number; readonly bytes: number; readonly everyMs: number };
}

/** Of the transactions on wires that are too long: a guess, so that a block of some words fails. */
const GARBLED_SHARE = 1 / 8;

export interface Nuisances {
  /** Whether a transaction at this clock comes with a wrong parity. */
  isGarbled(khz: number): boolean;
  /** Lets the other master do what it does until `now`, in ms. */
  disturb(bus: MemoryMap, now: number): void;
}

/** @param bornAt ms of the clock that `disturb` counts in */
export function createNuisances({ cleanKhz, disturber }: NuisanceOptions, bornAt: number): Nuisances {
  const chance = random(seedOf('nuisances'));
  let next = bornAt + (disturber?.everyMs ?? 0);
  return {
    isGarbled: (khz) => cleanKhz !== undefined && khz > cleanKhz && chance() < GARBLED_SHARE,
    disturb(bus, now) {
      if (!disturber || now < next) return;
      next = now + disturber.everyMs;
      const address = disturber.address + 4 * Math.floor((chance() * disturber.bytes) / 4);
      bus.write32(address, Math.floor(chance() * 0x1_0000_0000));
      bus.invalidate(address, 4);
    },
  };
}
