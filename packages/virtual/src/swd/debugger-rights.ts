/** What a debugger may do with a chip since its last reset: its RDP level or product state, its worlds, and code that nobody halts. */

import type { Width } from '../core/index.ts';
import type { ChipFacts, Microcontroller, World } from '../registers/index.ts';
import { HALTING_CONTROL, SECURE_DEBUG, withoutHalt } from './debug-registers.ts';
import { type DebugRights, debugRights, protectionLevel, type RdpLevel } from './protection.ts';
import { nonSecureRead, nonSecureWrite, worldRefusal } from './worlds.ts';

interface DebugStore {
  readonly width: Width;
  readonly value: number;
}

export class DebuggerRights {
  readonly #chip: ChipFacts;
  readonly #microcontroller: Microcontroller;
  /** As it holds since the last reset. */
  level: RdpLevel = 0;
  #rights: DebugRights = 'all';

  constructor(chip: ChipFacts, microcontroller: Microcontroller) {
    this.#chip = chip;
    this.#microcontroller = microcontroller;
    this.takeOver();
  }

  /** As the option bytes say it now. */
  get stored(): RdpLevel {
    const { options, zone } = this.#microcontroller;
    return protectionLevel(this.#chip, options, zone);
  }

  /** A reset, or power, makes the option bytes hold. */
  takeOver(): void {
    const { options, zone } = this.#microcontroller;
    this.level = this.stored;
    this.#rights = debugRights(this.#chip, options, { level: this.level, zone });
  }

  /** Whether an address is out of reach: of a locked port all are but DBGMCU's (RM0456 §75.12, RM0481 §59.12, DBGMCU_SR). */
  isOutOfReach(address: number): boolean {
    const { start } = this.#chip.dbgmcu;
    return this.#rights === 'none' && (address < start || address >= start + 0x400);
  }

  /** SPIDEN. */
  get isSecureAllowed(): boolean {
    return this.#worldFor('secure') === 'secure';
  }

  /** Carries an access out as one of its world, and leaves the bus to the core. @returns `undefined` where the bus refuses it */
  inWorld<T>(address: number, asked: World, access: () => T): T | undefined {
    const { zone } = this.#microcontroller;
    const world = this.#worldFor(asked);
    if (worldRefusal(this.#microcontroller, address, world)) return undefined;
    if (!zone || world === undefined) return access();
    zone.access = world;
    try {
      return access();
    } finally {
      zone.access = zone.core;
    }
  }

  read(address: number, width: Width, asked: World): number {
    const { core } = this.#microcontroller;
    if (this.#worldFor(asked) === 'non-secure') {
      const seen = nonSecureRead(this.#microcontroller, address, width);
      if (seen !== undefined) return seen;
    }
    const value = core.debugPort.read(address, width);
    return address === HALTING_CONTROL && this.isSecureAllowed ? value | SECURE_DEBUG : value;
  }

  /** @returns 0, which is what a write gives back */
  write(address: number, { width, value }: DebugStore, asked: World): 0 {
    const { core } = this.#microcontroller;
    if (this.#worldFor(asked) === 'non-secure' && nonSecureWrite(this.#microcontroller, address)) return 0;
    core.debugPort.write(address, width, this.#runsClosedCode ? withoutHalt(address, value) : value);
    return 0;
  }

  /** Whether the core runs code that a debugger may not halt: secure code, or the ROM of a product that is not open. */
  get #runsClosedCode(): boolean {
    if (this.#rights === 'all') return false;
    const { zone } = this.#microcontroller;
    return zone?.isOn ? zone.core === 'secure' : true;
  }

  /** The world of an access that asks for one: where secure debug is off, none is secure. That it is not refused is a guess. */
  #worldFor(asked: World): World | undefined {
    if (!this.#microcontroller.zone?.isOn) return undefined;
    return this.#rights === 'all' ? asked : 'non-secure';
  }
}
