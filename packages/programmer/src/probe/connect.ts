/** From an open debug probe to a `ProbeTarget`: attaches, identifies the chip, finds its memory. It knows no protocol. */
import { type Chip, flashControllerOf, sectorsByBank } from '@sureflash/chips';
import { CortexCore } from '../cortex/core.ts';
import type { Clock } from '../ports/clock.ts';
import { attach } from './attach.ts';
import { ByteCells } from './byte-cells.ts';
import type { DebugProbe, ProbeChoices } from './debug-probe.ts';
import { describeChip } from './describe.ts';
import { FlashAccess } from './flash-access.ts';
import { OptionRegisters } from './option-registers.ts';
import { ProbeTarget } from './target.ts';
import { freezeWatchdog } from './watchdog.ts';

export interface ProbeConnectOptions {
  readonly clock: Clock;
  readonly chip?: Chip | undefined;
  readonly choices: ProbeChoices;
}

/** @throws FlashError `probe/*`, `core/*`, `device/other-chip`, `usb/*` */
export async function connectThroughProbe(
  probe: DebugProbe,
  { clock, chip: stated, choices }: ProbeConnectOptions,
): Promise<ProbeTarget> {
  const core = new CortexCore(probe, clock);
  const attached = await attach(probe, core, choices.connect);
  const { about, geometry, chip, atOnce, flash: region, worlds } = await describeChip(probe, attached, stated);
  if (chip && attached.mode !== 'hot-plug') await freezeWatchdog(probe, chip);
  const noRam = attached.runsOn ?? (choices.usesRam === false ? 'its RAM is to stay as it is' : undefined);
  const shared = { probe, core, clock, noRam };
  const isSecure = worlds?.secureDebug ?? false;
  const flash =
    chip && region && flashControllerOf(chip)
      ? new FlashAccess({ ...shared, chip, atOnce, isSecure, banks: sectorsByBank([chip], region.sectors) })
      : undefined;
  const hasOptions = flash && chip && geometry.some(({ kind }) => kind === 'option-bytes');
  const options = hasOptions ? new OptionRegisters({ probe, core, clock, flash }, chip) : undefined;
  // Through the registers of which world OTP takes bytes there, no source that is known here tells.
  const cells = flash && chip && !worlds ? new ByteCells({ probe, clock, flash, chip }) : undefined;
  const { mode, runsOn, findings } = attached;
  const connection = { mode, findings, halts: runsOn === undefined };
  return new ProbeTarget({ probe, core, clock, about, geometry, ...connection, flash, options, chip, cells });
}
