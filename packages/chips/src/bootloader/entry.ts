/** What code that runs in a chip must know to start the ROM bootloader and to program the flash. Facts by register; no code. */

export type CoreName = 'cortex-m0' | 'cortex-m0plus' | 'cortex-m3' | 'cortex-m4' | 'cortex-m7' | 'cortex-m33';

/** Registers of one peripheral by their CMSIS names, as offsets in bytes. */
export interface Peripheral {
  readonly base: number;
  readonly registers: Readonly<Record<string, number>>;
}

/** Peripherals and bit masks by the names of ST's device header. */
export interface RegisterFacts {
  readonly peripherals: Readonly<Record<string, Peripheral>>;
  readonly bits: Readonly<Record<string, number>>;
}

/** Which kind of port, and how its clock is turned on. */
export interface PortFacts {
  /** `crl`: two configuration registers of four bits a pin (F1); `moder`: one of two bits a pin (all others). */
  readonly kind: 'crl' | 'moder';
  readonly base: number;
  /** From one port to the next. */
  readonly step: number;
  /** Of RCC. */
  readonly enableRegister: string;
  /** CMSIS name of the enable bit, with `*` for the letter. */
  readonly enableBit: string;
  /** Position of the enable bit of each port, by letter. */
  readonly ports: Readonly<Record<string, number>>;
  /** Position of each port in the address map, where that is not the alphabet. */
  readonly places?: Readonly<Record<string, number>>;
}

/** The register that puts system memory at address 0. */
export interface RemapFacts {
  /** Of SYSCFG. */
  readonly register: string;
  readonly mask: number;
  readonly value: number;
  /** RCC register and CMSIS bit that clock SYSCFG; absent where it always is. */
  readonly clock?: { readonly register: string; readonly bit: string };
}

/** How RCC comes back to what it is after a reset, without one. */
export interface ClockFacts {
  /** Bits of RCC_CR: the oscillator that the chip starts with, and its ready flag. */
  readonly start: readonly [on: string, ready: string];
  /** Registers of RCC that are set before that oscillator is chosen. */
  readonly before?: readonly { readonly register: string; readonly clear: number; readonly set: number }[];
  /** RCC_CFGR after a reset, and the part of it under RCC_CFGR_SWS. */
  readonly select: { readonly value: number; readonly status: number };
  /** Bits of RCC_CR that are cleared, and flags that then must read 0. */
  readonly stop: readonly string[];
  readonly stopped: readonly string[];
  /** Reset registers and which of their bits are pulsed. */
  readonly pulse: readonly (readonly [register: string, mask: number])[];
  /** Registers of RCC and their values after a reset, in the order in which they are written. */
  readonly values: readonly (readonly [register: string, value: number])[];
  /** FLASH_ACR: the mask of the wait states, which are 0 after a reset. */
  readonly latencyMask: number;
  /** DMA controllers that no reset register reaches: first channel's CCR at `base` + 8, one each 20 bytes. */
  readonly dma?: readonly DmaFacts[];
}

export interface DmaFacts {
  readonly name: string;
  readonly base: number;
  readonly channels: number;
  readonly clock: { readonly register: string; readonly bit: string };
}

/** An option that keeps a jump from reaching the bootloader: it does while `register & mask` is `value`. */
export interface BlockFacts {
  readonly peripheral: string;
  readonly register: string;
  readonly mask: number;
  readonly value: number;
  /** True where the jump is blocked while the masked bits are anything else. */
  readonly unless?: boolean;
  readonly why: string;
}

export interface FamilyFacts {
  readonly core: CoreName;
  /** ST's device header without `.h`: `stm32f1xx`. */
  readonly header: string;
  readonly registers: RegisterFacts;
  readonly ports?: PortFacts;
  readonly remap?: RemapFacts;
  /** Absent: RCC has too much state to undo, and user code goes through a system reset instead. */
  readonly clocks?: ClockFacts;
  /** System clock after a reset, in Hz. */
  readonly resetHz: number;
  readonly blocks?: readonly BlockFacts[];
  readonly source: string;
  /** What no public source states and was taken instead. */
  readonly guesses?: readonly string[];
}

/** Why a chip's bootloader cannot be started by user code. */
export interface EntryRefusal {
  readonly reason: string;
  readonly source: string;
  /** What does work. */
  readonly instead: string;
}

export type BootloaderEntry =
  | ({ readonly possible: true } & FamilyFacts)
  | ({ readonly possible: false } & EntryRefusal);
