/** A device as WebUSB shows it (WICG WebUSB §4), speaking one dialect; transfers go out on a wire. */

import type { Setup } from '../usb/model.ts';
import { StandardRequest } from '../usb/standard.ts';
import type { Claims } from './claimed-interfaces.ts';
import { ClaimedInterfaces } from './claimed-interfaces.ts';
import type { Dialect, Trouble } from './dialects.ts';
import type { Enumeration } from './enumerate.ts';
import type { MutableInterface } from './webusb-convert.ts';
import { toSetup, versionParts } from './webusb-convert.ts';
import { outgoing, received, sent } from './webusb-results.ts';
import type {
  WebUsbBytes,
  WebUsbConfiguration,
  WebUsbDirection,
  WebUsbInResult,
  WebUsbOutResult,
  WebUsbSetup,
} from './webusb-shapes.ts';
import type { Answer, BulkOptions, Watch, Wire } from './wire.ts';
import { FOREVER, WireFailure } from './wire.ts';

/** A device that is plugged in, shared by all objects that show it. */
export interface Attachment {
  readonly port: string;
  readonly wire: Wire;
  readonly info: Enumeration;
  readonly denied: boolean;
  readonly watch: Watch;
  readonly claims: Claims;
}

const NO_DATA = new Uint8Array();

export class VirtualUsbDevice {
  readonly usbVersionMajor: number;
  readonly usbVersionMinor: number;
  readonly usbVersionSubminor: number;
  readonly deviceClass: number;
  readonly deviceSubclass: number;
  readonly deviceProtocol: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceVersionMajor: number;
  readonly deviceVersionMinor: number;
  readonly deviceVersionSubminor: number;
  readonly manufacturerName: string | undefined;
  readonly productName: string | undefined;
  readonly serialNumber: string | undefined;
  readonly #at: Attachment;
  readonly #dialect: Dialect;
  readonly #limitMs: number;
  readonly #interfaces: ClaimedInterfaces;
  #opened = false;

  constructor(attachment: Attachment, dialect: Dialect, limitMs: number | undefined) {
    this.#at = attachment;
    this.#dialect = dialect;
    this.#limitMs = limitMs ?? FOREVER;
    const { info } = attachment;
    this.#interfaces = new ClaimedInterfaces(info.interfaces, attachment.claims);
    const decimal = dialect.decimalVersions;
    [this.usbVersionMajor, this.usbVersionMinor, this.usbVersionSubminor] = versionParts(info.bcdUsb, decimal);
    [this.deviceVersionMajor, this.deviceVersionMinor, this.deviceVersionSubminor] = versionParts(
      info.bcdDevice,
      decimal,
    );
    this.deviceClass = info.deviceClass;
    this.deviceSubclass = info.deviceSubclass;
    this.deviceProtocol = info.deviceProtocol;
    this.vendorId = info.vendorId;
    this.productId = info.productId;
    this.manufacturerName = info.manufacturer;
    this.productName = info.product;
    this.serialNumber = info.serial;
  }

  /** The same for all objects that show the same plugged-in device (npm `usb` 3 has such a property). */
  get handle(): unknown {
    return this.#at.wire;
  }

  /** Which of the host's ports it is plugged into; our own addition, for tests and tools. */
  get port(): string {
    return this.#at.port;
  }

  get opened(): boolean {
    return this.#opened && !this.#at.wire.gone;
  }

