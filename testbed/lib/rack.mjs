/**
 * Boards that live in this process, on the host, and are reached by the guest over USB/IP: their timing is not the
 * guest's. Each place of the rack holds one board at a time and can be watched, counted and cut at any transfer.
 */
import { UsbIpServer } from '@sureflash/usbip';
import { controlTransferMs, findScenario, RealClock } from '@sureflash/virtual';
import { Waiting } from './waiting.mjs';

const FLASH_START = 0x0800_0000;

/** Standard requests come when devices are listed, too: time counts from the first one of a class. */
const CLASS_REQUEST = 0x20;

/** What went over the wire: control transfers, their time on the bus, when DFU began and ended, in clock ms, and pauses. */
const nothingYet = () => ({ transfers: 0, firstAt: undefined, lastAt: undefined, busMs: 0, waiting: new Waiting() });

/** A USB connector with a board in it. */
export class Place {
  #clock;
  #board;
  #connector;
  #stop = () => {};
  #shown;
  #listeners = new Set();
  traffic = nothingYet();
  /** Called before a request reaches the device; returns true to keep it from ever being answered. */
  intercept = () => false;

  constructor(clock) {
    this.#clock = clock;
  }

  get board() {
    return this.#board;
  }

  /** What the USB/IP server sees: the board's device, watched. */
  get device() {
    const model = this.#connector?.device;
    if (!model) return undefined;
    if (this.#shown?.model !== model) this.#shown = { model, watched: this.#watch(model) };
    return this.#shown.watched;
  }

  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Puts another board in, behind `connector`; what was there loses its power. */
  insert(board, connector = board) {
    this.remove();
    this.#board = board;
    this.#connector = connector;
    this.#stop = connector.subscribe(() => this.#tell());
    this.forget();
    this.#tell();
    return board;
  }

  remove() {
    this.#stop();
    this.#board?.unplug();
    this.#board = undefined;
    this.#connector = undefined;
    this.#tell();
  }

  /** Begins to count anew, and interferes no more. */
  forget() {
    this.traffic = nothingYet();
    this.intercept = () => false;
  }

  /** Resolves when the connector shows a device, or shows none. */
  async until(present, limitMs = 30_000) {
    const end = this.#clock.now() + limitMs;
    while ((this.device !== undefined) !== present) {
      if (this.#clock.now() > end) throw new Error(`the connector still shows ${present ? 'nothing' : 'a device'}`);
      await this.#clock.sleep(20);
    }
  }

  #tell() {
    for (const listener of [...this.#listeners]) listener();
  }

  #watch(model) {
    const control = (setup, data) => {
      if (this.intercept(setup, data, this.traffic)) return { kind: 'silent' };
      const reply = model.control(setup, data);
      this.#count(setup, data, { reply, busyUntil: model.busyUntil });
      return reply;
    };
    return {
      speed: model.speed,
      deviceDescriptor: model.deviceDescriptor,
      configurationDescriptor: model.configurationDescriptor,
      get busyUntil() {
        return model.busyUntil;
      },
      control,
      reset: () => model.reset(),
    };
  }

  #count(setup, data, { reply, busyUntil }) {
    const { traffic } = this;
    const at = this.#clock.now();
    const heldUntil = reply.heldUntil ?? 0;
    const busMs = controlTransferMs(Math.max(data.length, reply.bytes?.length ?? 0));
    traffic.transfers += 1;
    traffic.busMs += busMs;
    if (setup.requestType & CLASS_REQUEST) traffic.firstAt ??= at;
    if (traffic.firstAt === undefined) return;
    traffic.lastAt = Math.max(at, heldUntil);
    traffic.waiting.note({ setup, data, at, heldUntil, busyUntil, busMs });
  }
}

export class Rack {
  clock = new RealClock();
  #server;
  #places = new Map();

  /** @param {{ places?: number, bus?: boolean }} [options] `bus`: transfers take the time of a full-speed bus */
  static async start({ places = 4, bus = false } = {}) {
    const rack = new Rack();
    for (let port = 1; port <= places; port += 1) rack.#places.set(`1-${port}`, new Place(rack.clock));
    const transferMs = bus ? (_, bytes) => controlTransferMs(bytes) : () => 0;
    rack.#server = new UsbIpServer({ ports: rack.#places, clock: rack.clock, transferMs });
    const { port } = await rack.#server.listen({ port: 0 });
    rack.port = port;
    return rack;
  }

  get busids() {
    return [...this.#places.keys()];
  }

  /** By bus id: `1-1`, `1-2`, … */
  place(busid) {
    const place = this.#places.get(busid);
    if (!place) throw new RangeError(`the rack has no place ${busid}`);
    return place;
  }

  /**
   * A new board in a place.
   * @param {string} scenario
   * @param {{ busid?: string, flash?: Uint8Array, application?: object, behind?: Function }} [options] `flash` lies at its
   * beginning; `behind` makes the connector through which it is seen
   */
  insert(scenario, { busid = '1-1', flash, behind = (board) => board, ...options } = {}) {
    const found = findScenario(scenario);
    if (!found) throw new RangeError(`there is no scenario ${scenario}`);
    const content = flash && { flash: [{ address: FLASH_START, bytes: flash }] };
    const board = found.create(this.clock, { ...content, ...options });
    return this.place(busid).insert(board, behind(board));
  }

  async close() {
    for (const place of this.#places.values()) place.remove();
    await this.#server.close();
  }
}
