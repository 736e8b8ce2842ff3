/**
 * ST's ROM bootloader on USB, as AN3156 and, for the F105, AN2662 §4 describe it: the DfuSe requests, their states and their refusals.
 * Parameters that differ between chips are a `RomProfile`; what the documents leave open is marked there.
 */

import { DescriptorType } from '../usb/descriptors.ts';
import type { Reply, Setup, UsbDeviceModel } from '../usb/model.ts';
import { answer, isStandard, StandardRequest, StandardRequests } from '../usb/standard.ts';
import type { Chip } from './chip.ts';
import { DfuRequest, DfuState, DfuStatus, DfuseCommand, statusBytes } from './dfu-words.ts';
import type { Download } from './rom-operations.ts';
import { runDownload } from './rom-operations.ts';
import type { RomProfile } from './rom-profile.ts';
import { descriptorsOf } from './rom-profile.ts';
import type { Surroundings } from './surroundings.ts';

const STALL: Reply = { kind: 'stall' };
const ACK: Reply = { kind: 'ack' };
const DEFAULT_POINTER = 0x0800_0000;
/** Time between the last answer and the start of the program. A guess. */
const LEAVE_MS = 3;
/** Where this ROM differs from DFU 1.1: a request in a wrong state stalls and changes nothing. */
export class DfuRom implements UsbDeviceModel {
  readonly speed = 'full';
  readonly #profile: RomProfile;
  readonly #chip: Chip;
  readonly #around: Surroundings;
  readonly #standard: StandardRequests;
  #state: number = DfuState.IDLE;
  #status: number = DfuStatus.OK;
  #pointer = DEFAULT_POINTER;
  #pending: Download | undefined;
  #endsAt = 0;
  #pollMs = 0;
  #result: number = DfuStatus.OK;
  #stuck = false;
  /** Polls that will find it busy although it is done. */
  #idlePolls = 0;

  constructor(profile: RomProfile, chip: Chip, around: Surroundings) {
    this.#profile = profile;
    this.#chip = chip;
    this.#around = around;
    this.#standard = new StandardRequests(descriptorsOf(profile), profile.layouts.length);
    this.#start();
  }

  get deviceDescriptor(): Uint8Array {
    return this.#standard.descriptors.device;
  }

  get configurationDescriptor(): Uint8Array {
    return this.#standard.descriptors.configuration;
  }

  get busyUntil(): number {
    return this.#profile.earlyPoll === 'hold' ? this.#endsAt : 0;
  }

  reset(): void {
    this.#standard.reset();
    this.#start();
  }