  get configuration(): WebUsbConfiguration {
    const { configurationValue, configurationName } = this.#at.info;
    return { configurationValue, configurationName, interfaces: this.#interfaces.all };
  }

  get configurations(): WebUsbConfiguration[] {
    return [this.configuration];
  }

  async open(): Promise<void> {
    this.#present('open');
    if (this.#at.denied) throw this.#error('open', 'denied');
    this.#opened = true;
  }

  async close(): Promise<void> {
    if (!this.#opened) return;
    // A guess for npm `usb` 3. The others release first, with which bulk transfers end.
    this.#interfaces.endTransfers();
    if (this.#dialect.closeNeedsRest && this.#at.wire.pending > 0) throw this.#error('close', 'pending');
    this.#opened = false;
    if (!this.#dialect.closeReleases) return;
    this.#interfaces.releaseAll();
  }

  async selectConfiguration(value: number): Promise<void> {
    this.#mustBeOpen('selectConfiguration');
    if (value !== this.#at.info.configurationValue) throw this.#error('selectConfiguration', 'no-configuration');
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    this.#mustBeOpen('claimInterface');
    const found = this.#interface('claimInterface', interfaceNumber);
    if (!this.#interfaces.claim(found)) throw this.#error('claimInterface', 'busy');
  }

  async releaseInterface(interfaceNumber: number): Promise<void> {
    this.#mustBeOpen('releaseInterface');
    this.#interfaces.release(this.#interface('releaseInterface', interfaceNumber));
  }

  async selectAlternateInterface(interfaceNumber: number, alternateSetting: number): Promise<void> {
    const operation = 'selectAlternateInterface';
    this.#mustBeOpen(operation);
    const found = this.#interface(operation, interfaceNumber);
    if (!found.claimed) throw this.#error(operation, 'not-claimed');
    const wanted = found.alternates.find((alternate) => alternate.alternateSetting === alternateSetting);
    if (!wanted) throw this.#error(operation, 'no-alternate');
    const request = StandardRequest.SET_INTERFACE;
    const setup = { requestType: 0x01, request, value: alternateSetting, index: interfaceNumber, length: 0 };
    const answer = await this.#control(operation, setup, NO_DATA, undefined);
    if (answer.kind === 'stall') throw this.#error(operation, 'refused-alternate');
    this.#interfaces.select(found, wanted);
    if (this.#dialect.updatesAlternate) found.alternate = wanted;
  }

  /** @param timeoutMs for npm `usb` 3, which takes it here and in the other transfers, undocumented; the others ignore it */
  async controlTransferIn(request: WebUsbSetup, length: number, timeoutMs?: number): Promise<WebUsbInResult> {
    const operation = 'controlTransferIn';
    this.#mayControl(operation, request);
    const answer = await this.#control(operation, toSetup(request, 0x80, length), NO_DATA, timeoutMs);
    return received(this.#dialect, operation, answer);
  }

  async controlTransferOut(request: WebUsbSetup, data?: WebUsbBytes, timeoutMs?: number): Promise<WebUsbOutResult> {
    const operation = 'controlTransferOut';
    this.#mayControl(operation, request);
    const bytes = outgoing(this.#dialect, operation, data);
    const answer = await this.#control(operation, toSetup(request, 0, bytes.length), bytes, timeoutMs);
    return sent(this.#dialect, operation, answer, bytes.length);
  }

  async transferIn(endpointNumber: number, length: number, timeoutMs?: number): Promise<WebUsbInResult> {
    const operation = 'transferIn';
    const address = endpointNumber | 0x80;
    const options = this.#bulkOptions(operation, address, timeoutMs);
    const { wire, watch } = this.#at;
    try {
      return received(this.#dialect, operation, await wire.bulkIn(address, length, watch, options));
    } catch (failure) {
      const isBabble = failure instanceof WireFailure && failure.kind === 'babble';
      if (isBabble && !this.#dialect.stallRejects) return { status: 'babble' };
      throw this.#inItsWords(operation, failure);
    }
  }

  async transferOut(endpointNumber: number, data: WebUsbBytes, timeoutMs?: number): Promise<WebUsbOutResult> {
    const operation = 'transferOut';
    const options = this.#bulkOptions(operation, endpointNumber, timeoutMs);
    const bytes = outgoing(this.#dialect, operation, data);
    const { wire, watch } = this.#at;
    const answer = await this.#try(operation, wire.bulkOut(endpointNumber, bytes, watch, options));
    return sent(this.#dialect, operation, answer, bytes.length);
  }

  /** CLEAR_FEATURE(ENDPOINT_HALT) (USB 2.0 §9.4.1). */
  async clearHalt(direction: WebUsbDirection, endpointNumber: number): Promise<void> {
    const operation = 'clearHalt';
    this.#mustBeOpen(operation);
    const index = endpointNumber | (direction === 'in' ? 0x80 : 0);
    const setup = { requestType: 0x02, request: StandardRequest.CLEAR_FEATURE, value: 0, index, length: 0 };
    const answer = await this.#control(operation, setup, NO_DATA, undefined);
    if (answer.kind === 'stall') throw this.#error(operation, 'stall');
  }

  /** A bus reset, after which the operating system restores the configuration. */
  async reset(): Promise<void> {
    this.#mustBeOpen('reset');
    this.#interfaces.endTransfers();
    this.#at.wire.device.reset();
    const request = StandardRequest.SET_CONFIGURATION;
    const setup = { requestType: 0, request, value: this.#at.info.configurationValue, index: 0, length: 0 };
    await this.#control('reset', setup, NO_DATA, undefined);
  }

  /** Gives up the permission to use it; this host grants all again. */
  async forget(): Promise<void> {
    await this.close();
  }

  async #control(operation: string, setup: Setup, data: Uint8Array, timeoutMs: number | undefined): Promise<Answer> {
    const { wire, watch } = this.#at;
    return await this.#try(operation, wire.control(setup, data, watch, this.#limit(timeoutMs)));
  }

  async #try(operation: string, transfer: Promise<Answer>): Promise<Answer> {
    try {
      return await transfer;
    } catch (failure) {
      throw this.#inItsWords(operation, failure);
    }
  }

  #inItsWords(operation: string, failure: unknown): unknown {
    return failure instanceof WireFailure ? this.#error(operation, failure.kind) : failure;
  }

  #limit(timeoutMs: number | undefined): number {
    return this.#dialect.takesTimeout && timeoutMs !== undefined ? timeoutMs : this.#limitMs;
  }

  #bulkOptions(operation: string, address: number, timeoutMs: number | undefined): BulkOptions {
    this.#mustBeOpen(operation);
    const signal = this.#interfaces.endpoint(address);
    if (!signal) throw this.#error(operation, 'no-endpoint');
    const { bulk = FOREVER } = this.#dialect.defaultTimeoutMs;
    return { signal, limitMs: this.#dialect.takesTimeout && timeoutMs !== undefined ? timeoutMs : bulk };
  }

  /** Browsers refuse requests to an interface that was not claimed; libusb leaves that to the kernel. */
  #mayControl(operation: string, { recipient, index }: WebUsbSetup): void {
    this.#mustBeOpen(operation);
    if (recipient !== 'interface' || this.#dialect.name !== 'browser') return;
    if (!this.#interface(operation, index & 0xff).claimed) throw this.#error(operation, 'not-claimed');
  }

  #mustBeOpen(operation: string): void {
    this.#present(operation);
    if (!this.#opened) throw this.#error(operation, 'not-open');
  }

  #present(operation: string): void {
    if (this.#at.wire.gone) throw this.#error(operation, 'disconnected');
  }

  #interface(operation: string, interfaceNumber: number): MutableInterface {
    const found = this.#interfaces.find(interfaceNumber);
    if (!found) throw this.#error(operation, 'no-interface');
    return found;
  }

  #error(operation: string, trouble: Trouble): Error {
    return this.#dialect.error(operation, trouble);
  }
}
