/**
 * A probe's side of SWD, bit by bit where the host sends bits, else by transactions that take their time and are repeated on
 * WAIT. The port behind it speaks JTAG until it is told otherwise, and after a line reset it wants to be asked who it is
 * (ADIv5.2, B4.3.3, B5.3). It knows nothing of packets.
 */

import type { SwdTarget, Transaction } from '../swd/index.ts';
import type { CmsisDapModel } from './models.ts';

/** One transfer: which port, which way, which of its four registers. */
export interface LineTransfer {
  readonly isAccessPort: boolean;
  readonly isRead: boolean;
  readonly register: number;
}

/** Clocks of a transaction with its turnarounds (ADIv5.2, B4.3: 8, 3, 33), without idle clocks. */
const BUSY_CLOCKS = 44;
/** As the specification presets it (DAP_SWJ_Clock). */
const FIRST_KHZ = 1000;
const RESET_ONES = 50;
const [TO_SWD, TO_JTAG] = [0xe79e, 0xe73c];
const SILENCE: Transaction = { ack: 'none', value: 0 };

export class DapLine {
  readonly target: SwdTarget;
  readonly #model: CmsisDapModel;
  khz = FIRST_KHZ;
  idleClocks = 0;
  waitRetries = 0;
  #ones = 0;
  #last16 = 0;
  #speaks: 'jtag' | 'swd' = 'jtag';
  /** The switch has come, and not yet the reset of the line behind it; after that the port wants a read of DPIDR. */
  #state: 'switched' | 'reset' | 'ready' = 'ready';
  #powerUps: number;

  constructor(target: SwdTarget, model: CmsisDapModel) {
    this.target = target;
    this.#model = model;
    this.#powerUps = target.powerUps;
  }

  /** Bits for SWDIO, the lowest of the first byte first. */
  sequence(bits: number, bytes: Uint8Array): void {
    this.#notice();
    for (let index = 0; index < bits; index += 1) this.#bit(((bytes[index >>> 3] ?? 0) >>> (index & 7)) & 1);
    this.target.pass(bits / this.khz);
  }

  /** A transaction until it is not WAIT, or has been tried so often. */
  transfer(transfer: LineTransfer, value: number): Transaction {
    for (let tries = 0; ; tries += 1) {
      this.clock(1);
      const result = this.#once(transfer, value);
      if (result.ack !== 'wait' || tries >= this.waitRetries) return result;
    }
  }

  /** Lets the time of transactions pass. */
  clock(transactions: number): void {
    const clocks = BUSY_CLOCKS + this.idleClocks;
    this.target.pass(transactions * (clocks / this.khz + this.#model.gapMs));
  }

  #once({ isAccessPort, isRead, register }: LineTransfer, value: number): Transaction {
    this.#notice();
    const { target } = this;
    this.#ones = 0;
    if (this.#speaks === 'jtag' || this.#state === 'switched') return SILENCE;
    if (this.#state === 'reset' && (isAccessPort || !isRead || register !== 0)) return SILENCE;
    if (isAccessPort) {
      const [port, bank] = [target.select >>> 24, target.select & 0xf0];
      return isRead ? target.readAp(port, bank | register) : target.writeAp(port, bank | register, value);
    }
    const result = isRead ? target.readDp(register) : target.writeDp(register, value);
    if (result.ack === 'ok') this.#state = 'ready';
    return result;
  }

  /** A port that had no power begins anew. */
  #notice(): void {
    if (this.target.powerUps === this.#powerUps) return;
    this.#powerUps = this.target.powerUps;
    this.#speaks = 'jtag';
    this.#state = 'ready';
  }

  #bit(bit: number): void {
    this.#last16 = (this.#last16 >>> 1) | (bit << 15);
    this.#ones = bit === 1 ? this.#ones + 1 : 0;
    if (this.#ones === RESET_ONES) this.#state = 'reset';
    if (this.#last16 === TO_JTAG) this.#speaks = 'jtag';
    if (this.#last16 !== TO_SWD || this.#speaks === 'swd') return;
    this.#speaks = 'swd';
    this.#state = 'switched';
  }
}
