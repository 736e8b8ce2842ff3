/** Recorded sessions with real ROMs, and a host that sends their requests again to a virtual board. */

import { VirtualClock } from '../src/clock.ts';
import { VirtualWebUsb } from '../src/hosts/webusb.ts';
import type { VirtualUsbDevice } from '../src/hosts/webusb-device.ts';
import { findScenario } from '../src/scenarios/by-name.ts';
import { fromHex } from './drive.ts';

type RequestName = 'DNLOAD' | 'UPLOAD' | 'GETSTATUS' | 'CLRSTATUS' | 'ABORT';
/** bStatus, bwPollTimeout and bState; `null` where the log does not show it. */
type Status = readonly [number | null, number | null, number | null];

export interface Step {
  readonly send?: RequestName;
  readonly block?: number;
  /** In hex. */
  readonly data?: string;
  /** Of any content, or to be read. */
  readonly bytes?: number;
  readonly status?: Status;
  readonly stalls?: boolean;
  /** Since the line of the log before. */
  readonly ms?: number | readonly [number, number];
  readonly wait?: number;
  readonly times?: number;
  readonly steps?: readonly Step[];
}

export interface RecordedSession {
  readonly id: string;
  readonly board: string;
  /** What another host had sent before. */
  readonly begin?: readonly RequestName[];
  readonly steps: readonly Step[];
}

export interface RecordedJob {
  readonly id: string;
  readonly board: string;
  /** Whether it polls at once or takes all waits and erases with them; or reads only. */
  readonly host: 'at once' | 'waits' | 'reads';
  readonly bytes: number;
  readonly erases: readonly string[];
  readonly seconds: number;
}

export interface Recordings {
  readonly sessions: readonly RecordedSession[];
  readonly jobs: readonly RecordedJob[];
}

const REQUEST = { DNLOAD: 1, UPLOAD: 2, GETSTATUS: 3, CLRSTATUS: 4, ABORT: 6 } as const;
const STATUS_BYTES = 6;
/** A program is in flash, as it was in all recordings. */
const PROGRAM = fromHex('00040020 01010008');
const BLOCK_BYTES = 2048;
const FLASH = 0x0800_0000;

/** All steps in their order, groups written out. */
export function flattened(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) =>
    step.steps ? Array.from({ length: step.times ?? 1 }, () => flattened(step.steps ?? [])).flat() : [step],
  );
}

/** A host on a virtual clock at one board; its own work takes no time. */
export class ReplayingHost {
  readonly clock: VirtualClock;
  readonly #device: VirtualUsbDevice;

  private constructor(clock: VirtualClock, device: VirtualUsbDevice) {
    this.clock = clock;
    this.#device = device;
  }

  static async at(board: string, begin: readonly RequestName[] = []): Promise<ReplayingHost> {
    const clock = new VirtualClock();
    const scenario = findScenario(board);
    if (!scenario) throw new Error(`no board ${board}`);
    const connector = scenario.create(clock, { flash: [{ address: FLASH, bytes: PROGRAM }] });
    const usb = new VirtualWebUsb({ connectors: { '1-1': connector }, clock, dialect: 'browser' });
    const device = await usb.requestDevice({ filters: [{ vendorId: 0x0483 }] });
    await device.open();
    await device.selectConfiguration(1);
    await device.claimInterface(0);
    const host = new ReplayingHost(clock, device);
    for (const request of begin) await host.send({ send: request });
    return host;
  }

  /** Sends the request of a step. @returns the bytes that came back; `undefined` for a stall */
  async send({ send = 'GETSTATUS', block = 0, data, bytes = 0 }: Step): Promise<Uint8Array | undefined> {
    const setup = {
      requestType: 'class',
      recipient: 'interface',
      request: REQUEST[send],
      value: block,
      index: 0,
    } as const;
    if (send === 'GETSTATUS' || send === 'UPLOAD') {
      const { status, data: view } = await this.#device.controlTransferIn(
        setup,
        send === 'UPLOAD' ? bytes : STATUS_BYTES,
      );
      if (status !== 'ok' || !view) return undefined;
      return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    }
    const sent = data === undefined ? new Uint8Array(bytes).fill(0x5a) : fromHex(data);
    const { status } = await this.#device.controlTransferOut(setup, sent);
    return status === 'ok' ? new Uint8Array() : undefined;
  }

  /** @returns bStatus, bwPollTimeout and bState; `undefined` for a stall */
  async status(): Promise<[number, number, number] | undefined> {
    const reply = await this.send({ send: 'GETSTATUS' });
    if (!reply) return undefined;
    const [status = 0, low = 0, middle = 0, high = 0, state = 0] = reply;
    return [status, low + middle * 0x100 + high * 0x1_0000, state];
  }

  /** Does a job as its host does. @returns the seconds that it took */
  async run({ host, bytes, erases }: RecordedJob): Promise<number> {
    const from = this.clock.now();
    if (host === 'reads') await this.#read(bytes);
    else await this.#program(bytes, erases, host === 'waits');
    return (this.clock.now() - from) / 1000;
  }

  async #read(bytes: number): Promise<void> {
    for (let at = 0; at < bytes; at += BLOCK_BYTES)
      await this.send({ send: 'UPLOAD', block: 2 + at / BLOCK_BYTES, bytes: Math.min(BLOCK_BYTES, bytes - at) });
  }

  async #program(bytes: number, erases: readonly string[], waits: boolean): Promise<void> {
    for (const address of erases) await this.#operation({ data: command(0x41, Number(address)) }, waits);
    for (let at = 0; at < bytes; at += BLOCK_BYTES) {
      // dfu-util sets the address before each block; a host that polls at once does so for the first and a short one.
      const length = Math.min(BLOCK_BYTES, bytes - at);
      const sets = waits || at === 0 || length < BLOCK_BYTES;
      if (sets) await this.#operation({ data: command(0x21, FLASH + at) }, waits);
      await this.#operation({ block: sets ? 2 : 2 + at / BLOCK_BYTES, bytes: length }, waits);
    }
  }

  async #operation(download: Step, waits: boolean): Promise<void> {
    await this.send({ send: 'DNLOAD', ...download });
    const first = await this.status();
    if (waits) await this.clock.sleep(first?.[1] ?? 0);
    const last = await this.status();
    if (last?.[2] !== 5) throw new Error(`ended in ${String(last)}`);
  }
}

function command(code: number, address: number): string {
  const bytes = [code, ...[0, 8, 16, 24].map((shift) => (address >>> shift) & 0xff)];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
