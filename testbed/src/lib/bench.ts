/** The guest and the rack together: boards that are plugged into the guest's kernel. */

import type { Board } from '@sureflash/virtual';
import { Guest, type GuestOptions, HOST, quote } from './guest.ts';
import { here } from './here.ts';
import { makeProgram } from './program.ts';
import { type InsertOptions, type Place, Rack } from './rack.ts';

const script = (name: string): string => `sh ${quote(here(`testbed/guest/${name}`))}`;

export interface BenchOptions extends GuestOptions {
  /** Transfers take the time of a full-speed bus. */
  readonly bus?: boolean;
}

/** Where the guest's kernel has a device: such as `1-1` and `/dev/bus/usb/001/002`. */
export interface Attached {
  readonly path: string;
  readonly node: string;
}

/** A board that the guest sees, with its place in the rack. */
export interface PluggedBoard extends Attached {
  readonly board: Board;
  readonly place: Place;
}

export class Bench {
  /** Where the guest's kernel has them, by place in the rack. */
  readonly #devices = new Map<string, { readonly path: string; readonly number: string }>();
  /** One attaches after the other: `usbip attach` takes the first free port that it sees. */
  #attaching: Promise<unknown> = Promise.resolve();
  readonly guest: Guest;
  readonly rack: Rack;

  private constructor(guest: Guest, rack: Rack) {
    this.guest = guest;
    this.rack = rack;
  }

  static async start({ bus = false, ...options }: BenchOptions = {}): Promise<Bench> {
    makeProgram();
    const rack = await Rack.start({ bus });
    try {
      const guest = await Guest.boot(options);
      await guest.must(script('udev.sh'));
      return new Bench(guest, rack);
    } catch (error) {
      await rack.close();
      throw error;
    }
  }

  /** Plugs a place of the rack into the guest's kernel. */
  async attach(busid = '1-1'): Promise<Attached> {
    await this.rack.place(busid).until(true);
    const turn = () => this.guest.must(`${script('attach.sh')} ${HOST} ${this.rack.port} ${busid}`);
    const attached = this.#attaching.then(turn);
    this.#attaching = attached.catch(() => {});
    const [path = '', number = '', node = ''] = (await attached).trim().split(' ');
    this.#devices.set(busid, { path, number });
    return { path, node };
  }

  /** Where the guest's kernel has it now. */
  pathOf(busid = '1-1'): string | undefined {
    return this.#devices.get(busid)?.path;
  }

  /** A new board in the guest, instead of what was there. Traffic counts from here. */
  async plug(scenario: string, { busid = '1-1', ...options }: InsertOptions = {}): Promise<PluggedBoard> {
    await this.unplug(busid);
    const board = this.rack.insert(scenario, { busid, ...options });
    const place = this.rack.place(busid);
    const where = await this.attach(busid);
    place.forget();
    return { board, place, ...where };
  }

  /** Takes a board out of the rack. */
  async unplug(busid = '1-1'): Promise<void> {
    this.rack.place(busid).remove();
    await this.gone(busid);
  }

  /** Waits until the guest's kernel has noticed that the device went. */
  async gone(busid = '1-1'): Promise<void> {
    const device = this.#devices.get(busid);
    this.#devices.delete(busid);
    if (device) await this.guest.must(`${script('gone.sh')} ${device.path} ${device.number}`);
  }

  /** Does all the work, in as many places of the rack at once. `work` gets an item and the place that is its own. */
  async inPlaces<T>(items: readonly T[], work: (item: T, busid: string) => Promise<unknown>): Promise<void> {
    const waiting = [...items];
    const lane = async (busid: string): Promise<void> => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, busid);
    };
    await Promise.all(this.rack.busids.map(lane));
  }

  async close(): Promise<void> {
    await this.guest.close();
    await this.rack.close();
  }
}
