/**
 * A CMSIS-DAP probe and its line to a debug port: who it is, speed, power of the port, transfers that are repeated on WAIT, and a
 * probe that is brought back once when it is mute. It knows no memory.
 */
import { FlashError, hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import {
  CLEAR_STICKY,
  DAP,
  DP_REGISTER,
  INTO_SWD,
  LIGHT_CONNECTED,
  PORT_SWD,
  POWER_ANSWERS,
  POWER_REQUESTS,
  STATUS_OK,
} from './commands.ts';
import { readDapIdentity } from './identity.ts';
import { DapLink, LEAST_DAP, REPLY_LIMIT_MS } from './link.ts';
import { type Acknowledge, type DapTransfer, outcomeOf, type TransferOutcome, transferPacket } from './packets.ts';

/** Speeds in kHz that are tried, quickest first: the first is that of most probes' documents, the last reaches through a metre of wire. */
const SPEEDS = [4000, 2000, 1000, 500, 100] as const;
/** How often the probe repeats a transfer by itself on WAIT, and the idle clocks behind each transfer. */
const [WAIT_RETRIES, IDLE_CLOCKS] = [100, 2];
/** The waits double each time. */
const LONGEST_PATIENCE = 8;
const POWER_LIMIT_MS = 100;
const ACKNOWLEDGE_WORDS: Readonly<Record<Acknowledge, string>> = {
  ok: 'fewer transfers than were asked for',
  wait: 'WAIT',
  fault: 'FAULT',
  none: 'no acknowledge',
  parity: 'parity error',
};

export class DapSession {
  readonly #link: DapLink;
  readonly #clock: Clock;
  readonly #speeds: readonly number[];
  #speed = 0;
  #isOpen = false;
  #isRecovering = false;
  #select = 0;
  /** Called when the port may have forgotten what was written to it. */
  onForgotten: () => void = () => undefined;
  version = '';

  private constructor(port: UsbPort, clock: Clock, kHz: number | undefined) {
    this.#link = new DapLink(port);
    this.#clock = clock;
    this.#speeds = kHz === undefined ? SPEEDS : [kHz, ...SPEEDS.filter((each) => each < kHz)];
  }

  /** @throws FlashError `probe/firmware` for a probe without SWD */
  static async open(port: UsbPort, clock: Clock, kHz: number | undefined): Promise<DapSession> {
    const session = new DapSession(port, clock, kHz);
    try {
      await session.#greet();
    } catch (error) {
      if (!isOutOfTouch(error)) throw error;
      // A session that was cut may have left replies, which come as the first of this one, or keep the probe from taking more.
      await port.reset();
      await session.#greet();
    }
    return session;
  }

  get packetBytes(): number {
    return this.#link.packetBytes;
  }

  /** Speed of the line in kHz; the probe may be slower. */
  get kHz(): number {
    return this.#speeds[this.#speed] ?? 0;
  }

  /** Opens the line to the chip, at a lower speed where nothing comes. @throws FlashError `probe/refused` */
  async enterSwd(): Promise<void> {
    this.#speed = 0;
    for (;;) {
      try {
        await this.#openLine();
        return;
      } catch (error) {
        if (!hasCode(error, 'probe/refused') || this.#speed + 1 >= this.#speeds.length) throw error;
        this.#speed += 1;
      }
    }
  }

  /** Transfers go to this access port from now on, to the first four registers of it. */
  async selectAp(ap: number): Promise<void> {
    this.#select = (ap << 24) >>> 0;
    await this.#writeSelect();
  }

  /** A request with a status in its reply. @throws FlashError `probe/refused` where that is an error */
  async command(operation: string, bytes: readonly number[], expected = STATUS_OK): Promise<void> {
    const [reply] = await this.exchange(operation, [Uint8Array.from(bytes)], true);
    if (reply?.[1] !== expected) throw new FlashError('probe/refused', { operation, status: 'the probe says no' });
  }

  /** @returns the words read by a few transfers. @throws FlashError `probe/refused` where one fails */
  async transfer(operation: string, transfers: readonly DapTransfer[]): Promise<readonly number[]> {
    for (let waits = 0; ; ) {
      const [reply] = await this.exchange(operation, [transferPacket(transfers)], true);
      const outcome = this.outcome(operation, reply);
      if (outcome.acknowledge === 'ok' && outcome.done === transfers.length) return outcome.words;
      waits = await this.afterFailure({ operation, waits }, outcome.acknowledge);
    }
  }

  /** @param isRepeatable whether they may be sent again where nobody knows whether they were carried out */
  async exchange(operation: string, requests: readonly Uint8Array[], isRepeatable: boolean): Promise<Uint8Array[]> {
    try {
      return await this.#link.exchangeAll(operation, requests);
    } catch (error) {
      if (!isOutOfTouch(error) || this.#isRecovering) throw error;
      await this.#recover(operation);
      if (!isRepeatable) throw error;
      return await this.#link.exchangeAll(operation, requests);
    }
  }

  outcome(operation: string, reply: Uint8Array | undefined): TransferOutcome {
    const outcome = reply && outcomeOf(reply);
    if (outcome) return outcome;
    const found = `${reply?.length ?? 0} bytes`;
    throw new FlashError('probe/protocol', { operation, expected: 'the outcome of transfers', found });
  }

  /** Waits, or lowers the speed, so that transfers can be asked for again. @returns how often it has waited */
  async afterFailure(
    { operation, address, waits }: { readonly operation: string; readonly address?: number; readonly waits: number },
    acknowledge: Acknowledge,
  ): Promise<number> {
    this.onForgotten();
    const refused = refusedBy(operation, acknowledge, address);
    if (this.#isRecovering || !this.#isOpen) throw refused;
    if (acknowledge === 'wait' && waits < LONGEST_PATIENCE) {
      await this.#clock.sleep(2 ** waits);
      return waits + 1;
    }
    if (acknowledge === 'fault') {
      await this.#single({ port: 'debug', register: DP_REGISTER.ABORT, value: CLEAR_STICKY });
      throw refused;
    }
    // A chip that is not ready after all that waiting is not ready at any speed.
    if (acknowledge === 'wait' || !(await this.#slowDown())) throw refused;
    return 0;
  }

  async close(): Promise<void> {
    try {
      await this.#link.exchange('say that nobody is there', Uint8Array.of(DAP.HOST_STATUS, LIGHT_CONNECTED, 0));
      await this.#link.exchange('let the chip go', Uint8Array.of(DAP.DISCONNECT));
    } catch {
      // A probe that is gone or mute has nothing to let go.
    } finally {
      await this.#link.port[Symbol.asyncDispose]();
    }
  }

  /** Who it is, and its way to the chip. */
  async #greet(): Promise<void> {
    const { version, canSwd, packetBytes, packetCount } = await readDapIdentity(this.#link);
    if (!canSwd) throw new FlashError('probe/firmware', { found: 'no SWD', least: LEAST_DAP });
    this.version = version;
    this.#link.packetBytes = packetBytes;
    this.#link.packetCount = packetCount;
    await this.command('connect', [DAP.CONNECT, PORT_SWD], PORT_SWD);
    await this.command('say that somebody is there', [DAP.HOST_STATUS, LIGHT_CONNECTED, 1]);
  }

  /** Speed, the switch to SWD, which also resets a line that is in it, and power for the debug port. */
  async #openLine(): Promise<void> {
    this.#isOpen = false;
    this.onForgotten();
    const hertz = this.kHz * 1000;
    const clocks = [0, 8, 16, 24].map((shift) => (hertz >>> shift) & 0xff);
    await this.command('set the speed', [DAP.SWJ_CLOCK, ...clocks]);
    await this.command('set up transfers', [DAP.TRANSFER_CONFIGURE, IDLE_CLOCKS, WAIT_RETRIES, 0, 0, 0]);
    await this.command('set up SWD', [DAP.SWD_CONFIGURE, 0]);
    await this.command('reset the line', [DAP.SWJ_SEQUENCE, INTO_SWD.length * 8, ...INTO_SWD]);
    await this.#single({ port: 'debug', register: DP_REGISTER.DPIDR });
    await this.#single({ port: 'debug', register: DP_REGISTER.ABORT, value: CLEAR_STICKY });
    await this.#writeSelect();
    await this.#powerUp();
    this.#isOpen = true;
  }

  async #powerUp(): Promise<void> {
    await this.#single({ port: 'debug', register: DP_REGISTER.CTRL_STAT, value: POWER_REQUESTS });
    const end = this.#clock.now() + POWER_LIMIT_MS;
    for (;;) {
      const status = await this.#single({ port: 'debug', register: DP_REGISTER.CTRL_STAT });
      if ((status & POWER_ANSWERS) >>> 0 === POWER_ANSWERS) return;
      if (this.#clock.now() >= end) {
        const unpowered = 'the debug port gets no power';
        throw new FlashError('probe/refused', { operation: 'power the debug port', status: unpowered });
      }
      await this.#clock.sleep(1);
    }
  }

  async #writeSelect(): Promise<void> {
    await this.#single({ port: 'debug', register: DP_REGISTER.SELECT, value: this.#select });
  }

  /** One transfer that is not repeated. */
  async #single(transfer: DapTransfer): Promise<number> {
    const operation = 'reach the debug port';
    const [reply] = await this.exchange(operation, [transferPacket([transfer])], true);
    const { acknowledge, done, words } = this.outcome(operation, reply);
    if (acknowledge === 'ok' && done === 1) return words[0] ?? 0;
    throw refusedBy(operation, acknowledge);
  }

  /** @returns whether the line is open again, slower */
  async #slowDown(): Promise<boolean> {
    while (this.#speed + 1 < this.#speeds.length) {
      this.#speed += 1;
      try {
        await this.#openLine();
        return true;
      } catch (error) {
        if (!hasCode(error, 'probe/refused')) throw error;
      }
    }
    return false;
  }

  /** After a reset of its USB side: the same line, speed and access port as before. The chip is not touched. */
  async #recover(operation: string): Promise<void> {
    const wasOpen = this.#isOpen;
    this.#isRecovering = true;
    try {
      await this.#link.port.reset();
      await this.#greet();
      if (wasOpen) await this.#openLine();
    } catch (error) {
      if (!isOutOfTouch(error)) throw error;
      throw new FlashError('probe/mute', { operation, afterMs: REPLY_LIMIT_MS }, error);
    } finally {
      this.#isRecovering = false;
    }
  }
}

function refusedBy(operation: string, acknowledge: Acknowledge, address?: number): FlashError<'probe/refused'> {
  return new FlashError('probe/refused', {
    operation,
    status: ACKNOWLEDGE_WORDS[acknowledge],
    ...(address !== undefined && { address }),
    ...(acknowledge === 'parity' && { reason: 'line' }),
    ...((acknowledge === 'wait' || acknowledge === 'fault') && { reason: acknowledge }),
  });
}

const isOutOfTouch = (error: unknown): boolean =>
  hasCode(error, 'usb/timeout', 'usb/stall', 'usb/transfer', 'probe/protocol');
