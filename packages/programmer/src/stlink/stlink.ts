/** An ST-LINK probe: modes, speed, voltage, reset line, and memory of the chip behind it. It knows no chip. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { AccessOptions } from '../cortex/debug-access.ts';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { accessPieces } from '../probe/access-pieces.ts';
import type { DebugProbe } from '../probe/debug-probe.ts';
import { DEBUG, ENTER_SWD, NRST, STATUS_REPLY_BYTES, STLINK, u16, u32Bytes } from './commands.ts';
import { StlinkDebugger } from './debugger.ts';
import { ACCESS_16_FIRMWARE, assertUsable, OPEN_AP_FIRMWARE, type ProbeFirmware, SPEED_FIRMWARE } from './firmware.ts';
import { firstAnswer, leaveMode, readFirmware, readVoltage } from './greeting.ts';
import { StlinkSpeed } from './speed.ts';

export interface StlinkOptions {
  readonly clock: Clock;
  /** Of the line to the chip; absent, the quickest that works. */
  readonly kHz?: number | undefined;
}

const WORD_REPLY_BYTES = 8;
const LAST_STATUS_BYTES = 12;
/** Data of one command: the buffer of the probe. */
const BUFFER_BYTES = 6144;

const READ_COMMAND = { 1: DEBUG.READ_MEMORY_8, 2: DEBUG.READ_MEMORY_16, 4: DEBUG.READ_MEMORY_32 } as const;
const WRITE_COMMAND = { 1: DEBUG.WRITE_MEMORY_8, 2: DEBUG.WRITE_MEMORY_16, 4: DEBUG.WRITE_MEMORY_32 } as const;

/** Every method throws `probe/*` and `usb/*`. */
export class Stlink implements DebugProbe {
  readonly firmware: ProbeFirmware;
  readonly #port: UsbPort;
  readonly #debugger: StlinkDebugger;
  readonly #speed: StlinkSpeed;
  #isDebugging = false;
  /** The speed that it had at first, and what was wrong with it last. */
  #lowered: { readonly from: number; readonly because: string } | undefined;
  readonly #remarks: readonly string[];
  #ap = 0;
  /** From one multiple of it to the next the address register of the chip's access port counts by itself (ADIv5.2 C2.2.2). */
  #pageBytes = 1024;

  private constructor(port: UsbPort, parts: StlinkParts) {
    this.#port = port;
    this.#debugger = parts.commands;
    this.firmware = parts.firmware;
    this.#speed = parts.speed;
    this.#remarks = parts.remarks;
    parts.recovery.of = this;
  }

  /**
   * Asks who it is, and takes it out of the modes for its own update, for SWIM, and of a session that was left open.
   * @throws FlashError `probe/firmware` where it is too old
   */
  static async open(port: UsbPort, { clock, kHz }: StlinkOptions): Promise<Stlink> {
    const recovery: { of?: Stlink } = {};
    const commands = new StlinkDebugger(port, clock, {
      bringBack: async () => await recovery.of?.bringBack(),
      slowDown: async (because) => (await recovery.of?.slowDown(because)) ?? false,
    });
    const firmware = await firstAnswer(port, commands);
    assertUsable(firmware);
    await leaveMode(commands);
    const speed = new StlinkSpeed(commands, firmware, kHz);
    const isFixed = kHz !== undefined && !firmware.can.setSpeed;
    const remarks = isFixed ? [`firmware ${firmware.text} knows one speed alone; ${SPEED_FIRMWARE} can choose it`] : [];
    return new Stlink(port, { commands, firmware, speed, remarks, recovery });
  }

  get title(): string {
    return `ST-LINK ${this.firmware.text}`;
  }

  get kHz(): number | undefined {
    return this.#speed.kHz;
  }

  /** Access port through which memory is reached. */
  get ap(): number {
    return this.#ap;
  }

