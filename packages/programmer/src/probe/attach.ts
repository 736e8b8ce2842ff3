/** From an open probe to a chip in a known state: the ways to connect, one after the other where the user has chosen none. */
import type { CortexCore } from '../cortex/core.ts';
import { type CoreIdentity, identifyCore } from '../cortex/identify.ts';
import { FlashError, hasCode } from '../errors.ts';
import type { ConnectMode, DebugProbe } from './debug-probe.ts';

export interface Attached {
  readonly core: CoreIdentity;
  readonly mode: ConnectMode;
  /** Of the chip, where the probe measures it. */
  readonly volts: number | undefined;
  /** What was found out on the way, one clause each. */
  readonly findings: readonly string[];
}

/** The core of an STM32 is behind the first access port, but on H5, H7R/S and the like behind the second. */
const ACCESS_PORTS = [0, 1];
/** Slow enough for wires that are too long for the usual speed. */
const SLOW_KHZ = 480;

/** @throws FlashError `probe/no-target`; `core/*` where a chosen way finds the chip and cannot halt it */
export async function attach(probe: DebugProbe, core: CortexCore, wanted: ConnectMode | undefined): Promise<Attached> {
  const volts = await probe.voltage();
  const ways: readonly ConnectMode[] = wanted ? [wanted] : ['normal', 'under-reset'];
  const findings: string[] = [];
  let last: FlashError | undefined;
  for (const slowly of [false, true]) {
    if (slowly && !probe.limitSpeed?.(SLOW_KHZ)) break;
    for (const mode of ways) {
      try {
        const identity = await WAYS[mode](probe, core, findings);
        if (slowly) findings.push(`it answers at ${SLOW_KHZ} kHz and not quicker: the wires are long or bad`);
        else if (last) findings.push('it answers under reset only: its firmware shuts SWD, or sleeps');
        return { core: identity, mode, volts, findings };
      } catch (error) {
        if (!hasCode(error, 'probe/refused', 'core/stuck', 'probe/no-target')) throw error;
        last = error;
      }
    }
  }
  // A line that was pulled for nothing is let go.
  await probe.driveReset(false).catch(() => undefined);
  if (last && hasCode(last, 'core/stuck')) throw last;
  const known = last && hasCode(last, 'probe/refused', 'probe/no-target') ? last.facts : undefined;
  const { status = 'no answer', reason } = known ?? {};
  throw new FlashError(
    'probe/no-target',
    { status, tried: ways, probe: probe.title, ...(volts !== undefined && { volts }), ...(reason && { reason }) },
    last,
  );
}

type Way = (probe: DebugProbe, core: CortexCore, findings: string[]) => Promise<CoreIdentity>;

const WAYS: Readonly<Record<ConnectMode, Way>> = {
  'hot-plug': async (probe) => {
    await probe.enterSwd();
    return await findCore(probe);
  },
  normal: async (probe, core, findings) => {
    await probe.enterSwd();
    const found = await findCore(probe);
    if ((await core.status()).lockedUp)
      findings.push('its core was locked up: there is no program, or it took a fault in a fault handler');
    await core.resetAndHalt();
    return found;
  },
  'under-reset': async (probe, core, findings) => {
    await probe.driveReset(true);
    await probe.enterSwd();
    // Firmware of the probe may learn only now which line it is (openocd).
    await probe.driveReset(true);
    const found = await findCore(probe);
    await core.catchResets();
    await core.status();
    await probe.driveReset(false);
    if (!(await core.haltsAfterReset())) {
      findings.push('NRST is not wired: the chip was reset by its core');
      await core.resetAndHalt();
    }
    return found;
  },
};

async function findCore(probe: DebugProbe): Promise<CoreIdentity> {
  for (const ap of ACCESS_PORTS) {
    try {
      await probe.useAp(ap);
      const found = await identifyCore(probe);
      if (!found) continue;
      probe.usePages(found.pageBytes);
      return found;
    } catch (error) {
      if (!hasCode(error, 'probe/refused') || ap === ACCESS_PORTS.at(-1)) throw error;
    }
  }
  throw new FlashError('probe/no-target', { status: 'no Cortex-M core behind its access ports', tried: [] });
}
