/** Commands of the probe with their status: repeated on WAIT (0.26 s in all), slower on a bad line, brought back once when it is mute. */
import { FlashError, hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { DEBUG, STLINK } from './commands.ts';
import { COMMAND_LIMIT_MS, type Exchange, outOfStep, SHORT_REPLY, StlinkLink } from './link.ts';
import { statusKind, statusReason, statusText } from './status.ts';

export interface Ask extends Exchange {
  /** The address that it is about, for errors. */
  readonly address?: number;
  /** The reply begins with a status; otherwise it is data. */
  readonly hasStatus?: boolean;
  /** It may be sent again where nobody knows whether it was carried out. */
  readonly isRepeatable?: boolean;
}

export interface Recovery {
  /** Brings a probe that was reset on its USB side back to where it was. */
  readonly bringBack: () => Promise<void>;
  /** Lowers the speed of the line. @returns false where there is no lower one */
  readonly slowDown: (because: string) => Promise<boolean>;
}

/** As openocd: the waits double each time. */
const MOST_WAITS = 8;

export class StlinkDebugger {
  readonly #link: StlinkLink;
  readonly #clock: Clock;
  readonly #recovery: Recovery;
  #isRecovering = false;

  constructor(port: UsbPort, clock: Clock, recovery: Recovery) {
    this.#link = new StlinkLink(port);
    this.#clock = clock;
    this.#recovery = recovery;
  }

  /** @returns the reply, whatever it says; `probe/mute` where nothing comes and a reset does not help */
  async raw(exchange: Exchange & { readonly isRepeatable?: boolean }): Promise<Uint8Array> {
    try {
      return await this.#link.exchange(exchange);
    } catch (error) {
      if (!isSilence(error) && !hasCode(error, 'probe/protocol')) throw error;
      if (this.#isRecovering) throw error;
      await this.#recover(exchange.name);
      if (!exchange.isRepeatable) throw error;
      return await this.#link.exchange(exchange).catch((again: unknown) => {
        throw isSilence(again) ? mute(exchange.name, again) : again;
      });
    }
  }

  /** @returns the reply of a command that succeeded. @throws FlashError `probe/refused`, and as `raw` */
  async ask(ask: Ask): Promise<Uint8Array> {
    for (let waits = 0; ; ) {
      const reply = await this.raw(ask);
      if (ask.hasStatus === false) return reply;
      const status = reply[0] ?? 0;
      if (statusKind(status) === 'ok') {
        if (reply.length < ask.reply) throw outOfStep(ask.name, ask.reply, reply.length);
        return reply;
      }
      waits = await this.#afterStatus(status, ask, waits);
    }
  }

  /**
   * Sends a command that moves data of memory, and asks how it went.
   * @param statusLength 12 for the status with an address, 2 for the older one
   * @returns the data of a read
   */
  async transfer(ask: Ask, statusLength: number): Promise<Uint8Array> {
    const last = statusLength > SHORT_REPLY ? DEBUG.LAST_STATUS_2 : DEBUG.LAST_STATUS;
    const question = { name: ask.name, bytes: [STLINK.DEBUG, last], reply: statusLength, isRepeatable: true };
    for (let waits = 0; ; ) {
      const reply = await this.raw(ask);
      const answer = await this.raw(question);
      const status = answer[0] ?? 0;
      if (statusKind(status) !== 'ok') {
        waits = await this.#afterStatus(status, ask, waits);
        continue;
      }
      if (reply.length < ask.reply) throw outOfStep(ask.name, ask.reply, reply.length);
      return reply;
    }
  }

  /** Waits, or lowers the speed, so that the command can be sent again. @returns how often it has waited */
  async #afterStatus(status: number, { name, address }: Ask, waits: number): Promise<number> {
    const kind = statusKind(status);
    if (kind === 'wait' && waits < MOST_WAITS) {
      await this.#clock.sleep(2 ** waits);
      return waits + 1;
    }
    // A chip that is not ready after all that waiting is not ready at any speed.
    if (kind === 'line' && !this.#isRecovering && (await this.#slowsDown(status))) return 0;
    const reason = statusReason(status);
    throw new FlashError('probe/refused', {
      operation: name,
      status: statusText(status),
      ...(reason && { reason }),
      ...(address !== undefined && { address }),
    });
  }

  async #slowsDown(status: number): Promise<boolean> {
    return await this.#recovery.slowDown(statusText(status));
  }

  async #recover(operation: string): Promise<void> {
    this.#isRecovering = true;
    try {
      await this.#link.port.reset();
      await this.#recovery.bringBack();
    } catch (error) {
      if (!isSilence(error) && !hasCode(error, 'probe/protocol')) throw error;
      throw mute(operation, error);
    } finally {
      this.#isRecovering = false;
    }
  }
}

const isSilence = (error: unknown): boolean => hasCode(error, 'usb/timeout', 'usb/stall', 'usb/transfer');

const mute = (operation: string, cause: unknown): FlashError<'probe/mute'> =>
  new FlashError('probe/mute', { operation, afterMs: COMMAND_LIMIT_MS }, cause);
