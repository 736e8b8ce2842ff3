/**
 * What devices say of themselves, each looked at on its own: a probe with its firmware and the supply of its chip, a chip with its
 * unique id, which, unlike the serial number of DFU, no other chip has.
 */
import {
  type About,
  type Clock,
  connect,
  greetProbe,
  hasCode,
  isFlashError,
  LEAST_SUPPLY_VOLTS,
  systemClock,
  USB_FILTERS,
} from '@sureflash/programmer';
import type { ProbeChoices } from '@sureflash/programmer/probe';
import { openWebUsb, type UsbCandidate, type WebUsb } from '@sureflash/programmer/transports';
import { defined } from '../base/defined.ts';
import { whyNot } from './why-not.ts';

/** `uid:` and 24 hex digits, with or without separators. @returns the digits, or `undefined` for anything else */
export function uidWanted(which: string | undefined): string | undefined {
  const digits = /^uid:([0-9a-f -]+)$/i.exec(which ?? '')?.[1]?.replaceAll(/[ -]/g, '');
  return digits?.length === 24 ? digits.toUpperCase() : undefined;
}

/** A device that was looked at, and what came of it. */
export interface Looked {
  readonly candidate: UsbCandidate;
  /** Absent where the device does not tell it. */
  readonly uid?: string;
  /** The chip and its loader, in a line. */
  readonly title?: string;
  /** The debug probe before the chip. */
  readonly probe?: About['probe'];
  /** Why it could not be looked at: another program holds it, it is no DfuSe device. A code, and the same in words. */
  readonly failed?: string;
  readonly why?: string;
}

/** A list resets nobody's chip. */
export const LOOKING: ProbeChoices = { connect: 'hot-plug' };

export interface AskOptions {
  readonly usb: WebUsb;
  readonly clock?: Clock;
}

/** More than a mute probe needs to be reset once; nobody waits longer for one device. */
const LOOK_LIMIT_MS = 20_000;

/** Opens all of them at once to read their unique ids. One that cannot be read does not keep the others from it. */
export async function readUids(
  candidates: readonly UsbCandidate[],
  { usb, clock = systemClock }: AskOptions,
): Promise<Looked[]> {
  return await lookAtEach(candidates, clock, async ({ device: plugged }) => {
    const device = await connect(await openWebUsb(plugged, USB_FILTERS, { clock, usb }), { clock, probe: LOOKING });
    await device.close();
    const { uid, title, probe } = device.about;
    return { title, ...defined({ uid, probe }) };
  });
}

/** Asks debug probes who they are; chips are not touched. */
export async function greetProbes(
  candidates: readonly UsbCandidate[],
  { usb, clock = systemClock }: AskOptions,
): Promise<Looked[]> {
  return await lookAtEach(candidates, clock, async ({ device }) =>
    defined({ probe: await greetProbe(await openWebUsb(device, USB_FILTERS, { clock, usb }), { clock }) }),
  );
}

export type ToldByDevice = Omit<Looked, 'candidate'>;

async function lookAtEach(
  candidates: readonly UsbCandidate[],
  clock: Clock,
  look: (candidate: UsbCandidate) => Promise<ToldByDevice>,
): Promise<Looked[]> {
  const one = async (candidate: UsbCandidate): Promise<Looked> => {
    const stop = new AbortController();
    const late = clock.sleep(LOOK_LIMIT_MS, stop.signal).then(
      () => ({ failed: 'usb/timeout', why: `it takes more than ${LOOK_LIMIT_MS / 1000} s` }),
      () => ({}),
    );
    const found = await Promise.race([look(candidate).catch(toldByFailure), late]);
    stop.abort();
    return { candidate, ...found };
  };
  return await Promise.all(candidates.map(one));
}

/** Whatever it is, it is about this device alone. */
export function toldByFailure(error: unknown): ToldByDevice {
  const failed = isFlashError(error) ? error.code : 'unexpected';
  return { failed, ...defined({ why: whyNot(error), probe: probeOf(error) }) };
}

function probeOf(error: unknown): About['probe'] {
  if (!isFlashError(error) || !hasCode(error, 'probe/no-target')) return undefined;
  const { probe: title, volts } = error.facts;
  return title === undefined ? undefined : { title, ...defined({ volts }) };
}

/** For a list: `uid:066D…  STM32F407 in its ROM bootloader`. */
export function foundUidText(looked: Looked): string {
  const { uid, title, failed, probe } = looked;
  if (failed !== undefined)
    return [notReadText('unique id not read', looked), ...(probe ? [probeText(probe)] : [])].join('  ');
  const known = [uid === undefined ? 'unique id not given' : `uid:${uid}`, ...(title === undefined ? [] : [title])];
  return [...known, ...(probe ? [supplyText(probe)] : [])].join('  ');
}

/** For a list without unique ids: `ST-LINK V2J37M27, 3.30 V at the chip`. */
export function foundProbeText(looked: Looked): string {
  return looked.probe ? probeText(looked.probe) : notReadText('firmware not read', looked);
}

export const notReadText = (what: string, { failed, why }: ToldByDevice): string =>
  `${what} (${failed ?? 'no probe'})${why === undefined ? '' : `: ${why}`}`;

/** `ST-LINK V2J37M27, 3.30 V at the chip`. */
export function probeText(probe: NonNullable<About['probe']>): string {
  return `${probe.title}, ${supplyText(probe)}`;
}

export function supplyText({ volts }: NonNullable<About['probe']>): string {
  if (volts === undefined) return 'supply of the chip not measured';
  return `${volts.toFixed(2)} V at the chip${volts < LEAST_SUPPLY_VOLTS ? ', which is too low' : ''}`;
}
