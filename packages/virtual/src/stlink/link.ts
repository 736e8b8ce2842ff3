/**
 * A probe's side of the SWD wire: transactions that take their time and are repeated after WAIT, and what is made of them:
 * memory, debug registers, core registers. It knows nothing of commands.
 */

import type { Width } from '../core/index.ts';
import type { Ack, SwdTarget, Transaction } from '../swd/index.ts';
import type { ProbePace } from './models.ts';

/** Clocks of one transaction with its turnarounds and idle bits (ADIv5.2, B4.3: 8, 3, 33, 2). */
const TRANSACTION_CLOCKS = 46;
/** How long WAIT is answered by another try: a guess. The time between two tries is that of a transaction. */
const WAITS_MS = 5;
const DP = { ABORT: 0, CTRL_STAT: 4, SELECT: 8 } as const;
const AP = { CSW: 0x00, TAR: 0x04, DRW: 0x0c } as const;
const CLEAR_STICKY = 0x1e;
const POWER_UP = 0x5000_0000;
const POWERED = 0xf000_0000;
/** TAR is written anew at each of these, which every access port can count within (ADIv5.2, C2.2.2). */
const TAR_PAGE = 1024;
const DCRSR = 0xe000_edf4;
const DCRDR = 0xe000_edf8;
const HALT_STATUS = 0xe000_edf0;
const S_HALT = 1 << 17;
const WRITE_REGISTER = 1 << 16;
/** The access port that commands which name none go through. */
const CORE_PORT = 0;
const SIZE_FIELD: Readonly<Record<Width, number>> = { 1: 0, 2: 1, 4: 2 };

/** Where a block of memory is, and how it is accessed. */
export interface MemoryBlock {
  readonly port: number;
  readonly address: number;
  readonly width: Width;
  /** Bits 31:8 of CSW, where the host gives them. */
  readonly csw?: number;
  /** The address stays. */
  readonly fixed?: boolean;
  /** TAR is written once, so that a block which is longer than TAR counts comes back to its start: a defect. */
  readonly oneTar?: boolean;
}

export interface MemoryResult {
  readonly ack: Ack;
  readonly bytes: Uint8Array;
  /** The address that was refused. */
  readonly faultAddress: number;
}

export class SwdLink {
  /** SWD's clock in kHz. */
  khz: number;
  readonly #target: SwdTarget;
  readonly #pace: ProbePace;

  constructor(target: SwdTarget, pace: ProbePace, khz: number) {
    this.#target = target;
    this.#pace = pace;
    this.khz = khz;
  }

  /** Line reset, DPIDR, power-up. @returns DPIDR; undefined if nobody answers */
  connect(): number | undefined {
    const { ack, value } = this.readDp(0);
    if (ack !== 'ok') return undefined;
    this.writeDp(DP.ABORT, CLEAR_STICKY);
    this.writeDp(DP.SELECT, 0);
    this.writeDp(DP.CTRL_STAT, POWER_UP);
    const status = this.readDp(DP.CTRL_STAT);
    return (status.value & POWERED) >>> 0 === POWERED ? value : undefined;
  }

  readDp(register: number): Transaction {
    return this.#transact(() => this.#target.readDp(register));
  }

  writeDp(register: number, value: number): Transaction {
    return this.#transact(() => this.#target.writeDp(register, value));
  }

  readAp(port: number, register: number): Transaction {
    return this.#transact(() => this.#target.readAp(port, register));
  }

  writeAp(port: number, register: number, value: number): Transaction {
    return this.#transact(() => this.#target.writeAp(port, register, value));
  }

  read(block: MemoryBlock, length: number): MemoryResult {
    const bytes = new Uint8Array(length);
    const result = this.#through(block, length, (offset, lane) => {
      const { ack, value } = this.readAp(block.port, AP.DRW);
      for (let byte = 0; byte < block.width; byte += 1) bytes[offset + byte] = value >>> (lane + 8 * byte);
      return ack;
    });
    return { ...result, bytes };
  }

  write(block: MemoryBlock, bytes: Uint8Array): MemoryResult {
    return this.#through(block, bytes.length, (offset, lane) => {
      let value = 0;
      for (let byte = 0; byte < block.width; byte += 1) value |= (bytes[offset + byte] ?? 0) << (lane + 8 * byte);
      return this.writeAp(block.port, AP.DRW, value >>> 0).ack;
    });
  }

  readWord(address: number): Transaction {
    const { ack, bytes } = this.read({ port: CORE_PORT, address, width: 4 }, 4);
    return { ack, value: new DataView(bytes.buffer).getUint32(0, true) };
  }

  writeWord(address: number, value: number): Transaction {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return { ack: this.write({ port: CORE_PORT, address, width: 4 }, bytes).ack, value: 0 };
  }

  /** A core register; `fault` while the core runs. */
  readCore(register: number): Transaction {
    const halted = this.#halted();
    const asked = halted === 'ok' ? this.writeWord(DCRSR, register).ack : halted;
    return asked === 'ok' ? this.readWord(DCRDR) : { ack: asked, value: 0 };
  }

  writeCore(register: number, value: number): Transaction {
    const halted = this.#halted();
    const given = halted === 'ok' ? this.writeWord(DCRDR, value).ack : halted;
    return given === 'ok' ? this.writeWord(DCRSR, register | WRITE_REGISTER) : { ack: given, value: 0 };
  }

  #halted(): Ack {
    const { ack, value } = this.readWord(HALT_STATUS);
    return ack === 'ok' && (value & S_HALT) === 0 ? 'fault' : ack;
  }

  #transact(once: () => Transaction): Transaction {
    const target = this.#target;
    const transactionMs = TRANSACTION_CLOCKS / this.khz + this.#pace.gapMs;
    const limit = target.time + WAITS_MS;
    for (;;) {
      target.pass(transactionMs);
      const result = once();
      // The target has done what it understood; its answer is what is lost: a guess.
      if (target.isGarbled(this.khz)) return { ack: 'parity', value: 0 };
      if (result.ack !== 'wait' || target.time >= limit) return result;
    }
  }

  /** Goes through a block access by access, TAR first and at each page. Sticky errors are cleared afterwards. */
  #through(block: MemoryBlock, length: number, access: (offset: number, lane: number) => Ack): MemoryResult {
    const bytes = new Uint8Array();
    for (let offset = 0; offset < length; offset += block.width) {
      const address = (block.address + (block.fixed ? 0 : offset)) >>> 0;
      const isPage = offset === 0 || (!block.fixed && !block.oneTar && address % TAR_PAGE === 0);
      const aimed = isPage ? this.#aim(block, address) : 'ok';
      const ack = aimed === 'ok' ? access(offset, 8 * (address & 3)) : aimed;
      if (ack === 'ok') continue;
      if (ack === 'fault') this.writeDp(DP.ABORT, CLEAR_STICKY);
      return { ack, bytes, faultAddress: address };
    }
    return { ack: 'ok', bytes, faultAddress: 0 };
  }

  #aim({ port, width, csw = 0x2300_0000, fixed = false }: MemoryBlock, address: number): Ack {
    const set = this.writeAp(port, AP.CSW, ((csw & ~0x37) | SIZE_FIELD[width] | (fixed ? 0 : 0x10)) >>> 0);
    return set.ack === 'ok' ? this.writeAp(port, AP.TAR, address).ack : set.ack;
  }
}