  control(setup: Setup, data: Uint8Array): Reply {
    if (isStandard(setup)) return this.#standardRequest(setup);
    if (this.#profile.earlyPoll === 'stall' && this.#around.now() < this.#endsAt) return STALL;
    switch (setup.request) {
      case DfuRequest.DETACH:
        return ACK; // AN3156: without meaning, the device is in DFU mode already.
      case DfuRequest.DNLOAD:
        return this.#download(setup, data);
      case DfuRequest.UPLOAD:
        return this.#upload(setup);
      case DfuRequest.GETSTATUS:
        return this.#getStatus(setup);
      case DfuRequest.CLRSTATUS:
        return this.#clearStatus();
      case DfuRequest.GETSTATE:
        return answer(setup, Uint8Array.of(this.#state));
      case DfuRequest.ABORT:
        return this.#abort();
      default:
        return STALL;
    }
  }

  #standardRequest(setup: Setup): Reply {
    const asksFunctional =
      setup.request === StandardRequest.GET_DESCRIPTOR && setup.value >> 8 === DescriptorType.DFU_FUNCTIONAL;
    if (asksFunctional && this.#profile.hidesFunctionalDescriptor) return { kind: 'silent' };
    return this.#standard.answer(setup);
  }

  #start(): void {
    const failed = this.#profile.errorWhenEmpty && !this.#chip.hasProgramAt(DEFAULT_POINTER);
    this.#state = failed ? DfuState.ERROR : DfuState.IDLE;
    this.#status = failed ? DfuStatus.ERR_FIRMWARE : DfuStatus.OK;
    this.#pointer = DEFAULT_POINTER;
    this.#pending = undefined;
    this.#stuck = false;
  }

  #download({ value, length }: Setup, bytes: Uint8Array): Reply {
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.DNLOAD_IDLE) return STALL;
    if (length === 0) {
      this.#state = DfuState.MANIFEST_SYNC;
      if (this.#profile.leave === 'at-once') this.#around.jumpIn(0, this.#pointer);
      return ACK;
    }
    const { transferSize, longDownload } = this.#profile;
    if (length > transferSize && longDownload === 'error') return this.#refuse(DfuStatus.ERR_STALLEDPKT);
    if (value === 1 || length > transferSize) return STALL;
    this.#pending = { block: value, bytes: bytes.slice() };
    this.#state = DfuState.DNLOAD_SYNC;
    return ACK;
  }

  #upload(setup: Setup): Reply {
    const { value, length } = setup;
    if (this.#state !== DfuState.IDLE && this.#state !== DfuState.UPLOAD_IDLE) return STALL;
    if (value === 1 || length > this.#profile.transferSize) return STALL;
    if (value === 0) {
      const commands = Uint8Array.from(this.#profile.commands);
      // A short answer ends an upload (DFU 1.1 §6.2).
      this.#state = commands.length < length ? DfuState.IDLE : DfuState.UPLOAD_IDLE;
      return answer(setup, commands);
    }
    const { blockBytes = length, mostUploadBytes = length, silentWhenProtected = false } = this.#profile;
    if (this.#chip.level > 0 && !silentWhenProtected) return this.#refuse(DfuStatus.ERR_VENDOR);
    const address = this.#pointer + (value - 2) * blockBytes;
    const bytes = this.#content(address, length);
    if (!bytes || this.#chip.isBootloaderRam(address)) return this.#refuse(DfuStatus.ERR_TARGET);
    this.#state = DfuState.UPLOAD_IDLE;
    return answer(setup, bytes.subarray(0, mostUploadBytes));
  }

  /** What the flash of a protected chip reads as, where reading it is not refused, is not told: here, as erased. */
  #content(address: number, length: number): Uint8Array | undefined {
    const hidden = this.#chip.level > 0 && this.#chip.memoryAt(address, length) === 'flash';
    return hidden ? new Uint8Array(length).fill(0xff) : this.#chip.read(address, length);
  }

  #refuse(status: number): Reply {
    this.#state = DfuState.ERROR;
    this.#status = status;
    return STALL;
  }

  /** Downloads take effect here and nowhere else (AN3156 §§5.1–5.5). */
  #getStatus(setup: Setup): Reply {
    switch (this.#state) {
      case DfuState.DNLOAD_SYNC:
        return answer(setup, this.#begin());
      case DfuState.DNBUSY:
        return answer(setup, this.#finish());
      case DfuState.MANIFEST_SYNC:
        return this.#leave(setup);
      default:
        return answer(setup, statusBytes(this.#status, 0, this.#state));
    }
  }

  #begin(): Uint8Array {
    const { stuckEraseFrom = Number.POSITIVE_INFINITY } = this.#profile;
    const now = this.#around.now();
    const circumstances = { chip: this.#chip, now, pointer: this.#pointer, habits: this.#profile };
    const pending = this.#pending ?? { block: 0, bytes: new Uint8Array() };
    const outcome = runDownload(circumstances, pending);
    this.#pending = undefined;
    this.#pointer = outcome.pointer;
    this.#endsAt = outcome.endsAt;
    this.#pollMs = outcome.pollMs;
    this.#result = outcome.status;
    this.#stuck = (outcome.erased ?? 0) >= stuckEraseFrom;
    this.#idlePolls = this.#profile.idleBusyPolls ?? 0;
    this.#state = DfuState.DNBUSY;
    const { unprotectState } = this.#profile;
    if (unprotectState !== undefined && pending.block === 0 && pending.bytes[0] === DfuseCommand.READ_UNPROTECT) {
      this.#state = unprotectState;
      return statusBytes(DfuStatus.OK, outcome.pollMs, this.#state);
    }
    // The host never sees the result: its next request is held until the device is gone.
    if (outcome.reset) {
      this.#endsAt = Math.max(outcome.endsAt, now + LEAVE_MS) + 1;
      this.#around.resetIn(this.#endsAt - 1 - now);
    }
    return statusBytes(DfuStatus.OK, outcome.pollMs, DfuState.DNBUSY);
  }

  #finish(): Uint8Array {
    if (this.#stuck) return statusBytes(DfuStatus.OK, this.#pollMs, DfuState.DNBUSY);
    if (this.#idlePolls > 0) {
      this.#idlePolls -= 1;
      return statusBytes(DfuStatus.OK, 0, DfuState.DNBUSY);
    }
    this.#status = this.#result;
    this.#state = this.#result === DfuStatus.OK ? DfuState.DNLOAD_IDLE : DfuState.ERROR;
    return statusBytes(this.#status, 0, this.#state);
  }

  #leave(setup: Setup): Reply {
    this.#state = DfuState.MANIFEST;
    const vanishes = this.#profile.leave === 'vanishes';
    this.#around.jumpIn(vanishes ? 0 : LEAVE_MS, this.#pointer);
    if (vanishes) return { kind: 'silent' };
    return answer(setup, statusBytes(DfuStatus.OK, this.#profile.poll.leave, DfuState.MANIFEST));
  }

  #clearStatus(): Reply {
    if (this.#state === DfuState.ERROR) {
      this.#state = DfuState.IDLE;
      this.#status = DfuStatus.OK;
    } else if (this.#profile.clearStatusElsewhere === 'stalls') {
      return STALL;
    } else if (this.#profile.clearStatusElsewhere === 'error') {
      this.#state = DfuState.ERROR;
      this.#status = DfuStatus.ERR_UNKNOWN;
      this.#stuck = false;
    }
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
