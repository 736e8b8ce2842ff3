/**
 * The flash controller of H7R and H7S: words of 16 bytes that gather in a write buffer, flags of failures in registers of their
 * own, options that change as soon as their registers are written (RM0477 §5; embassy-rs/stm32-data flash_h7rs).
 */

import type { Width } from '../core/index.ts';
import {
  bytesOf,
  createKeyLock,
  eraseTogether,
  F2_OPTION_KEYS,
  FLASH_KEYS,
  type FlashController,
  type FlashPort,
  isShut,
  type KeyLock,
  keyed,
} from './flash-port.ts';
import { createPeripheral, newRegisterValues, type RegisterSpec, type RegisterValues } from './peripheral.ts';

const CR = { LOCK: 1, PG: 2, SER: 4, BER: 8, FW: 16, START: 32, SSN: 6, SSN_MASK: 7 } as const;
const SR = { BUSY: 1, WBNE: 2, QW: 4 } as const;
const ISR = { EOP: 1 << 16, WRPERR: 1 << 17, PGSERR: 1 << 18, STRBERR: 1 << 19, INCERR: 1 << 21 } as const;
const OPTCR = { OPTLOCK: 1, PG_OPT: 2 } as const;
const ERRORS = ISR.WRPERR | ISR.PGSERR | ISR.STRBERR | ISR.INCERR;
const UNIT = 16;
const START = 0x5200_2000;
/** Of one option register: a guess, as an erase of the smallest sector there is. */
const OPTION_MS = 22;

/** Status register, the one behind it that programs, name, value as it leaves the factory. NVSTATE 0xB4 is open. */
export const H7RS_OPTIONS = [
  [0x200, 0x204, 'NVS', 0xb4],
  [0x208, 0x20c, 'ROTS', 0],
  [0x210, 0x214, 'OTPLS', 0],
  [0x218, 0x21c, 'WRPS', 0xff],
  [0x230, 0x234, 'HDPS', 0x0000_01ff],
  [0x250, 0x254, 'EPOCHS', 0],
  [0x260, 0x264, 'OBW1S', 0x1006_00d0],
  [0x268, 0x26c, 'OBW2S', 0],
] as const;

export function createH7rsFlash(port: FlashPort): FlashController {
  const lock = createKeyLock(...FLASH_KEYS, { at: START + 0x04 });
  const optionLock = createKeyLock(...F2_OPTION_KEYS, { at: START + 0x100 });
  const values = newRegisterValues('FLASH');
  const operations = createOperations(port, (bit) => values.set('ISR', values.get('ISR') | bit));
  const registers = { ...controlRegisters(operations, lock, values), ...optionSpecs(port, operations, optionLock) };
  const peripheral = createPeripheral({ name: 'FLASH', start: START, registers }, values);
  const reset = (): void => {
    lock.reset();
    optionLock.reset();
    operations.reset();
    peripheral.reset();
    const view = new DataView(port.options.buffer, port.options.byteOffset);
    H7RS_OPTIONS.forEach(([, , name], index) => {
      for (const side of [`${name}R`, `${name}RP`]) values.set(side, view.getUint32(4 * index, true));
    });
  };
  reset();
  return {
    name: 'FLASH',
    start: START,
    registers: peripheral.device,
    get isBusy() {
      return operations.isBusy();
    },
    write(address: number, width: Width, value: number) {
      const ready = !lock.locked && (values.get('CR') & CR.PG) !== 0 && !operations.isBusy();
      operations.store(ready && (values.get('ISR') & ERRORS) === 0, { address, width, value });
    },
    reset,
  };
}

interface Store {
  readonly address: number;
  readonly width: Width;
  readonly value: number;
}

type Operations = ReturnType<typeof createOperations>;

