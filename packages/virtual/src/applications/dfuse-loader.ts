/**
 * A DfuSe loader that somebody has written without ST's class (UM0424, DFU 1.1), over the real flash of a chip. How such
 * loaders differ from one another is data, in `loader-manners.ts`; it knows none of them by name.
 */
import type { BoardAccess } from '../board-access.ts';
import { word32 } from '../bytes.ts';
import type { Chip } from '../chip/chip.ts';
import { answerDfu, type DfuAnswers } from '../usb/dfu-requests.ts';
import { DfuRequest, DfuState, DfuStatus, DfuseCommand, statusBytes } from '../usb/dfu-words.ts';
import { ACK, type Reply, type Setup, SILENT, STALL, type UsbDeviceModel } from '../usb/model.ts';
import { answer, isStandard, StandardRequest, StandardRequests } from '../usb/standard.ts';
import { type LoaderManners, loaderDescriptorsOf, type Refusal } from './loader-manners.ts';

const MANIFEST_MS = 1;
const RECIPIENT_INTERFACE = 1;
const LEFT_BY_ABORT: readonly number[] = [
  DfuState.IDLE,
  DfuState.DNLOAD_SYNC,
  DfuState.DNLOAD_IDLE,
  DfuState.MANIFEST_SYNC,
  DfuState.UPLOAD_IDLE,
];

interface PendingDownload {
  readonly block: number;
  readonly bytes: Uint8Array;
}

export class DfuseLoader implements UsbDeviceModel {
  readonly speed = 'full';
  readonly #manners: LoaderManners;
  readonly #chip: Chip;
  readonly #board: BoardAccess;
  readonly #standard: StandardRequests;
  readonly #answers: DfuAnswers = this.#makeAnswers();
  #state: number;
  #status: number = DfuStatus.OK;
  #text = 0;
  #pointer: number;
  #pending: PendingDownload | undefined;
  #refusal: Refusal | undefined;
  #isSelected = false;
  #busyUntil = 0;
  /** What an earlier answer has left in the buffer of endpoint 0. */
  #buffer = new Uint8Array();

  constructor(manners: LoaderManners, chip: Chip, board: BoardAccess) {
    this.#manners = manners;
    this.#chip = chip;
    this.#board = board;
    this.#state = manners.startsIn ?? DfuState.IDLE;
    this.#pointer = manners.firstPointer;
    this.#standard = new StandardRequests(loaderDescriptorsOf(manners), 1, manners.interfaceNumber ?? 0);
  }

  get deviceDescriptor(): Uint8Array {
    return this.#standard.descriptors.device;
  }

  get configurationDescriptor(): Uint8Array {
    return this.#standard.descriptors.configuration;
  }

  get busyUntil(): number {
    return this.#busyUntil;
  }

  reset(): void {
    this.#standard.reset();
    this.#isSelected = false;
    this.#pending = undefined;
    if (this.#state !== DfuState.IDLE) this.#enter(DfuState.IDLE);
  }

  control(setup: Setup, data: Uint8Array): Reply {
    const reply = isStandard(setup) ? this.#standardAnswer(setup) : this.#classAnswer(setup, data);
    if (reply.kind === 'data')
      this.#buffer = Uint8Array.from([...reply.bytes, ...this.#buffer.subarray(reply.bytes.length)]);
    return reply;
  }

  #standardAnswer(setup: Setup): Reply {
    if (setup.request !== StandardRequest.SET_INTERFACE) return this.#standard.answer(setup);
    this.#isSelected = true;
    const { setInterface = 'taken' } = this.#manners;
    if (setInterface === 'taken') return this.#standard.answer(setup);
    return setInterface === 'stalled' ? STALL : SILENT;
  }

