/** The guest and the rack together: boards that are plugged into the guest's kernel. */
import { fileURLToPath } from 'node:url';
import { Guest, HOST, quote } from './guest.mjs';
import { Rack } from './rack.mjs';

const script = (name) => `sh ${quote(fileURLToPath(new URL(`../guest/${name}`, import.meta.url)))}`;

export class Bench {
  /** Where the guest's kernel has them, by place in the rack. */
  #devices = new Map();
  /** One attaches after the other: `usbip attach` takes the first free port that it sees. */
  #attaching = Promise.resolve();

  /** @param {{ limitMs?: number, verbose?: boolean, cpus?: number, bus?: boolean }} [options] see `Guest` and `Rack` */
  static async start({ bus = false, ...options } = {}) {
    const bench = new Bench();
    bench.rack = await Rack.start({ bus });
    try {
      bench.guest = await Guest.boot(options);
      await bench.guest.must(script('udev.sh'));
      return bench;
    } catch (error) {
      await bench.rack.close();
      throw error;
    }
  }

  /**
   * Plugs a place of the rack into the guest's kernel.
   * @returns {Promise<{ path: string, node: string }>} such as `1-1` and `/dev/bus/usb/001/002`
   */
  async attach(busid = '1-1') {
    await this.rack.place(busid).until(true);
    const turn = () => this.guest.must(`${script('attach.sh')} ${HOST} ${this.rack.port} ${busid}`);
    const attached = this.#attaching.then(turn);
    this.#attaching = attached.catch(() => {});
    const [path, number, node] = (await attached).trim().split(' ');
    this.#devices.set(busid, { path, number });
    return { path, node };
  }

  /** Where the guest's kernel has it now. */
  pathOf(busid = '1-1') {
    return this.#devices.get(busid)?.path;
  }

  /** A new board in the guest, instead of what was there. Traffic counts from here. */
  async plug(scenario, { busid = '1-1', ...options } = {}) {
    await this.unplug(busid);
    const board = this.rack.insert(scenario, { busid, ...options });
    const place = this.rack.place(busid);
    const where = await this.attach(busid);
    place.forget();
    return { board, place, ...where };
  }

  /** Takes a board out of the rack. */
  async unplug(busid = '1-1') {
    this.rack.place(busid).remove();
    await this.gone(busid);
  }

  /** Waits until the guest's kernel has noticed that the device went. */
  async gone(busid = '1-1') {
    const device = this.#devices.get(busid);
    this.#devices.delete(busid);
    if (device) await this.guest.must(`${script('gone.sh')} ${device.path} ${device.number}`);
  }

  /** Does all the work, in as many places of the rack at once. `work` gets an item and the place that is its own. */
  async inPlaces(items, work) {
    const waiting = [...items];
    const lane = async (busid) => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, busid);
    };
    await Promise.all(this.rack.busids.map(lane));
  }

  async close() {
    await this.guest?.close();
    await this.rack.close();
  }
}
