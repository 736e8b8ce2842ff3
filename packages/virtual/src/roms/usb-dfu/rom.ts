/**
 * ST's ROM bootloader on USB, as AN3156 and, for the F105, AN2662 §4 describe it: the DfuSe requests, their states and
 * their refusals. Figures that differ between chips are a `RomProfile`; what a ROM does otherwise is in its deviations.
 */

import type { BoardAccess } from '../../board-access.ts';
import type { Chip } from '../../chip/chip.ts';
import { guess } from '../../provenance.ts';
import { answerDfu, type DfuAnswers } from '../../usb/dfu-requests.ts';
import { DfuState, DfuStatus, statusBytes } from '../../usb/dfu-words.ts';
import { controlTransferMs } from '../../usb/full-speed-bus.ts';
import { ACK, type Reply, type Setup, STALL, type UsbDeviceModel } from '../../usb/model.ts';
import { answer, isStandard, StandardRequests } from '../../usb/standard.ts';
import type { Download } from './commands.ts';
import { downloadOf, runDownload } from './commands.ts';
import { combined, type RomHooks, type RomView } from './hooks.ts';
import type { RomProfile } from './rom-profile.ts';
import { romDescriptorsOf } from './rom-profile.ts';

const DEFAULT_POINTER = 0x0800_0000;
/** Of endpoint 0. */
const CONTROL_PACKET_BYTES = 64;
/** Time between the last answer and the start of the program. */
const LEAVE_MS = guess(3, 'a host must be able to fetch the answer before');
/** bwPollTimeout of the last status of a leave. */
const LEAVE_POLL_MS = guess(0, 'no log shows it');

/** Where this ROM differs from DFU 1.1: a request in a wrong state stalls and changes nothing. */
export class DfuRom implements UsbDeviceModel {
  readonly speed = 'full';
  readonly #profile: RomProfile;
  readonly #chip: Chip;
  readonly #board: BoardAccess;
  readonly #standard: StandardRequests;
  readonly #hooks: Required<RomHooks>;
  readonly #view: RomView;
  readonly #answers: DfuAnswers;
  #state: number = DfuState.IDLE;
  #status: number = DfuStatus.OK;
  #pointer = DEFAULT_POINTER;
  #pending: Download | undefined;
  #endsAt = 0;
  #pollMs = 0;
  #result: number = DfuStatus.OK;

  constructor(profile: RomProfile, chip: Chip, board: BoardAccess) {
    this.#profile = profile;
    this.#chip = chip;
    this.#board = board;
    this.#standard = new StandardRequests(romDescriptorsOf(profile), profile.layouts.length);
    this.#hooks = combined(profile.deviations);
    this.#view = this.#makeView();
    this.#answers = this.#makeAnswers();
    this.#start();
  }

  get deviceDescriptor(): Uint8Array {
    return this.#standard.descriptors.device;
  }

  get configurationDescriptor(): Uint8Array {
    return this.#standard.descriptors.configuration;
  }

  get busyUntil(): number {
    return this.#hooks.holds() ? this.#endsAt : 0;
  }

  reset(): void {
    this.#standard.reset();
    this.#start();
  }

  control(setup: Setup, data: Uint8Array): Reply {
    if (!isStandard(setup))
      return this.#hooks.request({ setup, data }, this.#view, () => answerDfu(this.#answers, setup, data));
    return this.#hooks.standard(setup, () => this.#standard.answer(setup));
  }

  #makeAnswers(): DfuAnswers {
    return {
      detach: () => ACK, // AN3156: without meaning, the device is in DFU mode already.
      download: (setup, data) => this.#download(setup, data),
      upload: (setup) => this.#upload(setup),
      getStatus: (setup) => this.#getStatus(setup),
      clearStatus: () => this.#clearStatus(),
      getState: (setup) => answer(setup, Uint8Array.of(this.#state)),
      abort: () => this.#abort(),
    };
  }

  #makeView(): RomView {
    const values = { state: () => this.#state, pointer: () => this.#pointer, endsAt: () => this.#endsAt };
    const pollMs = () => this.#pollMs;
    return {
      chip: this.#chip,
      board: this.#board,
      get state() {
        return values.state();
      },
      get pointer() {
        return values.pointer();
      },
      get endsAt() {
        return values.endsAt();
      },
      get pollMs() {
        return pollMs();
      },
      enter: (state, status = DfuStatus.OK) => this.#enter(state, status),
    };
  }

  #enter(state: number, status: number): void {
    this.#state = state;
    this.#status = status;
  }

  #start(): void {
    if (this.#profile.firstState === 'error') this.#enter(DfuState.ERROR, DfuStatus.ERR_FIRMWARE);
    else this.#enter(DfuState.IDLE, DfuStatus.OK);
    this.#pointer = DEFAULT_POINTER;
    this.#pending = undefined;
  }

