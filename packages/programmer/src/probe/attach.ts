/** From an open probe to a chip in a known state: the ways to connect, one after the other where the user has chosen none. */
import { chipName, findChipsByDevId } from '@sureflash/chips';
import type { CortexCore } from '../cortex/core.ts';
import { readWord } from '../cortex/debug-access.ts';
import { type CoreIdentity, identifyCore } from '../cortex/identify.ts';
import { FlashError, hasCode } from '../errors.ts';
import type { ConnectMode, DebugProbe } from './debug-probe.ts';

export interface Attached {
  readonly core: CoreIdentity;
  readonly mode: ConnectMode;
  /** Of the chip, where the probe measures it. */
  readonly volts: number | undefined;
  /** What was in the way, one clause each. */
  readonly findings: readonly string[];
  /** Its core was locked up when it was found. A chip without a program is, too. */
  readonly wasLockedUp: boolean;
  /** Why its core does not stand still; absent where it does, or where nobody asked it to. */
  readonly runsOn?: string;
}

/** The core of an STM32 is behind the first access port, but on H5, H7R/S and the like behind the second. */
const ACCESS_PORTS = [0, 1];
/** Slow enough for wires that are too long for the usual speed. */
const SLOW_KHZ = 480;

/** @throws FlashError `probe/no-target`; `core/*` where a chosen way finds the chip and cannot halt it */
export async function attach(probe: DebugProbe, core: CortexCore, wanted: ConnectMode | undefined): Promise<Attached> {
  const volts = await probe.voltage();
  const ways: readonly ConnectMode[] = wanted ? [wanted] : ['normal', 'under-reset'];
  const found: AttachFindings = { findings: [], wasLockedUp: false };
  const { findings } = found;
  const remarks = probe.remarks?.length ?? 0;
  let last: FlashError | undefined;
  for (const slowly of [false, true]) {
    if (slowly && !probe.limitSpeed?.(SLOW_KHZ)) break;
    for (const mode of ways) {
      try {
        const identity = await WAYS[mode](probe, core, found);
        if (slowly) findings.push(`it answers at ${SLOW_KHZ} kHz and not quicker: the wires are long or bad`);
        else if (last) findings.push(whyUnderReset(last, (probe.remarks?.length ?? 0) > remarks));
        return { core: identity, mode, volts, ...found };
      } catch (error) {
        if (!hasCode(error, 'probe/refused', 'core/stuck', 'probe/no-target')) throw error;
        last = error;
      }
    }
  }
  // A line that was pulled for nothing is let go.
  await probe.driveReset(false).catch(() => undefined);
  if (last && hasCode(last, 'core/stuck')) {
    if (wanted || last.facts.state === 'held in reset') throw last;
    return await withoutHalt(probe, core, { volts, stuck: last });
  }
  const closed = await closedChips(probe, last);
  const known = last && hasCode(last, 'probe/refused', 'probe/no-target') ? last.facts : undefined;
  const { status = 'no answer', reason } = known ?? {};
  throw new FlashError(
    'probe/no-target',
    {
      status,
      tried: ways,
      probe: probe.title,
      ...(volts !== undefined && { volts }),
      ...(reason && { reason }),
      ...(closed && { closed }),
    },
    last,
  );
}

/** DBGMCU of the chips whose debug ports close apart from it (RM0438 §52.12, RM0456 §75.12, RM0481 §59.12). */
const DEBUG_UNIT = 0xe004_4000;

/** @returns the chips that it may be, where its debug unit answers and its core does not; `undefined` where nothing answers */
async function closedChips(probe: DebugProbe, last: FlashError | undefined): Promise<string[] | undefined> {
  const reason = last && hasCode(last, 'probe/refused', 'probe/no-target') ? last.facts.reason : undefined;
  if (reason !== undefined && reason !== 'fault') return undefined;
  for (const ap of ACCESS_PORTS) {
    try {
      await probe.useAp(ap);
      const chips = findChipsByDevId((await readWord(probe, DEBUG_UNIT)) & DEV_ID_BITS);
      if (chips.length > 0) return chips.map(chipName);
    } catch (error) {
      if (!hasCode(error, 'probe/refused', 'probe/firmware')) throw error;
    }
  }
  return undefined;
}
const DEV_ID_BITS = 0xfff;

/** @param wasSlowed the line has turned out to be bad meanwhile */
function whyUnderReset(failed: FlashError, wasSlowed: boolean): string {
  const reason = hasCode(failed, 'probe/refused', 'probe/no-target') ? failed.facts.reason : undefined;
  if (reason === 'line' || wasSlowed) return 'it answers at the second try only: the line to it is bad';
  if (reason === 'wait') return 'it answers under reset only: its firmware sleeps so deeply that its bus has no clock';
  return 'it answers under reset only: its firmware shuts SWD, or sleeps';
}

interface Unhalted {
  readonly volts: number | undefined;
  readonly stuck: FlashError<'core/stuck'>;
}

/** Memory needs no core that stands still. @throws FlashError `core/stuck` where that cannot be reached either */
async function withoutHalt(probe: DebugProbe, core: CortexCore, { volts, stuck }: Unhalted): Promise<Attached> {
  try {
    const identity = await WAYS['hot-plug'](probe, core, { findings: [], wasLockedUp: false });
    const runsOn = `its core neither halts nor resets (it is ${stuck.facts.state})`;
    const wasLockedUp = stuck.facts.state === 'locked up';
    return { core: identity, mode: 'hot-plug', volts, findings: [runsOn], wasLockedUp, runsOn };
  } catch (error) {
    if (!hasCode(error, 'probe/refused', 'probe/no-target')) throw error;
    throw stuck;
  }
}

interface AttachFindings {
  readonly findings: string[];
  wasLockedUp: boolean;
}

type Way = (probe: DebugProbe, core: CortexCore, told: AttachFindings) => Promise<CoreIdentity>;

const WAYS: Readonly<Record<ConnectMode, Way>> = {
  'hot-plug': async (probe) => {
    await probe.enterSwd();
    return await findCore(probe);
  },
  normal: async (probe, core, told) => {
    await probe.enterSwd();
    const found = await findCore(probe);
    if ((await core.status()).lockedUp) told.wasLockedUp = true;
    await core.resetAndHalt();
    return found;
  },
  'under-reset': async (probe, core, { findings }) => {
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
  let unanswered: unknown;
  for (const ap of ACCESS_PORTS) {
    try {
      await probe.useAp(ap);
      const found = await identifyCore(probe);
      if (!found) continue;
      probe.usePages(found.pageBytes);
      return found;
    } catch (error) {
      if (!hasCode(error, 'probe/refused')) throw error;
      // Of a port that is not there nobody needs to hear.
      unanswered ??= error;
    }
  }
  if (unanswered) throw unanswered;
  throw new FlashError('probe/no-target', { status: 'no Cortex-M core behind its access ports', tried: [] });
}
