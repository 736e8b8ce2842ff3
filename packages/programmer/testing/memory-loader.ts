/** A DfuSe loader over plain bytes as a `UsbPort`, with a log of its requests. Written from AN3156 §5 and DFU 1.1 §6.1. */
import { FlashError } from '../src/errors.ts';
import type { Alternate, ControlSetup, UsbPort } from '../src/ports/usb.ts';
import { nameOf, noBulk, ST_IDENTITY, UNUSED } from './scripted-port.ts';

const [IDLE, DNLOAD_SYNC, DNBUSY, DNLOAD_IDLE, UPLOAD_IDLE, ERROR] = [2, 3, 4, 5, 9, 10];

export function alternate(name: string, number = 0): Alternate {
  return { number, interfaceClass: 0xfe, interfaceSubclass: 1, interfaceProtocol: 2, name };
}

export class MemoryLoader implements UsbPort {
  readonly identity = ST_IDENTITY;
  readonly interfaceNumber = UNUSED.interfaceNumber;
  readonly configurationDescriptor: Uint8Array;
  readonly gone = UNUSED.gone;
  readonly alternates: readonly Alternate[];
  readonly memory: Uint8Array;
  readonly log: string[] = [];
  /** DFU 1.1 §6.1.2 */
  state: number = IDLE;
  status = 0;
  /** What the next operation ends with instead of being done. */
  refusal = 0;
  /** Polls that find the next operation still busy after its second; who asks for anything else then gets dfuERROR. */
  slowPolls = 0;
  readonly bulkIn = noBulk;
  readonly bulkOut = noBulk;
  readonly #start: number;
  #pointer: number;
  #pending: { readonly block: number; readonly data: Uint8Array } | undefined;

  constructor(start: number, size: number, alternates: readonly Alternate[] = [], functional: readonly number[] = []) {
    this.configurationDescriptor = Uint8Array.from(functional);
    this.#start = start;
    this.#pointer = start;
    this.memory = new Uint8Array(size).fill(0xff);
    this.alternates = alternates;
  }

  async selectAlternate(number: number): Promise<void> {
    this.log.push(`alternate ${number}`);
  }

  async controlIn(setup: ControlSetup, length: number): Promise<Uint8Array> {
    this.#note(setup, setup.request === 2 ? `${length}` : '');
    if (setup.request === 3) return this.#getStatus();
    if (setup.request !== 2 || (this.state !== IDLE && this.state !== UPLOAD_IDLE)) throw this.#stall(setup);
    if (this.refusal) {
      this.state = ERROR;
      this.status = this.refusal;
      throw this.#stall(setup);
    }
    this.state = UPLOAD_IDLE;
    const at = this.#pointer + (setup.value - 2) * length - this.#start;
    return this.memory.slice(at, at + length);
  }

  async controlOut(setup: ControlSetup, data: Uint8Array): Promise<void> {
    const command = data.length === 5 && setup.value === 0;
    const address = command ? new DataView(data.buffer, data.byteOffset).getUint32(1, true).toString(16) : '';
    this.#note(setup, command ? `${data[0]?.toString(16)} ${address}` : `${data.length}`);
    if (setup.request === 6 && this.state === DNBUSY) {
      this.state = ERROR;
      this.status = 0x0f;
      throw this.#stall(setup);
    }
    if (setup.request === 6) this.state = IDLE;
    if (setup.request === 4) {
      this.state = IDLE;
      this.status = 0;
    }
    if (setup.request !== 1) return;
    if (this.state !== IDLE && this.state !== DNLOAD_IDLE) throw this.#stall(setup);
    this.#pending = { block: setup.value, data: Uint8Array.from(data) };
    this.state = DNLOAD_SYNC;
  }

  async reset(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #getStatus(): Uint8Array {
    if (this.state === DNBUSY && this.slowPolls > 0) {
      this.slowPolls--;
      return Uint8Array.of(0, 0, 0, 0, DNBUSY, 0);
    }
    if (this.state === DNBUSY) this.state = this.status ? ERROR : DNLOAD_IDLE;
    if (this.state === DNLOAD_SYNC) {
      this.#run();
      this.state = DNBUSY;
      return Uint8Array.of(0, 0, 0, 0, DNBUSY, 0);
    }
    return Uint8Array.of(this.status, 0, 0, 0, this.state, 0);
  }

  #run(): void {
    const { block, data } = this.#pending ?? { block: 0, data: new Uint8Array(0) };
    this.status = this.refusal;
    if (this.refusal) return;
    const at = data.length === 5 ? new DataView(data.buffer).getUint32(1, true) : this.#start;
    if (block > 0) this.memory.set(data, this.#pointer + (block - 2) * data.length - this.#start);
    else if (data[0] === 0x21) this.#pointer = at;
    else if (data.length === 1) this.memory.fill(0xff);
    else this.memory.fill(0xff, at - this.#start, at - this.#start + 1024);
  }

  #note(setup: ControlSetup, detail: string): void {
    if (setup.request !== 3) this.log.push(nameOf(setup, detail));
  }

  #stall(setup: ControlSetup): FlashError<'usb/stall'> {
    return new FlashError('usb/stall', { setup });
  }
}
