/** A bootloader that speaks DFU 1.1 without ST's extension: blocks follow one another, and every one of them is firmware. */

import type { Flash } from '../flash/flash.ts';
import {
  configurationDescriptor,
  deviceDescriptor,
  dfuFunctionalDescriptor,
  dfuInterfaceDescriptor,
} from '../usb/descriptors.ts';
import { answerDfu, type DfuAnswers } from '../usb/dfu-requests.ts';
import { DfuState, DfuStatus, statusBytes } from '../usb/dfu-words.ts';
import { ACK, type Reply, type Setup, STALL, type UsbDeviceModel } from '../usb/model.ts';
import { answer, isStandard, StandardRequests } from '../usb/standard.ts';

export interface PlainDfuIdentity {
  readonly ids: { readonly vendorId: number; readonly productId: number; readonly bcdDevice: number };
  readonly strings: { readonly manufacturer: string; readonly product: string; readonly serial: string };
  /** The interface's string. */
  readonly alternate: string;
  /** Where block 0 goes. */
  readonly start: number;
}

const BLOCK_BYTES = 1024;

export class PlainDfu implements UsbDeviceModel {
  readonly speed = 'full';
  readonly busyUntil = 0;
  readonly #flash: Flash;
  readonly #start: number;
  readonly #standard: StandardRequests;
  readonly #answers: DfuAnswers = this.#makeAnswers();
  #state: number = DfuState.IDLE;

  constructor(flash: Flash, { ids, strings, alternate, start }: PlainDfuIdentity) {
    this.#flash = flash;
    this.#start = start;
    const functional = dfuFunctionalDescriptor({
      attributes: 0x0b,
      detachTimeoutMs: 255,
      transferSize: BLOCK_BYTES,
      bcdDfuVersion: 0x011a,
    });
    const numbers = { strings: 0, attributes: 0x80, milliamps: 100 };
    const { manufacturer, product, serial } = strings;
    const descriptors = {
      device: deviceDescriptor({ bcdUsb: 0x0200, ...ids }),
      configuration: configurationDescriptor([dfuInterfaceDescriptor(0, 4), functional], numbers),
      strings: { 1: manufacturer, 2: product, 3: serial, 4: alternate },
      functional,
    };
    this.#standard = new StandardRequests(descriptors, 1);
  }

  get deviceDescriptor(): Uint8Array {
    return this.#standard.descriptors.device;
  }

  get configurationDescriptor(): Uint8Array {
    return this.#standard.descriptors.configuration;
  }

  reset(): void {
    this.#standard.reset();
    this.#state = DfuState.IDLE;
  }

  control(setup: Setup, data: Uint8Array): Reply {
    if (isStandard(setup)) return this.#standard.answer(setup);
    return answerDfu(this.#answers, setup, data);
  }

  #makeAnswers(): DfuAnswers {
    return {
      download: (request, bytes) => this.#download(request, bytes),
      getStatus: (request) => answer(request, this.#statusBytes()),
      clearStatus: () => this.#toIdle(),
      getState: (request) => answer(request, Uint8Array.of(this.#state)),
      abort: () => this.#toIdle(),
    };
  }

  #toIdle(): Reply {
    this.#state = DfuState.IDLE;
    return ACK;
  }

  /** Block 0 begins anew: its page is erased, and so is each page that a later block begins. */
  #download({ value, length }: Setup, data: Uint8Array): Reply {
    if (length === 0) {
      this.#state = DfuState.MANIFEST_SYNC;
      return ACK;
    }
    const address = this.#start + value * BLOCK_BYTES;
    if (!this.#flash.contains(address, data.length)) return STALL;
    this.#flash.erase(address, 0);
    this.#flash.program(address, data, 0);
    this.#state = DfuState.DNLOAD_SYNC;
    return ACK;
  }

  /** DFU 1.1 §6.1.2: the operation is done, and the next block may come. */
  #statusBytes(): Uint8Array {
    if (this.#state === DfuState.DNLOAD_SYNC) this.#state = DfuState.DNLOAD_IDLE;
    if (this.#state === DfuState.MANIFEST_SYNC) this.#state = DfuState.MANIFEST;
    return statusBytes(DfuStatus.OK, 0, this.#state);
  }
}