  /** @returns the supply of the chip in volts; `undefined` where the probe does not measure it */
  async voltage(): Promise<number | undefined> {
    return await readVoltage(this.#debugger, this.firmware);
  }

  /** Opens the line to the chip: speed, SWD. An access port comes next. @throws FlashError `probe/refused` where no chip answers */
  async enterSwd(): Promise<void> {
    await this.#speed.apply();
    const bytes = [STLINK.DEBUG, DEBUG.ENTER, ENTER_SWD];
    await this.#debugger.ask({ name: 'enter SWD', bytes, reply: STATUS_REPLY_BYTES, isRepeatable: true });
    this.#isDebugging = true;
  }

  async useAp(ap: number): Promise<void> {
    if (ap > 0 && !this.firmware.can.openAp) throw this.#tooOld(OPEN_AP_FIRMWARE, 'reach a second access port');
    this.#ap = ap;
    if (this.firmware.can.openAp) await this.#status('open an access port', [DEBUG.INIT_AP, ap]);
  }

  /** @param bytes 4096 for the access ports of Cortex-M3 and M4, 1024 for all (openocd) */
  usePages(bytes: number): void {
    this.#pageBytes = bytes;
  }

  /** @returns the identification of the debug port: `0x1BA01477` and the like */
  async readIdCode(): Promise<number> {
    const bytes = [STLINK.DEBUG, DEBUG.READ_IDCODES];
    const reply = await this.#debugger.ask({
      name: 'read the ID code',
      bytes,
      reply: LAST_STATUS_BYTES,
      isRepeatable: true,
    });
    return wordAt(reply, 4);
  }

  async driveReset(asserted: boolean): Promise<void> {
    await this.#status('drive NRST', [DEBUG.NRST, asserted ? NRST.LOW : NRST.HIGH]);
  }

  async readMemory(address: number, length: number, { width, signal }: AccessOptions = {}): Promise<Uint8Array> {
    if (width === 4 && length === 4 && this.#ap === 0) return await this.#readWord(address);
    this.#checkWidth(width);
    const found = new Uint8Array(length);
    for (const piece of accessPieces({ address, length, width, ...this.#limits() })) {
      signal?.throwIfAborted();
      const { at, bytes, width: each } = piece;
      const data = await this.#transfer('read memory', READ_COMMAND[each], { at, bytes }, undefined);
      found.set(data.subarray(0, bytes), at - address);
    }
    return found;
  }

  async writeMemory(address: number, data: Uint8Array, { width, signal }: AccessOptions = {}): Promise<void> {
    if (width === 4 && data.length === 4 && this.#ap === 0) {
      await this.#writeWord(address, data);
      return;
    }
    this.#checkWidth(width);
    for (const { at, bytes, width: each } of accessPieces({ address, length: data.length, width, ...this.#limits() })) {
      signal?.throwIfAborted();
      const part = data.subarray(at - address, at - address + bytes);
      await this.#transfer('write memory', WRITE_COMMAND[each], { at, bytes }, part);
    }
  }

  /** After a reset of its USB side: the same mode, speed and access port as before. The chip is not touched. */
  async bringBack(): Promise<void> {
    await readFirmware(this.#debugger);
    await leaveMode(this.#debugger);
    if (!this.#isDebugging) return;
    await this.enterSwd();
    await this.useAp(this.#ap);
  }

  limitSpeed(kHz: number): boolean {
    return this.#speed.limit(kHz);
  }

  /** @returns whether the line is slower now */
  async slowDown(because: string): Promise<boolean> {
    const before = this.kHz;
    if (!this.#isDebugging || !(await this.#speed.lower())) return false;
    this.#lowered = { from: this.#lowered?.from ?? before ?? 0, because };
    return true;
  }

  get remarks(): readonly string[] {
    const { from, because } = this.#lowered ?? {};
    const lowered =
      because === undefined ? [] : [`the line was slowed down from ${from} to ${this.kHz} kHz: ${because}`];
    return [...this.#remarks, ...lowered];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#isDebugging) {
        if (this.firmware.can.openAp) await this.#status('close an access port', [DEBUG.CLOSE_AP, this.#ap]);
        await this.#debugger.raw({ name: 'leave SWD', bytes: [STLINK.DEBUG, DEBUG.EXIT], reply: 0 });
      }
    } catch {
      // A probe that is gone or mute has nothing to leave.
    } finally {
      await this.#port[Symbol.asyncDispose]();
    }
  }

  #tooOld(least: string, missing: string): FlashError<'probe/firmware'> {
    return new FlashError('probe/firmware', { found: this.firmware.text, least, missing });
  }

  #checkWidth(width: AccessOptions['width']): void {
    if (width === 2 && !this.firmware.can.access16)
      throw this.#tooOld(ACCESS_16_FIRMWARE, 'access memory by half-words');
  }

  #limits(): { pageBytes: number; mostBytes: number; bytesAtOnce: number; can16: boolean } {
    const { bytesAtOnce, access16 } = this.firmware.can;
    return { pageBytes: this.#pageBytes, mostBytes: BUFFER_BYTES, bytesAtOnce, can16: access16 };
  }

  async #readWord(address: number): Promise<Uint8Array> {
    const bytes = [STLINK.DEBUG, DEBUG.READ_WORD, ...u32Bytes(address)];
    const ask = { name: 'read memory', bytes, reply: WORD_REPLY_BYTES, address, isRepeatable: true };
    return (await this.#debugger.ask(ask)).slice(4, WORD_REPLY_BYTES);
  }

  async #writeWord(address: number, data: Uint8Array): Promise<void> {
    const bytes = [STLINK.DEBUG, DEBUG.WRITE_WORD, ...u32Bytes(address), ...data];
    await this.#debugger.ask({ name: 'write memory', bytes, reply: STATUS_REPLY_BYTES, address });
  }

  async #status(name: string, bytes: readonly number[]): Promise<void> {
    await this.#debugger.ask({ name, bytes: [STLINK.DEBUG, ...bytes], reply: STATUS_REPLY_BYTES, isRepeatable: true });
  }

  async #transfer(
    name: string,
    command: number,
    { at, bytes }: { readonly at: number; readonly bytes: number },
    data: Uint8Array | undefined,
  ): Promise<Uint8Array> {
    const all = [STLINK.DEBUG, command, ...u32Bytes(at), ...u16(bytes), this.#ap];
    const ask = { name, bytes: all, data, reply: data ? 0 : bytes, address: at, isRepeatable: !data };
    return await this.#debugger.transfer(
      ask,
      this.firmware.can.tellFaultAddress ? LAST_STATUS_BYTES : STATUS_REPLY_BYTES,
    );
  }
}

interface StlinkParts {
  readonly commands: StlinkDebugger;
  readonly firmware: ProbeFirmware;
  readonly speed: StlinkSpeed;
  readonly remarks: readonly string[];
  readonly recovery: { of?: Stlink };
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}
