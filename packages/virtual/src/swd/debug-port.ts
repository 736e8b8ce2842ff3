/**
 * The serial-wire debug port: power-up requests, bank selection and sticky errors in front of the access ports
 * (ADIv5.2, B2). Each call is one transaction with its acknowledge; posted reads are fetched at once.
 */

import type { DebugFacts } from './access-ports.ts';
import type { MemAp } from './mem-ap.ts';

/** The acknowledge of a transaction; `none`: nobody drives the line. */
export type Ack = 'ok' | 'wait' | 'fault' | 'none';

export interface Transaction {
  readonly ack: Ack;
  readonly value: number;
}

export interface SwdDebugPort {
  /** @param register the address 0, 4, 8 or 12 */
  read(register: number): Transaction;
  write(register: number, value: number): Transaction;
  readAp(port: number, register: number): Transaction;
  writeAp(port: number, register: number, value: number): Transaction;
  /** After power-on. */
  reset(): void;
}

const STAT = {
  ORUNDETECT: 1,
  STICKYORUN: 2,
  STICKYCMP: 16,
  STICKYERR: 32,
  WDATAERR: 128,
  CDBGPWRUPREQ: 1 << 28,
  CSYSPWRUPREQ: 1 << 30,
} as const;
const REQUESTS = STAT.CDBGPWRUPREQ | STAT.CSYSPWRUPREQ;
/** What software can set: ORUNDETECT, MASKLANE, TRNMODE, TRNCNT, the requests (ADIv5.2, B2.2.2). */
const WRITABLE = 0x50ff_ff0d;
const ABORT = { STKCMPCLR: 2, STKERRCLR: 4, WDERRCLR: 8, ORUNERRCLR: 16 } as const;

export function createSwdDebugPort({ dpidr }: DebugFacts, ports: ReadonlyMap<number, MemAp>): SwdDebugPort {
  let control = 0;
  let select = 0;
  let last = 0;

  const sticky = () => (control & (STAT.STICKYERR | STAT.STICKYORUN | STAT.WDATAERR)) !== 0;
  /** The acknowledge bits follow their requests. */
  const status = () => (control | ((control & REQUESTS) << 1)) >>> 0;
  const powered = () => (control & STAT.CDBGPWRUPREQ) !== 0;
  const ok = (value = 0): Transaction => ({ ack: 'ok', value: value >>> 0 });
  const abort = (value: number): void => {
    if (value & ABORT.STKCMPCLR) control &= ~STAT.STICKYCMP;
    if (value & ABORT.STKERRCLR) control &= ~STAT.STICKYERR;
    if (value & ABORT.WDERRCLR) control &= ~STAT.WDATAERR;
    if (value & ABORT.ORUNERRCLR) control &= ~STAT.STICKYORUN;
  };
  const access = (port: number, use: (ap: MemAp) => ReturnType<MemAp['read']>): Transaction => {
    // Without debug power an access port does not answer in time: FAULT is a guess (ADIv5.2, B2.4.5 leaves it open).
    if (sticky() || !powered()) return { ack: 'fault', value: 0 };
    const ap = ports.get(port);
    // A port that is not there reads as 0 (ADIv5.2, C1.3).
    const result = ap ? use(ap) : { ok: true as const, value: 0 };
    if (result.ok) {
      last = result.value;
      return ok(last);
    }
    if (result.why === 'wait') return { ack: 'wait', value: 0 };
    control |= STAT.STICKYERR;
    return { ack: 'fault', value: 0 };
  };
  return {
    read(register) {
      if (register === 0) return ok(dpidr);
      if (register === 4) return ok((select & 15) === 0 ? status() : 0);
      if (sticky()) return { ack: 'fault', value: 0 };
      return ok(last);
    },
    write(register, value) {
      if (register === 0) {
        abort(value);
        return ok();
      }
      if (register === 4) {
        if ((select & 15) === 0) control = (control & ~WRITABLE) | (value & WRITABLE);
        return ok();
      }
      if (sticky()) return { ack: 'fault', value: 0 };
      if (register === 8) select = value;
      return ok();
    },
    readAp: (port, register) => access(port, (ap) => ap.read(register)),
    writeAp: (port, register, value) => access(port, (ap) => ap.write(register, value)),
    reset() {
      control = 0;
      select = 0;
      last = 0;
    },
  };
}