  #classAnswer(setup: Setup, data: Uint8Array): Reply {
    const { needsSetInterface = false, muteInError = false, interfaceNumber = 0 } = this.#manners;
    const isOurs = (setup.requestType & 0x1f) === RECIPIENT_INTERFACE && setup.index === interfaceNumber;
    if (!isOurs || (needsSetInterface && !this.#isSelected)) return STALL;
    if (muteInError && this.#state === DfuState.ERROR && setup.request !== DfuRequest.CLRSTATUS) return STALL;
    return answerDfu(this.#answers, setup, data);
  }

  #makeAnswers(): DfuAnswers {
    return {
      download: (request, bytes) => this.#download(request, bytes),
      upload: (request) => this.#upload(request),
      getStatus: (request) => answer(request, this.#getStatus()),
      clearStatus: () => {
        if (this.#state === DfuState.ERROR) this.#enter(DfuState.IDLE);
        return ACK;
      },
      getState: (request) => answer(request, Uint8Array.of(this.#state)),
      abort: () => {
        if (!LEFT_BY_ABORT.includes(this.#state)) return STALL;
        this.#pending = undefined;
        this.#enter(DfuState.IDLE);
        return ACK;
      },
    };
  }

  #enter(state: number): void {
    this.#state = state;
    this.#status = DfuStatus.OK;
    this.#text = 0;
  }

  #fail({ status, text = 0 }: Refusal): void {
    this.#state = DfuState.ERROR;
    this.#status = status;
    this.#text = text;
  }

  #download({ value, length }: Setup, data: Uint8Array): Reply {
    const { takesBlocks, operatesAt } = this.#manners;
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.DNLOAD_IDLE) return STALL;
    if (length === 0) {
      this.#enter(DfuState.MANIFEST_SYNC);
      return ACK;
    }
    if (length > takesBlocks) {
      this.#fail({ status: DfuStatus.ERR_STALLEDPKT });
      return STALL;
    }
    this.#enter(DfuState.DNLOAD_SYNC);
    this.#pending = { block: value, bytes: data.slice() };
    if (operatesAt === 'status') return ACK;
    const refusal = this.#operate();
    if (!refusal) return ACK;
    this.#fail(refusal);
    return STALL;
  }

  /** DFU 1.1 §A.2.4: the first poll starts the operation; the request behind it is held while the firmware works. */
  #getStatus(): Uint8Array {
    const { pollMs = 0 } = this.#manners;
    const told = (wait: number): Uint8Array => statusBytes(this.#status, wait, this.#state, this.#text);
    if (this.#state === DfuState.DNLOAD_SYNC && this.#pending) {
      const isPointer = this.#pending.bytes[0] === DfuseCommand.SET_ADDRESS && this.#pending.block === 0;
      this.#refusal = this.#operate();
      if (!(isPointer && this.#refusal)) {
        this.#state = DfuState.DNBUSY;
        return told(pollMs);
      }
    }
    if (this.#refusal) this.#fail(this.#refusal);
    else if (this.#state === DfuState.DNLOAD_SYNC || this.#state === DfuState.DNBUSY) this.#enter(DfuState.DNLOAD_IDLE);
    this.#refusal = undefined;
    if (this.#state === DfuState.MANIFEST_SYNC) {
      this.#enter(DfuState.MANIFEST);
      this.#board.resetIn(MANIFEST_MS);
    }
    const bytes = told(0);
    // What was wrong with an upload is told once.
    if (this.#state === DfuState.UPLOAD_IDLE) this.#enter(DfuState.UPLOAD_IDLE);
    return bytes;
  }

  #operate(): Refusal | undefined {
    const { block, bytes } = this.#pending ?? { block: 0, bytes: new Uint8Array() };
    this.#pending = undefined;
    const { takesPointer, erase, write } = this.#manners;
    const now = this.#board.now();
    const bench = { flash: this.#chip.flash, now };
    if (block === 0) {
      if (bytes.length !== 5) return { status: DfuStatus.ERR_STALLEDPKT };
      const address = word32(bytes, 1);
      if (bytes[0] === DfuseCommand.ERASE) return this.#wait(erase(bench, address));
      if (bytes[0] !== DfuseCommand.SET_ADDRESS) return { status: DfuStatus.ERR_STALLEDPKT };
      const refusal = takesPointer?.(address);
      if (!refusal) this.#pointer = address;
      return refusal;
    }
    return this.#wait(write(bench, this.#pointer + (block - 2) * bytes.length, bytes));
  }

  #wait(done: number | Refusal): Refusal | undefined {
    if (typeof done !== 'number') return done;
    this.#busyUntil = done;
    return undefined;
  }

  #upload(setup: Setup): Reply {
    const { commands, read } = this.#manners;
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.UPLOAD_IDLE) return STALL;
    if (setup.value === 0) {
      if (commands === 'silent') return SILENT;
      if (commands === 'stalled') return STALL;
      this.#enter(DfuState.UPLOAD_IDLE);
      return answer(setup, commands === 'old buffer' ? this.#old(setup.length) : Uint8Array.from(commands));
    }
    const content = read(this.#chip, this.#pointer + (setup.value - 2) * setup.length, setup.length);
    if (content === 'stalled') return STALL;
    this.#state = DfuState.UPLOAD_IDLE;
    if (content instanceof Uint8Array) return answer(setup, content);
    // The length that was asked for goes out all the same.
    this.#status = content.status;
    this.#text = content.text ?? 0;
    return answer(setup, this.#old(setup.length));
  }

  #old(length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, i) => this.#buffer[i] ?? 0);
  }
}
