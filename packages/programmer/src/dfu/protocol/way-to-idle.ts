/** The way back to dfuIDLE from whatever state a device is in, and the alternate setting that goes with it. It knows no command. */
import { hasCode, isFlashError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { STATE, stateName } from './codes.ts';
import { pauseOf, unexpected } from './completion.ts';
import type { Handling } from './handling.ts';
import type { Pipeline } from './pipeline.ts';
import { type DfuRequests, QUICK_MS } from './requests.ts';
import type { DfuStatus } from './status.ts';

/** Polls that find a busy device before it is freed by force. */
const BUSY_POLLS = 3;
/** No way back takes more steps than this, the CLRSTATUS trap of ST's class included. */
const STEPS_TO_IDLE = 9;
/** Time limit in ms of the first answer of a device that may want a SET_INTERFACE before it. */
const FIRST_ANSWER_MS = 1_000;

export interface WayParts {
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly handling: () => Handling;
}

export class WayToIdle {
  readonly #requests: DfuRequests;
  readonly #clock: Clock;
  readonly #pipeline: Pipeline;
  readonly #handling: () => Handling;
  /** Whether a SET_INTERFACE went out, or the device has answered without one. */
  #isSelected: boolean;
  #alternate: number | undefined;
  #wasReset = false;

  constructor(requests: DfuRequests, { clock, pipeline, handling }: WayParts) {
    this.#requests = requests;
    this.#clock = clock;
    this.#pipeline = pipeline;
    this.#handling = handling;
    this.#isSelected = requests.alternates.length !== 1;
  }

  /**
   * Brings the device to dfuIDLE from any state that has a way there. CLRSTATUS is sent in dfuERROR only: ST's class
   * turns an idle device into one with an error when it gets a CLRSTATUS (stm32-mw-usb-device, USBD_DFU DFU_ClearStatus).
   * Sends nothing if the last answer has told dfuIDLE.
   * @throws FlashError `dfu/protocol` when the device does not come to dfuIDLE
   */
  async reach(limitMs: number): Promise<void> {
    const { knownState } = this.#requests;
    if (knownState === STATE.dfuIDLE) return;
    await this.#fromStatus(
      await (this.#pipeline.overlaps && knownState === STATE.dfuUPLOAD_IDLE
        ? this.#pipeline.abortAndGetStatus(limitMs)
        : this.#askStatus(limitMs)),
      limitMs,
    );
  }

  async #fromStatus(first: DfuStatus, limitMs: number): Promise<void> {
    let status = first;
    for (let step = 0; status.state !== STATE.dfuIDLE; step++) {
      if (step === STEPS_TO_IDLE) throw unexpected('return to idle', 'dfuIDLE', stateName(status.state));
      await this.#stepTowardsIdle(status, { step, limitMs });
      status = await this.#askStatus(limitMs);
    }
  }

  /**
   * Asks for the status. A loader that refuses that may want a SET_INTERFACE first (webdfu #14); or it answers nothing but
   * CLRSTATUS in dfuERROR (USBX, ux_device_class_dfu): it gets one of each.
   */
  async #askStatus(limitMs: number): Promise<DfuStatus> {
    try {
      return await this.#requests.getStatus(this.#isSelected ? limitMs : Math.min(limitMs, FIRST_ANSWER_MS));
    } catch (error) {
      const isStall = hasCode(error, 'usb/stall');
      if (!this.#isSelected && (isStall || hasCode(error, 'usb/timeout'))) {
        this.#isSelected = true;
        await this.#select(this.#requests.alternates[0] ?? 0);
        return await this.#askStatus(limitMs);
      }
      // An early poll: it is busy, and has no error.
      if (!isStall || this.#handling().quirks.stallsEarlyPoll) throw error;
      await this.#requests.clearStatus();
      return await this.#requests.getStatus(limitMs);
    } finally {
      this.#isSelected = true;
    }
  }

  /** Whether the device still answers what has nothing to do with its memory. */
  async answers(): Promise<boolean> {
    try {
      await this.#fromStatus(await this.#askStatus(QUICK_MS), QUICK_MS);
      return true;
    } catch (error) {
      if (isFlashError(error)) return false;
      throw error;
    }
  }

  /**
   * Selects an alternate setting. An interface that has one only is in it after the configuration, so that the request may be
   * refused (USB 2.0 §9.4.10); it is made where the device wants it.
   */
  async selectAlternate(number: number): Promise<void> {
    if (this.#requests.alternates.length !== 1) await this.#select(number);
  }

  async #select(number: number): Promise<void> {
    const isDefault = this.#alternate === undefined && number === this.#requests.alternates[0];
    this.#isSelected = true;
    this.#alternate = number;
    try {
      await this.#requests.selectAlternate(number);
    } catch (error) {
      const isOnly = this.#requests.alternates.length === 1;
      const isRefused = hasCode(error, 'usb/stall') || (isOnly && hasCode(error, 'usb/transfer', 'usb/timeout'));
      if (!isDefault || !isRefused) throw error;
    }
  }

  /** The one way out of these states (DFU 1.1 §A.2.9, figure A.1). */
  async #resetOnce(): Promise<void> {
    if (this.#wasReset) return;
    this.#wasReset = true;
    try {
      await this.#requests.reset();
    } catch (error) {
      // Not every platform can; the state tells that it is still to be done.
      if (!hasCode(error, 'usb/stall', 'usb/transfer')) throw error;
    }
    // A bus reset ends in the first alternate setting.
    if (this.#alternate === undefined || this.#requests.alternates.length < 2) return;
    await this.#requests.selectAlternate(this.#alternate);
  }

  async #stepTowardsIdle(status: DfuStatus, { step, limitMs }: { step: number; limitMs: number }): Promise<void> {
    switch (status.state) {
      case STATE.dfuDNLOAD_IDLE:
      case STATE.dfuUPLOAD_IDLE:
      case STATE.dfuDNLOAD_SYNC:
      case STATE.dfuMANIFEST_SYNC:
        return await this.#requests.abort();
      case STATE.dfuDNBUSY:
        await this.#clock.sleep(pauseOf(status, limitMs));
        return step < BUSY_POLLS ? undefined : await this.#requests.clearStatus();
      case STATE.dfuMANIFEST:
        await this.#clock.sleep(pauseOf(status, limitMs));
        return step < BUSY_POLLS ? undefined : await this.#resetOnce();
      case STATE.dfuMANIFEST_WAIT_RESET:
      case STATE.appIDLE:
      case STATE.appDETACH:
        return await this.#resetOnce();
      default:
        return await this.#requests.clearStatus();
    }
  }
}
