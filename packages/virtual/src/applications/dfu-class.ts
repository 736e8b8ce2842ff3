/**
 * ST's USB device DFU class as applications carry it (stm32-mw-usb-device, Class/DFU), in two versions, with their bugs.
 * Every reply was held against the real class, run request by request: `fixtures/st-dfu-class-transcript.txt`.
 */

import type { BoardAccess } from '../board-access.ts';
import { word32 } from '../bytes.ts';
import { answerDfu, type DfuAnswers } from '../usb/dfu-requests.ts';
import { DfuState, DfuStatus, DfuseCommand, statusBytes } from '../usb/dfu-words.ts';
import { ACK, type Reply, type Setup, STALL, type UsbDeviceModel } from '../usb/model.ts';
import { answer, isStandard, StandardRequest, StandardRequests } from '../usb/standard.ts';
import type { DfuApplication } from './class-version.ts';
import { classDescriptorsOf, TRANSFER_SIZE } from './class-version.ts';

/** USBD_DFU_APP_DEFAULT_ADD as CubeMX sets it. */
const FIRST_POINTER = 0x0800_0000;
/** After an upload of block 1 the class puts an error code where the state belongs. */
const STATE_ERROR_CODE = 15;
const GET_COMMANDS_ANSWER = [DfuseCommand.GET, DfuseCommand.SET_ADDRESS, DfuseCommand.ERASE] as const;
const ABORTABLE: readonly number[] = [
  DfuState.IDLE,
  DfuState.DNLOAD_SYNC,
  DfuState.DNLOAD_IDLE,
  DfuState.MANIFEST_SYNC,
  DfuState.UPLOAD_IDLE,
];

export class DfuClassDevice implements UsbDeviceModel {
  readonly speed = 'full';
  readonly #application: DfuApplication;
  readonly #board: BoardAccess;
  readonly #standard: StandardRequests;
  readonly #answers: DfuAnswers = this.#makeAnswers();
  #state: number = DfuState.IDLE;
  #status: number = DfuStatus.OK;
  #pollMs = 0;
  #pointer = FIRST_POINTER;
  #block = 0;
  #data = new Uint8Array();
  #busyUntil = 0;

  constructor(application: DfuApplication, board: BoardAccess) {
    this.#application = application;
    this.#board = board;
    this.#standard = new StandardRequests(classDescriptorsOf(application), 1);
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
    this.#init();
  }

  control(setup: Setup, data: Uint8Array): Reply {
    if (isStandard(setup)) {
      if (setup.request === StandardRequest.SET_CONFIGURATION) this.#init();
      return this.#standard.answer(setup);
    }
    return answerDfu(this.#answers, setup, data);
  }

  #makeAnswers(): DfuAnswers {
    return {
      detach: () => this.#detach(),
      download: (request, bytes) => this.#download(request, bytes),
      upload: (request) => this.#upload(request),
      getStatus: (request) => this.#getStatus(request),
      clearStatus: () => this.#clearStatus(),
      getState: (request) => answer(request, Uint8Array.of(this.#state)),
      abort: () => this.#abort(),
    };
  }

  #init(): void {
    this.#enter(DfuState.IDLE);
    this.#status = DfuStatus.OK;
    this.#pointer = FIRST_POINTER;
    this.#forget();
  }

  /** The class sets the poll time to 0 wherever it sets a state. */
  #enter(state: number): void {
    this.#state = state;
    this.#pollMs = 0;
  }

