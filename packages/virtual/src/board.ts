/**
 * A board: a chip, its boot pins, its USB connector and the program that runs on it. It is powered from USB, so pulling
 * the plug takes the power away in the middle of whatever the flash is doing.
 */

import type { BoardAccess } from './board-access.ts';
import type { Chip } from './chip/chip.ts';
import type { Clock } from './clock.ts';
import type { Flash } from './flash/flash.ts';
import type { UsbConnector, UsbDeviceModel } from './usb/model.ts';

/** What runs after a start. `device` is what it shows on the bus, `connectMs` after the start. */
export interface Program {
  readonly name: string;
  readonly device?: UsbDeviceModel;
  readonly connectMs: number;
}

/** A start: of what chip, with which pins, and where a jump goes to (absent at a reset). */
export interface Start {
  readonly chip: Chip;
  readonly pins: Pins;
  readonly jumpTo?: number;
  readonly board: BoardAccess;
}

export interface Pins {
  /** High at reset starts the ROM bootloader. */
  readonly boot0: boolean;
  /** The cable's 5 V as the chip sees it (PA9 on the F105). */
  readonly vbus: boolean;
  /** A button that a custom bootloader looks at. */
  readonly key: boolean;
}

export interface BoardDefinition {
  readonly chip: Chip;
  readonly pins: Pins;
  readonly start: (start: Start) => Program;
}

export class Board implements UsbConnector {
  readonly #clock: Clock;
  readonly #definition: BoardDefinition;
  readonly #listeners = new Set<() => void>();
  #pins: Pins;
  #program: Program | undefined;
  #device: UsbDeviceModel | undefined;
  /** Counts starts and stops, so that what an earlier program had planned does not happen to a later one. */
  #life = 0;
  #programMs = 0;

  /** The board is plugged in and its program has been on the bus for a while. */
  constructor(clock: Clock, definition: BoardDefinition) {
    this.#clock = clock;
    this.#definition = definition;
    this.#pins = definition.pins;
    this.#program = definition.start({ chip: definition.chip, pins: this.#pins, board: this.#access() });
    this.#device = this.#program.device;
  }

  get device(): UsbDeviceModel | undefined {
    return this.#device;
  }

  get chip(): Chip {
    return this.#definition.chip;
  }

  get flash(): Flash {
    return this.#definition.chip.flash;
  }

  /** Name of the program that runs; `undefined` without power. */
  get program(): string | undefined {
    return this.#program?.name;
  }

  /** Sum of the time that programs took for themselves, beyond cells and bus, such as a ROM for each packet. */
  get programMs(): number {
    return this.#programMs;
  }

  get pins(): Pins {
    return this.#pins;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes pins; the chip looks at them at its next start. */
  setPins(pins: Partial<Pins>): void {
    this.#pins = { ...this.#pins, ...pins };
  }

  /** Takes the power away. */
  unplug(): void {
    this.#stop();
    this.flash.powerCut(this.#clock.now());
  }

  plug(): void {
    if (!this.#program) this.#begin();
  }

  /** A reset by pin or by software. It cuts a flash operation as a power failure does. */
  reset(): void {
    if (!this.#program) return;
    this.#stop();
    this.flash.powerCut(this.#clock.now());
    this.#begin();
  }

  #stop(): void {
    this.#life += 1;
    this.#program = undefined;
    this.#show(undefined);
  }

  #begin(jumpTo?: number): void {
    const { chip, start } = this.#definition;
    this.#life += 1;
    if (jumpTo === undefined) chip.start();
    const board = this.#access();
    const begun = jumpTo === undefined ? { chip, pins: this.#pins, board } : { chip, pins: this.#pins, board, jumpTo };
    const program = start(begun);
    this.#program = program;
    if (program.device) this.#later(program.connectMs, () => this.#show(program.device));
  }

  #access(): BoardAccess {
    return {
      now: () => this.#clock.now(),
      resetIn: (ms) => this.#later(ms, () => this.reset()),
      jumpIn: (ms, address) => this.#later(ms, () => this.#jump(address)),
      spend: (ms) => {
        this.#programMs += ms;
      },
      reconnectIn: (ms) => this.#later(ms, () => this.#reconnect()),
    };
  }

  #jump(address: number): void {
    this.#stop();
    this.#begin(this.chip.hasProgramAt(address) ? address : undefined);
  }

  #reconnect(): void {
    const device = this.#device;
    this.#show(undefined);
    this.#later(this.#program?.connectMs ?? 0, () => this.#show(device));
  }

  #later(ms: number, action: () => void): void {
    const life = this.#life;
    const act = () => {
      if (this.#life === life) action();
    };
    // Without a signal a sleep cannot fail.
    void this.#clock.sleep(ms).then(act);
  }

  #show(device: UsbDeviceModel | undefined): void {
    if (this.#device === device) return;
    this.#device = device;
    for (const listener of this.#listeners) listener();
  }
}
