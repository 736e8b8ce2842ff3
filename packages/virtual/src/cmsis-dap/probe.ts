/**
 * The firmware of a CMSIS-DAP probe: requests in the order in which they came, in model time. It takes several before it has
 * answered the first. It knows nothing of USB.
 */

import type { Clock } from '../clock.ts';
import type { SwdTarget } from '../swd/index.ts';
import { answerRequest, type DapState } from './commands.ts';
import { DapLine } from './line.ts';
import type { CmsisDapModel } from './models.ts';

/** What goes wrong with one request. */
export type DapDisturbance =
  /** Transfers are not done: the reply says so of the first. */
  | { readonly kind: 'transfers'; readonly acknowledge: 'wait' | 'fault' | 'none' | 'parity' }
  /** It is done and its reply gets lost. */
  | { readonly kind: 'lost reply' }
  /** The probe answers nothing from here on, until it is plugged in again. */
  | { readonly kind: 'mute' }
  /** The probe's firmware starts anew. */
  | { readonly kind: 'probe reset' }
  /** The target loses its power for a moment, or is reset, before the request is done. */
  | { readonly kind: 'target power' }
  | { readonly kind: 'target reset' };

export interface CmsisDapProbeOptions {
  readonly model: CmsisDapModel;
  readonly target: SwdTarget;
  readonly clock: Pick<Clock, 'now'>;
  readonly serial: string;
  /** Called with each request before it is done, and how many there were before it. */
  readonly onRequest?: (request: Uint8Array, count: number) => DapDisturbance | undefined;
}

/** A reply, and the clock time in ms at which it is there. */
export interface TimedReply {
  readonly bytes: Uint8Array;
  readonly readyAt: number;
}

const BLOCK = 0x06;
const RESPONSE_BITS = { wait: 2, fault: 4, none: 7, parity: 0x08 } as const;

export class CmsisDapProbe {
  readonly model: CmsisDapModel;
  readonly target: SwdTarget;
  readonly #options: CmsisDapProbeOptions;
  #state: DapState;
  #isMute = false;
  #requests = 0;

  constructor(options: CmsisDapProbeOptions) {
    this.model = options.model;
    this.target = options.target;
    this.#options = options;
    this.#state = this.#newState();
  }

  /** Requests since it was made. */
  get requests(): number {
    return this.#requests;
  }

  /** SWD's clock in kHz. */
  get khz(): number {
    return this.#state.line.khz;
  }

  /** @returns the reply, if there is one */
  receive(request: Uint8Array): TimedReply | undefined {
    if (this.#isMute) return undefined;
    const { target, model } = this;
    const { clock, onRequest } = this.#options;
    target.pass(Math.max(0, clock.now() - target.time));
    const disturbance = onRequest?.(request, this.#requests);
    this.#requests += 1;
    const reply = disturbance ? this.#disturbed(request, disturbance) : answerRequest(this.#state, request);
    target.pass(model.commandMs);
    return reply && { bytes: Uint8Array.from(reply), readyAt: target.time };
  }

  /** Forgets everything but the target: the firmware starts anew. */
  restart(): void {
    this.#state = this.#newState();
    this.#isMute = false;
  }

  #newState(): DapState {
    const { model, target } = this;
    const line = new DapLine(target, model);
    return { model, line, serial: this.#options.serial, isConnected: false, matchRetries: 0, matchMask: 0 };
  }

  #disturbed(request: Uint8Array, disturbance: DapDisturbance): readonly number[] | undefined {
    const { target } = this;
    switch (disturbance.kind) {
      case 'transfers': {
        const head = request[0] === BLOCK ? [BLOCK, 0, 0] : [request[0] ?? 0, 0];
        return [...head, RESPONSE_BITS[disturbance.acknowledge]];
      }
      case 'lost reply':
        answerRequest(this.#state, request);
        return undefined;
      case 'mute':
        this.#isMute = true;
        return undefined;
      case 'probe reset':
        this.restart();
        return undefined;
      case 'target power': {
        const { supplyMv } = target;
        target.supplyMv = 0;
        target.supplyMv = supplyMv;
        return answerRequest(this.#state, request);
      }
      case 'target reset':
        target.microcontroller.reset('pin');
        return answerRequest(this.#state, request);
    }
  }
}
