/**
 * The serial-wire debug port: power-up requests, bank selection and sticky errors in front of the access ports
 * (ADIv5.2, B2). Each call is one transaction with its acknowledge; posted reads are fetched at once.
 */

import type { DebugFacts } from './access-ports.ts';
import type { BusResult, MemAp } from './mem-ap.ts';

/** The acknowledge of a transaction; `none`: nobody drives the line; `parity`: what came does not add up. */
export type Ack = 'ok' | 'wait' | 'fault' | 'none' | 'parity';

export interface Transaction {
  readonly ack: Ack;
  readonly value: number;
}

const STAT = {
  STICKYORUN: 2,
  STICKYCMP: 16,
  STICKYERR: 32,
  WDATAERR: 128,
  CDBGPWRUPREQ: 1 << 28,
  CSYSPWRUPREQ: 1 << 30,
} as const;
const REQUESTS = STAT.CDBGPWRUPREQ | STAT.CSYSPWRUPREQ;
/** What software can set: ORUNDETECT, MASKLANE, TRNMODE, TRNCNT, the requests (ADIv5.2, B2.2.2). */
const CTRL_WRITABLE = 0x50ff_ff0d;
const ABORT = { STKCMPCLR: 2, STKERRCLR: 4, WDERRCLR: 8, ORUNERRCLR: 16 } as const;

const OK: Transaction = { ack: 'ok', value: 0 };
const FAULT: Transaction = { ack: 'fault', value: 0 };

export class SwdDebugPort {
  readonly #dpidr: number;
  readonly #ports: ReadonlyMap<number, MemAp>;
  #control = 0;
  #select = 0;
  #last = 0;

  constructor({ dpidr }: DebugFacts, ports: ReadonlyMap<number, MemAp>) {
    this.#dpidr = dpidr;
    this.#ports = ports;
  }

  /** SELECT: the access port in bits 31 to 24, its bank in bits 7 to 4 (ADIv5.2, B2.2.11). */
  get select(): number {
    return this.#select;
  }

  /** Whether a debugger has asked for the power of the debug units. */
  get isPowered(): boolean {
    return (this.#control & STAT.CDBGPWRUPREQ) !== 0;
  }

  /** @param register the address 0, 4, 8 or 12 */
  read(register: number): Transaction {
    if (register === 0) return { ack: 'ok', value: this.#dpidr };
    if (register === 4) return { ack: 'ok', value: (this.#select & 15) === 0 ? this.#status : 0 };
    return this.#isSticky ? FAULT : { ack: 'ok', value: this.#last };
  }

  write(register: number, value: number): Transaction {
    if (register === 0) this.#abort(value);
    else if (register === 4) {
      if ((this.#select & 15) === 0) this.#control = (this.#control & ~CTRL_WRITABLE) | (value & CTRL_WRITABLE);
    } else if (this.#isSticky) return FAULT;
    else if (register === 8) this.#select = value;
    return OK;
  }

  readAp(port: number, register: number): Transaction {
    return this.#access(port, (ap) => ap.read(register));
  }

  writeAp(port: number, register: number, value: number): Transaction {
    return this.#access(port, (ap) => ap.write(register, value));
  }

  /** After power-on. */
  reset(): void {
    this.#control = 0;
    this.#select = 0;
    this.#last = 0;
  }

  get #isSticky(): boolean {
    return (this.#control & (STAT.STICKYERR | STAT.STICKYORUN | STAT.WDATAERR)) !== 0;
  }

  /** The acknowledge bits follow their requests. */
  get #status(): number {
    return (this.#control | ((this.#control & REQUESTS) << 1)) >>> 0;
  }

  #abort(value: number): void {
    if (value & ABORT.STKCMPCLR) this.#control &= ~STAT.STICKYCMP;
    if (value & ABORT.STKERRCLR) this.#control &= ~STAT.STICKYERR;
    if (value & ABORT.WDERRCLR) this.#control &= ~STAT.WDATAERR;
    if (value & ABORT.ORUNERRCLR) this.#control &= ~STAT.STICKYORUN;
  }

  #access(port: number, use: (ap: MemAp) => BusResult): Transaction {
    // Without debug power an access port does not answer: FAULT is a guess (ADIv5.2, B2.4.5 leaves it open).
    if (this.#isSticky || !this.isPowered) return FAULT;
    const ap = this.#ports.get(port);
    // A port that is not there reads as 0 (ADIv5.2, C1.3).
    const result: BusResult = ap ? use(ap) : { ok: true, value: 0 };
    if (result.ok) {
      this.#last = result.value >>> 0;
      return { ack: 'ok', value: this.#last };
    }
    if (result.why === 'wait') return { ack: 'wait', value: 0 };
    this.#control |= STAT.STICKYERR;
    return FAULT;
  }
}
