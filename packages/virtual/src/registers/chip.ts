/** What a chip is made of, as far as code that jumps to a bootloader or writes flash can see: the shape of its facts. */

import type { CoreName } from '../core/index.ts';
import type { FlashCells } from '../flash/datasheet.ts';
import type { FlashController, FlashPort } from './flash-port.ts';
import type { RccSpec } from './rcc.ts';
import type { TrustZoneFacts } from './trust-zone.ts';
import type { WatchdogGovernance } from './watchdog-governance.ts';

export type Target = 'flash' | 'system' | 'sram';
export type AddressExtent = readonly [start: number, bytes: number];

/** What stands on pins and in option bytes when a chip leaves reset. */
export interface BootInputs {
  readonly boot0: boolean;
  readonly boot1: boolean;
  readonly options: Uint8Array;
  /** Whether the first word of the flash is erased (the empty check of L4, G0 and their like). */
  readonly empty: boolean;
}

export interface PortFacts {
  readonly letters: string;
  readonly start: number;
  /** Distance of ports; absent, 0x400. */
  readonly step?: number;
  readonly f1?: boolean;
  /** Enable register, and the bit of port A. */
  readonly enable: readonly [register: string, bit: number];
  readonly moder?: Readonly<Record<string, number>>;
  readonly moderElsewhere?: number;
  readonly ospeedr?: Readonly<Record<string, number>>;
  readonly pupdr?: Readonly<Record<string, number>>;
}

/** A peripheral that only keeps what it is told: register names and reset values are facts, its function is none. */
export interface PlainFacts {
  readonly name: string;
  readonly start: number;
  readonly length?: number;
  readonly registers: readonly (readonly [offset: number, name: string, reset?: number])[];
  /** Registers that only clear flags elsewhere: they read as 0. */
  readonly clears?: readonly string[];
  readonly enable?: readonly [register: string, bit: number];
  /** Not touched by a system reset. */
  readonly backup?: boolean;
}

/** One chip: where its facts are from stands in the file of its family. */
export interface ChipFacts {
  readonly name: string;
  readonly core: CoreName;
  readonly interrupts: number;
  readonly cells: FlashCells;
  readonly ram: readonly AddressExtent[];
  readonly systemMemory: readonly AddressExtent[];
  /** The vector table of the ROM that code jumps through (AN2606), and the first stack pointer it holds. */
  readonly romVectors: number;
  readonly romStack: number;
  /** Other places at which the flash, or the system memory, can be seen, and how many bytes of it. */
  readonly aliases?: readonly { readonly of: 'flash' | 'system'; readonly at: number }[];
  /** Whether address 0 shows what was booted from, and MEM_MODE changes it: register, and targets by its field. */
  readonly remap?: {
    readonly peripheral: string;
    readonly register: string;
    readonly targets: Readonly<Record<number, Target>>;
  };
  readonly aliasAtZero: boolean;
  /** Option bytes as they leave the factory; `at` is where they can be read, if they are memory. */
  readonly options: { readonly at?: number; readonly initial: readonly number[] };
  /** Where the core starts. An address is a vector table; otherwise it is at the start of that memory. */
  readonly boot: (inputs: BootInputs) => Target | number;
  /** The sectors that option bytes protect, by index; absent, this model has no write protection for the chip. */
  readonly protectedSectors?: (options: Uint8Array) => number[];
  readonly controller: (port: FlashPort) => FlashController;
  /** Its two worlds, and the controller that the secure one has for its flash; absent where there is one world. */
  readonly trustZone?: TrustZoneFacts & { readonly controller: (port: FlashPort) => FlashController };
  readonly rcc: RccSpec;
  readonly ports: PortFacts;
  readonly plain: readonly PlainFacts[];
  readonly watchdog: {
    readonly start: number;
    readonly lsiHz: number;
    readonly windowed: boolean;
    /** What freezes and starts it; absent, as the family of the name has it. */
    readonly governance?: WatchdogGovernance;
  };
  readonly dbgmcu: {
    readonly start: number;
    readonly idcode: number;
    /** Registers behind CR; absent, the two that freeze APB1's and APB2's timers at 0x08 and 0x0C. */
    readonly freezes?: readonly (readonly [offset: number, name: string])[];
  };
  /** Half-word that can only be read: flash size in KB. */
  readonly flashSizeAt: number;
  /** 12 bytes that can only be read: the unique id. */
  readonly uidAt: number;
}