/** What runs, and what gathers for it. */
function createOperations(port: FlashPort, flag: (bit: number) => void) {
  const { flash } = port;
  let until = 0;
  let buffer: { readonly base: number; readonly bytes: Uint8Array; readonly filled: Set<number> } | undefined;
  const begin = (address: number, end: number): void => {
    until = end;
    flag(ISR.EOP);
    port.busy(address, end);
  };
  const flush = (): void => {
    if (!buffer) return;
    const { base, bytes } = buffer;
    buffer = undefined;
    if (isShut(port, flash.sectorAt(base)?.index ?? -1)) {
      flag(ISR.WRPERR);
      return;
    }
    begin(base, flash.program(base, bytes, port.now()));
    port.changed(base, UNIT);
  };
  const gather = ({ address, width, value }: Store): number | undefined => {
    const base = address - (address % UNIT);
    buffer ??= { base, bytes: new Uint8Array(UNIT).fill(0xff), filled: new Set() };
    if (buffer.base !== base) {
      buffer = undefined;
      return ISR.INCERR;
    }
    if (buffer.filled.has(address)) return ISR.STRBERR;
    buffer.bytes.set(bytesOf(value, width), address - base);
    for (let byte = 0; byte < width; byte += 1) buffer.filled.add(address + byte);
    if (buffer.filled.size === UNIT) flush();
    return undefined;
  };
  return {
    isBusy: () => port.now() < until,
    hasBuffer: () => buffer !== undefined,
    begin,
    flush,
    erase: (number: number | 'all') => erase({ port, flag, begin }, number),
    store(isReady: boolean, store: Store): void {
      const failure = isReady ? gather(store) : ISR.PGSERR;
      if (failure !== undefined) flag(failure);
    },
    reset(): void {
      until = 0;
      buffer = undefined;
    },
  };
}

interface EraseParts {
  readonly port: FlashPort;
  readonly flag: (bit: number) => void;
  readonly begin: (address: number, end: number) => void;
}

/** Erases a sector by its number, or all of them. */
function erase({ port, flag, begin }: EraseParts, number: number | 'all'): void {
  const { flash } = port;
  const sectors = number === 'all' ? flash.sectors : flash.sectors.slice(number, number + 1);
  const [first] = sectors;
  const until = first && eraseTogether(port, sectors);
  if (until === undefined) flag(first ? ISR.WRPERR : ISR.PGSERR);
  else begin(first?.start ?? 0, until);
}

function controlRegisters(
  operations: Operations,
  lock: KeyLock,
  values: RegisterValues,
): Readonly<Record<number, RegisterSpec>> {
  const writeControl = (written: number, stored: number): number => {
    if (written & CR.LOCK) lock.lock();
    if (lock.locked || operations.isBusy()) return stored;
    const kept = written & ~(CR.LOCK | CR.START | CR.FW);
    if (written & CR.START && kept & CR.BER) operations.erase('all');
    else if (written & CR.START && kept & CR.SER) operations.erase((kept >>> CR.SSN) & CR.SSN_MASK);
    if (written & CR.FW) operations.flush();
    return kept;
  };
  return {
    [0x00]: { name: 'ACR', reset: 0x13 },
    [0x04]: { name: 'KEYR', write: (value) => keyed(lock, value) },
    [0x10]: { name: 'CR', read: (stored) => (lock.locked ? stored | CR.LOCK : stored), write: writeControl },
    [0x14]: {
      name: 'SR',
      writable: 0,
      read: () => (operations.isBusy() ? SR.BUSY | SR.QW : 0) | (operations.hasBuffer() ? SR.WBNE : 0),
    },
    [0x18]: { name: 'FCR', write: () => 0 },
    [0x20]: { name: 'IER' },
    [0x24]: { name: 'ISR', writable: 0 },
    [0x28]: {
      name: 'ICR',
      write(written) {
        values.set('ISR', values.get('ISR') & ~written);
        return 0;
      },
    },
  };
}

/** With PG_OPT set, a write to a programming register changes that option (RM0477, FLASH_OPTCR). */
function optionSpecs(port: FlashPort, operations: Operations, lock: KeyLock): Record<number, RegisterSpec> {
  let isOpen = false;
  const specs: Record<number, RegisterSpec> = {
    [0x100]: { name: 'OPTKEYR', write: (value) => keyed(lock, value) },
    [0x104]: {
      name: 'OPTCR',
      read: () => (lock.locked ? OPTCR.OPTLOCK : 0) | (isOpen && !lock.locked ? OPTCR.PG_OPT : 0),
      write(written) {
        if (written & OPTCR.OPTLOCK) lock.lock();
        isOpen = !lock.locked && (written & OPTCR.PG_OPT) !== 0;
        return 0;
      },
    },
    [0x108]: { name: 'OPTISR', writable: 0 },
    [0x10c]: { name: 'OPTICR', write: () => 0 },
  };
  H7RS_OPTIONS.forEach(([status, program, name], index) => {
    specs[status] = {
      name: `${name}R`,
      writable: 0,
      read: () => new DataView(port.options.buffer, port.options.byteOffset).getUint32(4 * index, true),
    };
    specs[program] = {
      name: `${name}RP`,
      write(written, stored) {
        if (lock.locked || !isOpen || operations.isBusy()) return stored;
        port.options.set(bytesOf(written, 4), 4 * index);
        operations.begin(0, port.now() + OPTION_MS);
        return written;
      },
    };
  });
  return specs;
}
