/** What a target needs of a debug probe beside core debug. It knows no protocol. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { DebugAccess } from '../cortex/debug-access.ts';

export interface DebugProbe extends DebugAccess, AsyncDisposable {
  /** As people call it, with its firmware: `ST-LINK V2J37M27`. */
  readonly title: string;
  /** Opens the line to the chip. @throws FlashError `probe/refused` where no chip answers */
  enterSwd(): Promise<void>;
  /** Supply of the chip in volts; `undefined` where the probe does not measure it. */
  voltage(): Promise<number | undefined>;
  /** Memory is reached through this access port from now on. */
  useAp(ap: number): Promise<void>;
  /** No quicker line than this from the next `enterSwd` on. @returns whether it was quicker before; absent, there is one speed */
  limitSpeed?(kHz: number): boolean;
  /** What has turned out since it was opened, one sentence each without a full stop. */
  readonly remarks?: readonly string[];
  /** No transfer crosses a multiple of so many bytes from now on. */
  usePages(bytes: number): void;
}

/** `normal`: the chip is reset and halted. `under-reset`: by its NRST line, for firmware that shuts SWD. `hot-plug`: it runs on. */
export type ConnectMode = 'normal' | 'under-reset' | 'hot-plug';

/** How the user wants a probe to be used. */
export interface ProbeChoices {
  /** Absent: normal, and under reset where that fails. */
  readonly connect?: ConnectMode | undefined;
  /** Of the line to the chip, in kHz; absent, the quickest that works. */
  readonly kHz?: number | undefined;
  /** `false`: no code runs in the chip, and its RAM stays as it is; flash is written by registers alone, which is slower. */
  readonly usesRam?: boolean | undefined;
}

/** What a debug probe says of itself, without its chip. */
export interface ProbeGreeting {
  /** `ST-LINK V2J37M27`. */
  readonly title: string;
  /** Supply of the chip, where the probe measures it. */
  readonly volts?: number;
}