  #forget(): void {
    this.#block = 0;
    this.#data = new Uint8Array();
  }

  #download({ value, length }: Setup, data: Uint8Array): Reply {
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.DNLOAD_IDLE) return STALL;
    if (length === 0) {
      this.#enter(DfuState.MANIFEST_SYNC);
      return ACK;
    }
    this.#block = value;
    // Before v2.8.0 the rest would overrun the class's own variables: undefined, and here just lost.
    this.#data = data.slice(0, TRANSFER_SIZE);
    this.#enter(DfuState.DNLOAD_SYNC);
    return ACK;
  }

  #upload(setup: Setup): Reply {
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.UPLOAD_IDLE) return STALL;
    if (setup.length === 0) {
      this.#enter(DfuState.IDLE);
      return answer(setup, new Uint8Array());
    }
    if (setup.value === 0) {
      this.#enter(setup.length > GET_COMMANDS_ANSWER.length ? DfuState.IDLE : DfuState.UPLOAD_IDLE);
      return answer(setup, Uint8Array.from(GET_COMMANDS_ANSWER));
    }
    if (setup.value === 1) return this.#mistakeErrorForState();
    this.#enter(DfuState.UPLOAD_IDLE);
    const { version, media, atAddressZero } = this.#application;
    const length = version.clampsLength ? Math.min(setup.length, TRANSFER_SIZE) : setup.length;
    const bytes = media.read(this.#addressOf(setup.value), length);
    if (!bytes && version.checksNull) return this.#mistakeErrorForState();
    return answer(setup, bytes ?? atAddressZero(length));
  }

  #mistakeErrorForState(): Reply {
    this.#enter(STATE_ERROR_CODE);
    return STALL;
  }

  /** By the compile-time block size, whatever the length of this block. */
  #addressOf(block: number): number {
    return (block - 2) * TRANSFER_SIZE + this.#pointer;
  }

  #getStatus(setup: Setup): Reply {
    if (this.#state === DfuState.DNLOAD_SYNC) {
      if (this.#data.length > 0) this.#announce();
      else this.#enter(DfuState.DNLOAD_IDLE);
    } else if (this.#state === DfuState.MANIFEST_SYNC) {
      this.#state = DfuState.MANIFEST;
      this.#pollMs = 1;
      this.#board.resetIn(1);
    }
    const bytes = statusBytes(this.#status, this.#pollMs, this.#state);
    // The operation runs when these bytes are out and before the status stage is accepted: that is held meanwhile.
    if (this.#state !== DfuState.DNBUSY) return answer(setup, bytes);
    const accepted = this.#operate();
    if (!accepted) return { kind: 'stall', bytes };
    return { kind: 'data', bytes: bytes.subarray(0, setup.length), heldUntil: this.#busyUntil };
  }

  #announce(): void {
    const erases = this.#block === 0 && this.#data[0] === DfuseCommand.ERASE;
    this.#state = DfuState.DNBUSY;
    this.#pollMs = this.#application.media.pollMs(erases ? 'erase' : 'program');
  }

  /** @returns false if the class stalls the status stage of the GETSTATUS under way */
  #operate(): boolean {
    const { version } = this.#application;
    const outcome = this.#block === 0 ? this.#command() : this.#write();
    if (outcome === 'failed' && version.reportsFailure) {
      this.#enter(DfuState.ERROR);
      this.#status = DfuStatus.ERR_VENDOR;
      this.#forget();
    }
    // Without a report nothing changes, and the next GETSTATUS runs it again.
    if (outcome === 'failed' || outcome === 'refused') return true;
    this.#forget();
    this.#enter(DfuState.DNLOAD_SYNC);
    return outcome !== 'unknown';
  }

  #command(): 'done' | 'failed' | 'refused' | 'unknown' {
    const { version, media } = this.#application;
    const [command] = this.#data;
    const { length } = this.#data;
    if (length === 1 && (command === DfuseCommand.GET || !version.stallsUnknownCommand)) return 'done';
    if (length !== 5) return 'unknown';
    const address = word32(this.#data, 1);
    if (command === DfuseCommand.SET_ADDRESS) {
      this.#pointer = address;
      return 'done';
    }
    if (command !== DfuseCommand.ERASE) return version.stallsUnknownCommand ? 'unknown' : 'refused';
    if (version.eraseMovesPointer) this.#pointer = address;
    const { ok, endsAt } = media.erase(address, this.#board.now());
    this.#busyUntil = endsAt;
    return ok ? 'done' : 'failed';
  }

  /** Block 1 is taken and ignored. */
  #write(): 'done' | 'failed' {
    if (this.#block === 1) return 'done';
    const { media } = this.#application;
    const { ok, endsAt } = media.write(this.#addressOf(this.#block), this.#data, this.#board.now());
    this.#busyUntil = endsAt;
    return ok ? 'done' : 'failed';
  }

  /** Outside dfuERROR it makes an error: a host that clears blindly has to do it twice. */
  #clearStatus(): Reply {
    const wasError = this.#state === DfuState.ERROR;
    this.#enter(wasError ? DfuState.IDLE : DfuState.ERROR);
    this.#status = wasError ? DfuStatus.OK : DfuStatus.ERR_UNKNOWN;
    return ACK;
  }

  #abort(): Reply {
    if (ABORTABLE.includes(this.#state)) {
      this.#enter(DfuState.IDLE);
      this.#status = DfuStatus.OK;
      this.#forget();
    }
    return ACK;
  }

  /** Both versions take it as "will detach": USBD_Stop, USBD_Start, and the same device comes back. */
  #detach(): Reply {
    this.#abort();
    this.#board.reconnectIn(1);
    return ACK;
  }
}
