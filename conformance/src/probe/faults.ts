/** Faults of the wire between host, probe and chip, at every class of command: no false success, no hang, always to be completed. */
import { MemoryImage } from '@sureflash/image';
import { isFlashError, program } from '@sureflash/programmer';
import { type DapRig, dapRig, type StlinkRig, stlinkRig } from './probe-rig.ts';

type StruckRig = StlinkRig | DapRig;
type Strike = (rig: StruckRig, isStruck: (count: number) => boolean) => void;

/** What goes wrong behind the probe, the same for both. */
const SHARED_FAULTS = ['lost reply', 'probe reset', 'mute', 'target reset', 'target power'] as const;
/** Status codes as the firmware of an ST-LINK gives them. */
const STATUS = { WAIT: 0x10, FAULT: 0x11, parity: 0x13 } as const;
const ACKNOWLEDGE = { WAIT: 'wait', FAULT: 'fault', parity: 'parity' } as const;

const strikes = (kind: keyof typeof STATUS): Strike => {
  return (rig, isStruck) => {
    if (rig.wire === 'st-link') {
      rig.disturb = (_, count) => (isStruck(count) ? { kind: 'status', code: STATUS[kind] } : undefined);
    } else {
      // Only transfers have an acknowledge.
      rig.disturb = ([code = 0], count) =>
        (code === 5 || code === 6) && isStruck(count)
          ? { kind: 'transfers', acknowledge: ACKNOWLEDGE[kind] }
          : undefined;
    }
  };
};

export const WIRE_FAULTS: Readonly<Record<string, Strike>> = {
  WAIT: strikes('WAIT'),
  FAULT: strikes('FAULT'),
  parity: strikes('parity'),
  ...Object.fromEntries(
    SHARED_FAULTS.map((kind): [string, Strike] => [
      kind,
      (rig, isStruck) => {
        rig.disturb = (_: Uint8Array, count: number) => (isStruck(count) ? { kind } : undefined);
      },
    ]),
  ),
};

/** A debug probe of each protocol, and of each generation of ST-LINK. */
export const STRUCK_PROBES = ['v2-1', 'v3e', 'debugprobe'] as const;
export type StruckProbe = (typeof STRUCK_PROBES)[number];

export interface FaultTrial {
  readonly probe: StruckProbe;
  readonly chip: string;
  readonly fault: string;
  /** Number of the command that it strikes. */
  readonly at: number;
}

/** `survived`: the job succeeded all the same. */
export type FaultVerdict = 'survived' | 'failed and completed' | 'false success' | 'hang' | 'not recoverable';

/** Whether what is promised of every fault was kept. */
export const isPromiseKept = (verdict: FaultVerdict): boolean =>
  verdict === 'survived' || verdict === 'failed and completed';

const STRUCK_FLASH = 0x0800_0000;
/** Two pages at least, and two buffers of the loader where RAM is small. */
const STRUCK_BYTES = 2_100;
/** Of model time; a clean job takes less than one. */
const LONGEST_JOB_MS = 120_000;
/**
 * The model's core runs so long of a time in which the host only waits. Nine tenths of a campaign went into loops that wait for
 * the host, through limits of seconds; what is left is longer than any operation of the flash here.
 */
const IDLE_RUN_MS = 25;

function struckImage(seed: number): MemoryImage {
  const bytes = Uint8Array.from({ length: STRUCK_BYTES }, (_, i) => (i * 7 + (i >> 8) * 13 + seed) & 0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, STRUCK_FLASH + 0x101, true);
  return new MemoryImage([{ address: STRUCK_FLASH, bytes }]);
}

const OLD = struckImage(1);
const WANTED = struckImage(2);

function rigWith(probe: StruckProbe, chip: string): StruckRig {
  const options = { chip, longestRunMs: IDLE_RUN_MS };
  const rig = probe === 'debugprobe' ? dapRig({ probe, ...options }) : stlinkRig({ probe, ...options });
  for (const { address, bytes } of OLD.segments) rig.chip.load(address, bytes);
  return rig;
}

async function struckJob(rig: StruckRig): Promise<void> {
  const device = await rig.connect();
  try {
    await program(device, WANTED);
  } finally {
    await device.close();
  }
}

const isHeld = ({ chip }: StruckRig): boolean =>
  WANTED.segments.every(({ address, bytes }) =>
    chip.flash.peek(address, bytes.length).every((byte, at) => byte === bytes[at]),
  );

/** @returns numbers of commands of a clean job: the first, the middle and the last of each class */
export async function commandsToStrike(probe: StruckProbe, chip: string): Promise<number[]> {
  const rig = rigWith(probe, chip);
  const classes = new Map<number, number[]>();
  rig.disturb = ([first = 0, second = 0]: Uint8Array, count: number) => {
    const key = first === 0xf2 ? 0x100 + second : first;
    classes.set(key, [...(classes.get(key) ?? []), count]);
    return undefined;
  };
  await struckJob(rig);
  const some = [...classes.values()].flatMap((all) => [all[0], all[all.length >> 1], all.at(-1)]);
  return [...new Set(some.filter((at) => at !== undefined))].sort((a, b) => a - b);
}

/** One job with one fault, and then another without. */
export async function faultTrial({ probe, chip, fault, at }: FaultTrial): Promise<FaultVerdict> {
  const rig = rigWith(probe, chip);
  WIRE_FAULTS[fault]?.(rig, (count) => count === at);
  const outcome = await endOfStruck(rig);
  if (outcome === 'success') return isHeld(rig) ? 'survived' : 'false success';
  if (outcome === 'hang') return 'hang';
  rig.disturb = undefined;
  // A mute probe is told to be plugged in anew.
  rig.desk.connector.unplug();
  rig.desk.connector.plug();
  await rig.clock.sleep(1_000);
  return (await endOfStruck(rig)) === 'success' && isHeld(rig) ? 'failed and completed' : 'not recoverable';
}

async function endOfStruck(rig: StruckRig): Promise<'success' | 'failure' | 'hang'> {
  const late = rig.clock.sleep(LONGEST_JOB_MS).then(() => 'hang' as const);
  const work = struckJob(rig).then(
    () => 'success' as const,
    (error: unknown) => {
      if (isFlashError(error)) return 'failure' as const;
      throw error;
    },
  );
  return await Promise.race([work, late]);
}
