/** Where the programmer meets a virtual board: one job on one board, on the virtual clock. */
import { MemoryImage } from '@sureflash/image';
import {
  type Clock,
  type ConnectOptions,
  carryOut,
  connect,
  type Device,
  isFlashError,
  type JobOptions,
  type Preparation,
  prepare,
  type Report,
  USB_FILTERS,
  type UsbPort,
} from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  type Board,
  type DialectName,
  findScenario,
  type Scenario,
  type ScenarioOptions,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';

export interface RigOptions extends ScenarioOptions {
  readonly dialect?: DialectName;
  readonly polite?: boolean;
  /** Called before each transfer of the client with its running number. */
  readonly beforeTransfer?: (index: number) => void;
}

export interface Job {
  readonly preparation: Preparation;
  readonly report: Report;
}

function scenarioOf(name: string): Scenario {
  const found = findScenario(name);
  if (!found) throw new Error(`no scenario ${name}`);
  return found;
}

export class Rig {
  readonly clock: Clock;
  readonly board: Board;
  #options: RigOptions;
  #usb: VirtualWebUsb | undefined;

  constructor(scenario: string | Scenario, options: RigOptions = {}) {
    const found = typeof scenario === 'string' ? scenarioOf(scenario) : scenario;
    const clock = new VirtualClock();
    this.clock = clock;
    this.board = found.create(clock, options);
    this.#options = options;
  }

  /** Transfers and bus time of the host that was used last. */
  get stats(): VirtualWebUsb['stats'] {
    if (!this.#usb) throw new Error('nothing was opened yet');
    return this.#usb.stats;
  }

  /** From here on nothing happens to transfers. */
  undisturbed(): void {
    const { beforeTransfer: _, ...rest } = this.#options;
    this.#options = rest;
  }

  /** A host of its own for every call, as for every run of a program. */
  async openPort(beforeTransfer = this.#options.beforeTransfer): Promise<UsbPort> {
    this.#usb?.dispose();
    const { dialect = 'usb-2.18' } = this.#options;
    const usb = new VirtualWebUsb({
      connectors: [this.board],
      clock: this.clock,
      dialect,
      deviceTimeout: 120_000,
      ...(beforeTransfer && { beforeTransfer }),
    });
    this.#usb = usb;
    const [candidate] = await listWebUsb(usb, USB_FILTERS);
    if (!candidate) throw new Error('no device on the virtual bus');
    return await openWebUsb(candidate.device, USB_FILTERS, { clock: this.clock, usb });
  }

  async connect(options: ConnectOptions = {}): Promise<Device> {
    const { polite = false } = this.#options;
    return await connect(await this.openPort(), { clock: this.clock, polite, ...options });
  }

  /** A whole job on a device of its own, as for every run of a program. */
  async program(image: MemoryImage, options: JobOptions = {}): Promise<Job> {
    const device = await this.connect();
    try {
      const preparation = await prepare(device, image, options);
      return { preparation, report: await carryOut(device, preparation, options) };
    } finally {
      await device.close();
    }
  }

  /** Whether the flash of the board holds the image, past every wire. */
  holds(image: MemoryImage): boolean {
    return image.segments.every(({ address, bytes }) => {
      const found = this.board.flash.peek(address, bytes.length);
      return bytes.every((byte, i) => byte === found[i]);
    });
  }
}

/** How a run ended: `programmed`, the code of its error, or what else was thrown. */
export async function outcomeOf(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
    return 'programmed';
  } catch (error) {
    return isFlashError(error) ? error.code : error;
  }
}

/** Bytes without long erased stretches, the same for the same seed. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function imageAt(address: number, bytes: Uint8Array): MemoryImage {
  return new MemoryImage([{ address, bytes }]);
}

const CUT_WAYS = 4;

/**
 * The transfers, of so many, at which a run is ended in one of four ways: every fourth, each way its own ones, or with
 * ALL_TRANSFERS=1 in the environment every one.
 */
export function cutsOf(way: number, transfers: number): number[] {
  const all = Array.from({ length: transfers }, (_, cut) => cut);
  return process.env['ALL_TRANSFERS'] === undefined ? all.filter((cut) => cut % CUT_WAYS === way) : all;
}
