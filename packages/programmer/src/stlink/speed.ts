/** The speed of the line to the chip: chosen among those of the probe, and lowered where the line is bad. */
import { DEBUG, STATUS_REPLY_BYTES, STLINK, u16, u32Bytes, V2_DIVIDERS } from './commands.ts';
import type { StlinkDebugger } from './debugger.ts';
import type { ProbeFirmware } from './firmware.ts';

/** Of GET_FREQUENCIES on V3: SWD is 0. */
const SWD = 0;
const FREQUENCIES_BYTES = 52;
const COUNT_AT = 8;
const LIST_AT = 12;
const MOST_FREQUENCIES = 10;
const SET_REPLY_BYTES = 8;

export class StlinkSpeed {
  readonly #commands: StlinkDebugger;
  readonly #firmware: ProbeFirmware;
  #wanted: number;
  #all: readonly number[] | undefined;
  #kHz: number | undefined;

  /** @param wanted in kHz; the next lower one of the probe is taken */
  constructor(commands: StlinkDebugger, firmware: ProbeFirmware, wanted = Number.POSITIVE_INFINITY) {
    this.#commands = commands;
    this.#firmware = firmware;
    this.#wanted = wanted;
  }

  /** As it is set now; absent where the firmware has one speed alone. */
  get kHz(): number | undefined {
    return this.#kHz;
  }

  async apply(): Promise<void> {
    if (!this.#firmware.can.setSpeed) return;
    this.#all ??= await this.#readAll();
    const all = this.#all;
    const kHz = all.find((each) => each <= this.#wanted) ?? all.at(-1);
    if (kHz === undefined) return;
    await this.#set(kHz);
    this.#kHz = kHz;
  }

  /** No quicker than this from the next `apply` on. @returns whether it was quicker before */
  limit(kHz: number): boolean {
    if ((this.#kHz ?? 0) <= kHz) return false;
    this.#wanted = kHz;
    return true;
  }

  /** @returns whether there was a lower one */
  async lower(): Promise<boolean> {
    const lower = this.#all?.find((each) => each < (this.#kHz ?? 0));
    if (lower === undefined) return false;
    this.#wanted = lower;
    await this.apply();
    return true;
  }

  async #set(kHz: number): Promise<void> {
    const name = 'set the speed';
    if (this.#firmware.generation >= 3) {
      const bytes = [STLINK.DEBUG, DEBUG.SET_FREQUENCY, SWD, 0, ...u32Bytes(kHz)];
      await this.#commands.ask({ name, bytes, reply: SET_REPLY_BYTES, isRepeatable: true });
      return;
    }
    const divider = V2_DIVIDERS.find(([each]) => each === kHz)?.[1] ?? 1;
    const bytes = [STLINK.DEBUG, DEBUG.SWD_FREQUENCY, ...u16(divider)];
    await this.#commands.ask({ name, bytes, reply: STATUS_REPLY_BYTES, isRepeatable: true });
  }

  /** @returns kHz, quickest first */
  async #readAll(): Promise<number[]> {
    if (this.#firmware.generation < 3) return V2_DIVIDERS.map(([kHz]) => kHz);
    const bytes = [STLINK.DEBUG, DEBUG.GET_FREQUENCIES, SWD];
    const ask = { name: 'read its speeds', bytes, reply: FREQUENCIES_BYTES, isRepeatable: true };
    const reply = await this.#commands.ask(ask);
    const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
    const count = Math.min(view.getUint8(COUNT_AT), MOST_FREQUENCIES);
    const all = Array.from({ length: count }, (_, index) => view.getUint32(LIST_AT + 4 * index, true));
    return all.filter((kHz) => kHz > 0).sort((a, b) => b - a);
  }
}
