/**
 * Boards that live in this process, on the host, and are reached by the guest over USB/IP: their timing is not the
 * guest's. Each place of the rack holds one board at a time and can be watched, counted and cut at any transfer.
 */
import { type TransferTime, UsbIpServer } from '@sureflash/usbip';
import {
  type Board,
  controlTransferMs,
  findScenario,
  interposed,
  RealClock,
  type Reply,
  type ScenarioOptions,
  type Setup,
  type UsbConnector,
  type UsbDeviceModel,
} from '@sureflash/virtual';
import { FLASH_START } from './bytes.ts';
import { Waiting } from './waiting.ts';

/** Standard requests come when devices are listed, too: time counts from the first one of a class. */
const CLASS_REQUEST = 0x20;

/** What went over the wire: control transfers, their time on the bus, when DFU began and ended, in clock ms, and pauses. */
export interface Traffic {
  transfers: number;
  firstAt: number | undefined;
  lastAt: number | undefined;
  busMs: number;
  readonly waiting: Waiting;
}

/** Sees a request before the device does. @returns true to keep it from ever being answered */
export type Intercept = (setup: Setup, data: Uint8Array, traffic: Traffic) => boolean;

export interface RackOptions {
  /** 4 when absent. */
  readonly places?: number;
  /** Transfers take the time of a full-speed bus. */
  readonly bus?: boolean;
}

export interface InsertOptions extends Omit<ScenarioOptions, 'flash'> {
  readonly busid?: string;
  /** What flash holds at its beginning. */
  readonly flash?: Uint8Array | undefined;
  /** Makes the connector through which the board is seen. */
  readonly behind?: (board: Board) => UsbConnector;
}

const nothingYet = (): Traffic => ({
  transfers: 0,
  firstAt: undefined,
  lastAt: undefined,
  busMs: 0,
  waiting: new Waiting(),
});

/** A USB connector with a board in it. */
export class Place {
  readonly #clock: RealClock;
  #board: Board | undefined;
  #connector: UsbConnector | undefined;
  #stop = (): void => {};
  #shown: { readonly model: UsbDeviceModel; readonly watched: UsbDeviceModel } | undefined;
  readonly #listeners = new Set<() => void>();
  traffic = nothingYet();
  intercept: Intercept = () => false;

  constructor(clock: RealClock) {
    this.#clock = clock;
  }

  get board(): Board | undefined {
    return this.#board;
  }

  /** What the USB/IP server sees: the board's device, watched. */
  get device(): UsbDeviceModel | undefined {
    const model = this.#connector?.device;
    // A debug probe talks over bulk endpoints, which nobody counts.
    if (!model || !this.#board) return model;
    if (this.#shown?.model !== model) this.#shown = { model, watched: this.#watch(model) };
    return this.#shown.watched;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Puts another board in, behind `connector`; what was there loses its power. */
  insert(board: Board, connector: UsbConnector = board): Board {
    this.remove();
    this.#board = board;
    this.show(connector);
    return board;
  }

  /** Puts a plug in that is no board's own, such as that of a debug probe. */
  show(connector: UsbConnector): void {
    this.#connector = connector;
    this.#stop = connector.subscribe(() => this.#tell());
    this.forget();
    this.#tell();
  }

  remove(): void {
    this.#stop();
    this.#board?.unplug();
    this.#board = undefined;
    this.#connector = undefined;
    this.#tell();
  }

  /** Begins to count anew, and interferes no more. */
  forget(): void {
    this.traffic = nothingYet();
    this.intercept = () => false;
  }

  /** Resolves when the connector shows a device, or shows none. */
  async until(present: boolean, limitMs = 30_000): Promise<void> {
    const end = this.#clock.now() + limitMs;
    while ((this.device !== undefined) !== present) {
      if (this.#clock.now() > end) throw new Error(`the connector still shows ${present ? 'nothing' : 'a device'}`);
      await this.#clock.sleep(20);
    }
  }

  #tell(): void {
    for (const listener of Array.from(this.#listeners)) listener();
  }

  #watch(model: UsbDeviceModel): UsbDeviceModel {
    return interposed(model, (setup, data) => {
      if (this.intercept(setup, data, this.traffic)) return { kind: 'silent' };
      const reply = model.control(setup, data);
      this.#count(setup, data, { reply, busyUntil: model.busyUntil });
      return reply;
    });
  }

  #count(
    setup: Setup,
    data: Uint8Array,
    { reply, busyUntil }: { readonly reply: Reply; readonly busyUntil: number },
  ): void {
    const { traffic } = this;
    const at = this.#clock.now();
    const heldUntil = reply.kind === 'silent' ? 0 : (reply.heldUntil ?? 0);
    const answered = reply.kind === 'data' || reply.kind === 'stall' ? (reply.bytes?.length ?? 0) : 0;
    const busMs = controlTransferMs(Math.max(data.length, answered));
    traffic.transfers += 1;
    traffic.busMs += busMs;
    if (setup.requestType & CLASS_REQUEST) traffic.firstAt ??= at;
    if (traffic.firstAt === undefined) return;
    traffic.lastAt = Math.max(at, heldUntil);
    traffic.waiting.note({ setup, data, at, heldUntil, busyUntil, busMs });
  }
}

export class Rack {
  readonly clock = new RealClock();
  readonly #server: UsbIpServer;
  readonly #places = new Map<string, Place>();
  /** Where the server listens. */
  port = 0;

  private constructor({ places = 4, bus = false }: RackOptions) {
    for (let port = 1; port <= places; port += 1) this.#places.set(`1-${port}`, new Place(this.clock));
    const transferMs: TransferTime = bus ? (_, bytes) => controlTransferMs(bytes) : () => 0;
    this.#server = new UsbIpServer({ ports: this.#places, clock: this.clock, transferMs });
  }

  static async start(options: RackOptions = {}): Promise<Rack> {
    const rack = new Rack(options);
    const { port } = await rack.#server.listen({ port: 0 });
    rack.port = port;
    return rack;
  }

  get busids(): string[] {
    return [...this.#places.keys()];
  }

  /** By bus id: `1-1`, `1-2`, … */
  place(busid: string): Place {
    const place = this.#places.get(busid);
    if (!place) throw new RangeError(`the rack has no place ${busid}`);
    return place;
  }

  /** A new board in a place. */
  insert(scenario: string, { busid = '1-1', flash, behind = (board) => board, ...options }: InsertOptions = {}): Board {
    const found = findScenario(scenario);
    if (!found) throw new RangeError(`there is no scenario ${scenario}`);
    const content = flash && { flash: [{ address: FLASH_START, bytes: flash }] };
    const board = found.create(this.clock, { ...content, ...options });
    return this.place(busid).insert(board, behind(board));
  }

  async close(): Promise<void> {
    for (const place of this.#places.values()) place.remove();
    await this.#server.close();
  }
}