  #download({ value, length }: Setup, bytes: Uint8Array): Reply {
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.DNLOAD_IDLE) return STALL;
    if (length === 0) {
      this.#state = DfuState.MANIFEST_SYNC;
      return ACK;
    }
    if (value === 1 || length > this.#profile.transferSize) return STALL;
    this.#pending = downloadOf(value, bytes.slice());
    this.#state = DfuState.DNLOAD_SYNC;
    return { kind: 'ack', heldUntil: this.#board.now() + this.#ownMs(length) };
  }

  #upload(setup: Setup): Reply {
    const { value, length } = setup;
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.UPLOAD_IDLE) return STALL;
    if (value === 1 || length > this.#profile.transferSize) return STALL;
    if (value === 0) return this.#listCommands(setup);
    if (this.#chip.level > 0) return this.#refuse(DfuStatus.ERR_VENDOR);
    const address = this.#hooks.blockAddress(this.#pointer, value, length);
    const bytes = this.#chip.read(address, length);
    if (!bytes || this.#chip.isBootloaderRam(address)) return this.#refuse(DfuStatus.ERR_TARGET);
    this.#state = DfuState.UPLOAD_IDLE;
    return { kind: 'data', bytes, heldUntil: this.#board.now() + controlTransferMs(length) + this.#ownMs(length) };
  }

  /** The time that it takes for the packets of a transfer, beyond the time that they take on the bus. */
  #ownMs(bytes: number): number {
    const ms = Math.max(0, Math.ceil(bytes / CONTROL_PACKET_BYTES) * this.#profile.packetMs - controlTransferMs(bytes));
    this.#board.spend(ms);
    return ms;
  }

  /** A short answer ends an upload (DFU 1.1 §6.2). */
  #listCommands(setup: Setup): Reply {
    const commands = Uint8Array.from(this.#profile.commands);
    this.#state = commands.length < setup.length ? DfuState.IDLE : DfuState.UPLOAD_IDLE;
    return answer(setup, commands);
  }

  #refuse(status: number): Reply {
    this.#enter(DfuState.ERROR, status);
    return STALL;
  }

  /** Downloads take effect here and nowhere else (AN3156 §§5.1–5.5). */
  #getStatus(setup: Setup): Reply {
    switch (this.#state) {
      case DfuState.DNLOAD_SYNC:
        return this.#begin(setup);
      case DfuState.DNBUSY:
        return answer(setup, this.#finish());
      case DfuState.MANIFEST_SYNC:
        return this.#leave(setup);
      default:
        return answer(setup, statusBytes(this.#status, 0, this.#state));
    }
  }

  #begin(setup: Setup): Reply {
    const now = this.#board.now();
    const { blockAddress } = this.#hooks;
    const context = { chip: this.#chip, now, pointer: this.#pointer, profile: this.#profile, blockAddress };
    const pending = this.#pending ?? downloadOf(0, new Uint8Array());
    const outcome = this.#hooks.operation(pending, context, () => runDownload(context, pending));
    this.#pending = undefined;
    this.#pointer = outcome.pointer;
    this.#endsAt = outcome.endsAt;
    this.#pollMs = outcome.pollMs;
    this.#result = outcome.status;
    this.#state = DfuState.DNBUSY;
    // The host never sees the result: its next request is held until the device is gone.
    if (outcome.reset) {
      this.#endsAt = Math.max(outcome.endsAt, now + LEAVE_MS) + 1;
      this.#board.resetIn(this.#endsAt - 1 - now);
    }
    const reply = answer(setup, statusBytes(DfuStatus.OK, outcome.pollMs, DfuState.DNBUSY));
    const held = this.#profile.operatesDuring === 'first status';
    return held && reply.kind === 'data' ? { ...reply, heldUntil: outcome.endsAt } : reply;
  }

  #finish(): Uint8Array {
    this.#enter(this.#result === DfuStatus.OK ? DfuState.DNLOAD_IDLE : DfuState.ERROR, this.#result);
    return statusBytes(this.#status, 0, this.#state);
  }

  #leave(setup: Setup): Reply {
    this.#state = DfuState.MANIFEST;
    this.#board.jumpIn(LEAVE_MS, this.#pointer);
    return answer(setup, statusBytes(DfuStatus.OK, LEAVE_POLL_MS, DfuState.MANIFEST));
  }

  #clearStatus(): Reply {
    if (this.#state === DfuState.ERROR) this.#enter(DfuState.IDLE, DfuStatus.OK);
    return ACK;
  }

  #abort(): Reply {
    const busy = this.#state === DfuState.DNBUSY || this.#state === DfuState.MANIFEST;
    if (!busy && this.#state !== DfuState.ERROR) {
      this.#state = DfuState.IDLE;
      this.#pending = undefined;
    }
    return ACK;
  }
}
