/** What a target behind a debug probe is made of. Types alone. */
import type { Chip } from '@sureflash/chips';
import type { CortexCore } from '../cortex/core.ts';
import type { Clock } from '../ports/clock.ts';
import type { About } from '../target/about.ts';
import type { Region } from '../target/geometry.ts';
import type { ByteCells } from './byte-cells.ts';
import type { ConnectMode, DebugProbe } from './debug-probe.ts';
import type { FlashAccess } from './flash-access.ts';
import type { OptionRegisters } from './option-registers.ts';

export interface ProbeTargetParts {
  readonly probe: DebugProbe;
  readonly core: CortexCore;
  readonly clock: Clock;
  readonly about: About;
  readonly geometry: readonly Region[];
  readonly mode: ConnectMode;
  /** What was in the way while it was connected, one clause each. */
  readonly findings: readonly string[];
  /** Whether the core stands still when it is asked to. */
  readonly halts: boolean;
  /** Absent for a chip whose flash nobody knows how to drive. */
  readonly flash: FlashAccess | undefined;
  /** Absent where nothing known here reaches the option bytes. */
  readonly options: OptionRegisters | undefined;
  /** One of those that it may be. */
  readonly chip: Chip | undefined;
  /** Absent where the chip has neither OTP nor EEPROM that can be reached. */
  readonly cells: ByteCells | undefined;
}
