/** From the options of a verb to a device that is ready to work. It prints nothing. */
import type { Chip } from '@sureflash/chips';
import { type Clock, connect, type Device, FlashError, hasCode, type UsbPort, type Wire } from '@sureflash/programmer';
import type { ProbeChoices } from '@sureflash/programmer/probe';
import { recordTrace } from '@sureflash/programmer/transports';
import { defined } from '../base/defined.ts';
import type { Io } from '../base/io.ts';
import { assertNoInput } from '../files/output.ts';
import { chipNamed } from './chip-named.ts';
import { openSource } from './open-source.ts';
import type { DeviceOptions } from './options.ts';
import { type ReopenOptions, reopened } from './reopen.ts';
import type { DeviceSource } from './source.ts';
import { beginTrace, type TraceFile } from './trace-file.ts';
import { waitFor } from './waiting.ts';

/** A connected device, and where it was found. */
export interface OpenDevice extends Device {
  readonly port: UsbPort;
  readonly where: string;
  /** Whether it is still there when this process has ended. */
  readonly outlives: boolean;
  /** The record of the transfers, where one was asked for. */
  readonly record?: TraceFile;
  /** Does what a person would do to have the board in its bootloader again; absent where only a person can. */
  readonly bringBack?: () => void;
  /** Connects the device once more, when it is on the bus again. @throws FlashError `device/not-back` */
  readonly reopen: (options?: ReopenOptions) => Promise<Device>;
}

/** @param onWaiting told once when there is no device yet and `wait` is among the options */
export async function openDevice(io: Io, options: DeviceOptions, onWaiting: () => void): Promise<OpenDevice> {
  const chip = options.chip === undefined ? undefined : chipNamed(options.chip);
  const open = async (): Promise<DeviceSource> =>
    await (options.detach ? (await import('./detached.ts')).openDetached(io, options) : openSource(io, options));
  const { wait } = options;
  await checkTrace(io, options);
  const source = await (wait === undefined ? open() : waitFor(open, { seconds: wait, signal: io.signal, onWaiting }));
  const probe = { connect: options.connect, kHz: options.speed, usesRam: options.loader };
  const { computedMs } = io;
  return await connectOrClose(source, { ...options, probe, ...defined({ computedMs }), ...(chip && { stated: chip }) });
}

/** As `connectSource`; the source is closed where the device cannot be connected. */
export async function connectOrClose(source: DeviceSource, choices: ConnectChoices): Promise<OpenDevice> {
  try {
    return await connectSource(source, choices);
  } catch (error) {
    const told = await withMounts(error, source);
    await source[Symbol.asyncDispose]();
    throw told;
  }
}

/** A probe that is busy with its disk: where that is mounted. */
async function withMounts(error: unknown, { mounts }: DeviceSource): Promise<unknown> {
  if (!hasCode(error, 'probe/no-target') || error.facts.reason !== 'taken') return error;
  const folders = (await mounts?.()) ?? [];
  if (folders.length === 0) return error;
  const status = `${error.facts.status}; its disk is mounted at ${folders.join(' and ')}`;
  return new FlashError('probe/no-target', { ...error.facts, status }, error);
}

/** @throws CommandError `cli/own-input` where the record would replace the trace that is replayed */
async function checkTrace(io: Io, { trace, replay }: DeviceOptions): Promise<void> {
  if (trace !== undefined && replay !== undefined) await assertNoInput(io, trace, [replay]);
}

export interface ConnectChoices {
  readonly polite?: boolean;
  readonly trace?: string;
  readonly stated?: Chip;
  readonly probe?: ProbeChoices;
  /** The protocols that are tried; all that are known by default. */
  readonly wires?: readonly Wire[];
  /** Processor time of this process, which bounds what is computed. */
  readonly computedMs?: () => number;
}

/** Connects the device at an open port, with a record of every transfer where one was asked for. */
export async function connectSource(
  source: DeviceSource,
  { polite, trace, stated: chip, probe, wires, computedMs }: ConnectChoices,
): Promise<OpenDevice> {
  const { where, outlives, bringBack } = source;
  const clock = computedMs ? alsoComputing(source.clock, computedMs) : source.clock;
  const record = trace === undefined ? undefined : beginTrace(trace);
  const portOf = (from: DeviceSource): UsbPort => (record ? recordTrace(from.port, clock, record.add) : from.port);
  const connectAt = async (port: UsbPort): Promise<Device> =>
    await connect(port, { clock, polite, chip, probe, wires });
  let current = source;
  const port = portOf(source);
  const device = await connectAt(port);
  const close = async (): Promise<void> => await current[Symbol.asyncDispose]();
  return {
    ...device,
    port,
    where,
    outlives,
    ...defined({ record, bringBack }),
    reopen: async (options) => {
      await close();
      const understand = async (from: DeviceSource): Promise<Device> => await connectAt(portOf(from));
      const again = await reopened(current, understand, options).catch((error: unknown) => {
        if (hasCode(error, 'device/not-back')) record?.add({ type: 'absent' });
        throw error;
      });
      current = again.source;
      return again.device;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function alsoComputing(clock: Clock, computedMs: () => number): Clock {
  return { now: () => clock.now(), sleep: async (ms, signal) => await clock.sleep(ms, signal), computedMs };
}
