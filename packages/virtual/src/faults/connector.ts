/** A board's connector with a fault in between. It sees every control transfer in the order of the wire. */

import type { Board } from '../board.ts';
import type { Clock } from '../clock.ts';
import { random } from '../random.ts';
import { DfuRequest } from '../usb/dfu-words.ts';
import { interposed } from '../usb/interposed.ts';
import type { Reply, Setup, UsbConnector, UsbDeviceModel } from '../usb/model.ts';
import type { Disturbance, Fault, FaultBench, Request, Transfer } from './fault.ts';
import { isClass, isDownload } from './requests.ts';

export interface FaultyConnectorOptions {
  readonly clock: Clock;
  /** Nothing is disturbed where absent. */
  readonly fault?: Fault;
  /** Called after each transfer, from the first class request on. */
  readonly onTransfer?: (transfer: Transfer) => void;
}

export class FaultyConnector implements UsbConnector {
  readonly #board: Board;
  readonly #clock: Clock;
  readonly #fault: Fault | undefined;
  readonly #onTransfer: ((transfer: Transfer) => void) | undefined;
  readonly #disturb: Disturbance | undefined;
  readonly #random: () => number;
  #shown: { readonly model: UsbDeviceModel; readonly device: UsbDeviceModel } | undefined;
  #healed = false;
  #index = -1;
  #pending: Request | undefined;
  readonly #answers = new Map<number, Reply>();

  constructor(board: Board, { clock, fault, onTransfer }: FaultyConnectorOptions) {
    this.#board = board;
    this.#clock = clock;
    this.#fault = fault;
    this.#onTransfer = onTransfer;
    this.#disturb = fault?.kind.begin();
    this.#random = random(fault?.seed ?? 1);
  }

  get device(): UsbDeviceModel | undefined {
    const model = this.#board.device;
    if (!model) return undefined;
    if (this.#shown?.model !== model) this.#shown = { model, device: this.#disturbed(model) };
    return this.#shown.device;
  }

  /** Whether the run has come to the transfer of the fault. */
  get struck(): boolean {
    return this.#fault !== undefined && this.#index >= this.#fault.at;
  }

  subscribe(listener: () => void): () => void {
    return this.#board.subscribe(listener);
  }

  /** From now on nothing is disturbed. */
  heal(): void {
    this.#healed = true;
  }

  #disturbed(model: UsbDeviceModel): UsbDeviceModel {
    return interposed(model, (setup, data) => this.#control(model, { setup, data }));
  }

  #control(model: UsbDeviceModel, request: Request): Reply {
    if (this.#index < 0 && !isClass(request)) return model.control(request.setup, request.data);
    this.#index += 1;
    const { erases, programmedBytes } = this.#board.flash.statistics;
    const reply = this.#reply(model, request);
    const after = this.#board.flash.statistics;
    const begins = after.erases > erases ? 'erase' : after.programmedBytes > programmedBytes ? 'program' : undefined;
    const busyMs = this.#busyMs(model);
    this.#onTransfer?.({ ...request, index: this.#index, reply, busyMs, ...(begins && { begins }) });
    return reply;
  }

  #reply(model: UsbDeviceModel, request: Request): Reply {
    const deliver = (sent: Request): Reply => this.#deliver(model, sent);
    const { at, kind } = this.#fault ?? {};
    if (!this.#disturb || !kind || at === undefined || this.#healed) return deliver(request);
    const hit = kind.lasts === 'once' ? this.#index === at : this.#index >= at;
    if (!hit) return deliver(request);
    return this.#disturb(request, this.#bench(model, deliver));
  }

  #deliver(model: UsbDeviceModel, { setup, data }: Request): Reply {
    const reply = model.control(setup, data);
    this.#remember(setup, { setup, data }, reply);
    return reply;
  }

  #remember({ request: number }: Setup, request: Request, reply: Reply): void {
    if (!isClass(request)) return;
    if (isDownload(request)) this.#pending = reply.kind === 'ack' ? request : undefined;
    else if (number === DfuRequest.GETSTATUS || number === DfuRequest.ABORT) this.#pending = undefined;
    this.#answers.set(number, reply);
  }

  #bench(model: UsbDeviceModel, deliver: (request: Request) => Reply): FaultBench {
    return {
      board: this.#board,
      pending: this.#pending,
      lastAnswer: (request) => this.#answers.get(request),
      now: () => this.#clock.now(),
      random: this.#random,
      later: (ms, action) => {
        const act = (): void => {
          if (!this.#healed) action();
        };
        // Without a signal a sleep cannot fail.
        void this.#clock.sleep(ms).then(act);
      },
      deliver,
      busyMs: () => this.#busyMs(model),
    };
  }

  #busyMs(model: UsbDeviceModel): number {
    return Math.max(0, model.busyUntil - this.#clock.now());
  }
}
