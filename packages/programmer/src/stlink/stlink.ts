/** An ST-LINK probe: modes, speed, voltage, reset line, and memory of the chip behind it. It knows no chip. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { AccessOptions } from '../cortex/debug-access.ts';
import { FlashError, hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { accessPieces } from '../probe/access-pieces.ts';
import type { DebugProbe } from '../probe/debug-probe.ts';
import {
  DEBUG,
  DFU_EXIT,
  ENTER_SWD,
  MODE,
  NRST,
  STATUS_REPLY_BYTES,
  STLINK,
  SWIM_EXIT,
  u16,
  u32Bytes,
} from './commands.ts';
import { StlinkDebugger } from './debugger.ts';
import { firmwareOfVersion, firmwareOfVersionEx, isUsable, LEAST_FIRMWARE, type ProbeFirmware } from './firmware.ts';
import { StlinkSpeed } from './speed.ts';

export interface StlinkOptions {
  readonly clock: Clock;
  /** Of the line to the chip; absent, the quickest that works. */
  readonly kHz?: number | undefined;
}

const VERSION_REPLY_BYTES = 6;
const VERSION_EX_BYTES = 12;
/** ST's vendor id in the answer to VERSION. */
const VENDOR_AT = 2;
const [ST_LOW, ST_HIGH] = [0x83, 0x04];
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
  #ap = 0;
  /** From one multiple of it to the next the address register of the chip's access port counts by itself (ADIv5.2 C2.2.2). */
  #pageBytes = 1024;

  private constructor(port: UsbPort, parts: StlinkParts) {
    this.#port = port;
    this.#debugger = parts.commands;
    this.firmware = parts.firmware;
    this.#speed = parts.speed;
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
      slowDown: async () => (await recovery.of?.slowDown()) ?? false,
    });
    const firmware = await firstAnswer(port, commands);
    if (!isUsable(firmware)) {
      throw new FlashError('probe/firmware', { found: firmware.text, least: LEAST_FIRMWARE });
    }
    await leaveMode(commands);
    const speed = new StlinkSpeed(commands, firmware, kHz);
    return new Stlink(port, { commands, firmware, speed, recovery });
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
    if (!this.firmware.can.measureVoltage) return undefined;
    const ask = { name: 'measure the voltage', bytes: [STLINK.VOLTAGE], reply: 8, isRepeatable: true };
    const reply = await this.#debugger.raw(ask);
    const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
    if (reply.length < ask.reply) return undefined;
    const [reference, measured] = [view.getUint32(0, true), view.getUint32(4, true)];
    // The reference is 1.2 V, and the divider halves.
    return reference === 0 ? undefined : (2 * measured * 1.2) / reference;
  }

  /** Opens the line to the chip: speed, SWD. An access port comes next. @throws FlashError `probe/refused` where no chip answers */
  async enterSwd(): Promise<void> {
    await this.#speed.apply();
    const bytes = [STLINK.DEBUG, DEBUG.ENTER, ENTER_SWD];
    await this.#debugger.ask({ name: 'enter SWD', bytes, reply: STATUS_REPLY_BYTES, isRepeatable: true });
    this.#isDebugging = true;
  }

  async useAp(ap: number): Promise<void> {
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

  /** @returns whether the line is slower now */
  async slowDown(): Promise<boolean> {
    return this.#isDebugging && (await this.#speed.lower());
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
  readonly recovery: { of?: Stlink };
}

/** A session that was cut may have left a reply, which would be taken for the first of this one. */
async function firstAnswer(port: UsbPort, commands: StlinkDebugger): Promise<ProbeFirmware> {
  try {
    return await readFirmware(commands);
  } catch (error) {
    if (!hasCode(error, 'probe/protocol')) throw error;
    await port.reset();
    return await readFirmware(commands);
  }
}

async function readFirmware(commands: StlinkDebugger): Promise<ProbeFirmware> {
  const name = 'read its version';
  const short = { name, bytes: [STLINK.VERSION], reply: VERSION_REPLY_BYTES, isRepeatable: true };
  const answer = await commands.raw(short);
  if (answer[VENDOR_AT] !== ST_LOW || answer[VENDOR_AT + 1] !== ST_HIGH) {
    throw new FlashError('probe/protocol', { operation: name, expected: 'a version of ST', found: 'another reply' });
  }
  const firmware = firmwareOfVersion(answer);
  if (firmware) return firmware;
  const long = { name, bytes: [STLINK.VERSION_EX], reply: VERSION_EX_BYTES, isRepeatable: true };
  return firmwareOfVersionEx(await commands.raw(long));
}

async function leaveMode(commands: StlinkDebugger): Promise<void> {
  const [mode] = await commands.raw({ name: 'read its mode', bytes: [STLINK.MODE], reply: 2, isRepeatable: true });
  const leaving = mode === undefined ? undefined : LEAVING_MODE[mode];
  if (leaving) await commands.raw({ name: 'leave its mode', bytes: leaving, reply: 0 });
}

/** Mass storage needs no leaving: it is there beside the probe. */
const LEAVING_MODE: Readonly<Record<number, readonly number[]>> = {
  [MODE.DFU]: [STLINK.DFU, DFU_EXIT],
  [MODE.SWIM]: [STLINK.SWIM, SWIM_EXIT],
  [MODE.DEBUG]: [STLINK.DEBUG, DEBUG.EXIT],
};

function wordAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}
