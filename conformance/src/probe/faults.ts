/** Faults of the wire between host, probe and chip, at every class of command: no false success, no hang, always to be completed. */
import { MemoryImage } from '@sureflash/image';
import { isFlashError, program } from '@sureflash/programmer';
import type { VirtualStLinkOptions } from '@sureflash/virtual';
import { StlinkRig } from './stlink-rig.ts';

type WireFault = NonNullable<ReturnType<NonNullable<VirtualStLinkOptions['onCommand']>>>;

/** Status codes as the firmware gives them. */
export const WIRE_FAULTS: Readonly<Record<string, WireFault>> = {
  WAIT: { kind: 'status', code: 0x10 },
  FAULT: { kind: 'status', code: 0x11 },
  parity: { kind: 'status', code: 0x13 },
  'lost reply': { kind: 'lost reply' },
  'probe reset': { kind: 'probe reset' },
  mute: { kind: 'mute' },
  'target reset': { kind: 'target reset' },
  'target power': { kind: 'target power' },
};

export interface FaultTrial {
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

function rigWith(chip: string): StlinkRig {
  const rig = new StlinkRig({ probe: 'v2-1', chip, longestRunMs: IDLE_RUN_MS });
  for (const { address, bytes } of OLD.segments) rig.chip.load(address, bytes);
  return rig;
}

async function struckJob(rig: StlinkRig): Promise<void> {
  const device = await rig.connect();
  try {
    await program(device, WANTED);
  } finally {
    await device.close();
  }
}

const isHeld = ({ chip }: StlinkRig): boolean =>
  WANTED.segments.every(({ address, bytes }) =>
    chip.flash.peek(address, bytes.length).every((byte, at) => byte === bytes[at]),
  );

/** @returns numbers of commands of a clean job: the first, the middle and the last of each class */
export async function commandsToStrike(chip: string): Promise<number[]> {
  const rig = rigWith(chip);
  const classes = new Map<number, number[]>();
  rig.disturb = ([first = 0, second = 0], count) => {
    const key = first === 0xf2 ? 0x100 + second : first;
    classes.set(key, [...(classes.get(key) ?? []), count]);
    return undefined;
  };
  await struckJob(rig);
  const some = [...classes.values()].flatMap((all) => [all[0], all[all.length >> 1], all.at(-1)]);
  return [...new Set(some.filter((at) => at !== undefined))].sort((a, b) => a - b);
}

/** One job with one fault, and then another without. */
export async function faultTrial({ chip, fault, at }: FaultTrial): Promise<FaultVerdict> {
  const rig = rigWith(chip);
  const disturbance = WIRE_FAULTS[fault];
  rig.disturb = (_, count) => (count === at ? disturbance : undefined);
  const outcome = await ended(rig);
  if (outcome === 'success') return isHeld(rig) ? 'survived' : 'false success';
  if (outcome === 'hang') return 'hang';
  rig.disturb = undefined;
  // A mute probe is told to be plugged in anew.
  rig.desk.connector.unplug();
  rig.desk.connector.plug();
  await rig.clock.sleep(1_000);
  return (await ended(rig)) === 'success' && isHeld(rig) ? 'failed and completed' : 'not recoverable';
}

async function ended(rig: StlinkRig): Promise<'success' | 'failure' | 'hang'> {
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
