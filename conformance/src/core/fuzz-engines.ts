/** The two engines of a fuzz run, with the same memory: instructions at `FIRST` to `LAST`, data, and branches around. */

import {
  type Core,
  type CoreName,
  createCore,
  createMemoryMap,
  isCoreFault,
  NotModelledError,
  random,
} from '@sureflash/virtual';
import { APSR, type OracleCore, openUnicorn, STATE_WORDS, type Unicorn } from './unicorn.ts';

export const CODE = 0x0010_0000;
export const CODE_BYTES = 0x10_0000;
/** Branches reach this far from the instructions. */
export const FIRST = CODE + 0x2000;
export const LAST = CODE + 0x8_0000;
export const DATA = 0x2000_0000;
export const DATA_BYTES = 0x2000;
export const VECTORS = 0x3000_0000;

/** B to itself, four bytes of it: Unicorn would translate whatever follows, to the end of the page. */
export const STOP = [0xe7fe, 0xe7fe];

export function openTheirs(core: OracleCore, data: Uint8Array): Unicorn {
  const engine = openUnicorn(core);
  engine.map(CODE, CODE_BYTES);
  engine.map(DATA, DATA_BYTES);
  engine.writeMemory(CODE, emptyCode());
  engine.writeMemory(DATA, data);
  return engine;
}

function emptyCode(): Uint8Array {
  return new Uint8Array(new Uint16Array(CODE_BYTES / 2).fill(STOP[0] ?? 0).buffer);
}

const COMPARED_REGISTERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 'sp', 'lr', 'pc', 'xpsr'] as const;

function setRegisters({ registers }: Core, state: Uint32Array): void {
  COMPARED_REGISTERS.forEach((register, index) => {
    const value = state[index] ?? 0;
    registers.write(register, index === APSR ? (value | (1 << 24)) >>> 0 : value);
  });
}

/** Of xPSR the flags alone. */
function getRegisters({ registers }: Core, state: Uint32Array): void {
  COMPARED_REGISTERS.forEach((register, index) => {
    const value = registers.read(register);
    state[index] = index === APSR ? value & 0xf80f_0000 : value;
  });
}

export function openOurs(name: CoreName) {
  const code = emptyCode();
  const data = new Uint8Array(DATA_BYTES);
  const filler = random(7);
  for (let index = 0; index < data.length; index += 1) data[index] = Math.floor(filler() * 256);
  const bus = createMemoryMap([
    { name: 'code', start: CODE, length: CODE_BYTES, bytes: code, writable: true },
    { name: 'data', start: DATA, length: DATA_BYTES, bytes: data, writable: true },
    { name: 'vectors', start: VECTORS, length: 0x400, bytes: vectors() },
  ]);
  const core = createCore({ core: name, bus });
  core.reset(VECTORS);
  const state = new Uint32Array(STATE_WORDS);
  return {
    data,
    scratch: Buffer.alloc(DATA_BYTES),
    clear() {
      code.set(emptyCode());
      bus.invalidateAll();
    },
    place(at: number, bytes: Uint8Array) {
      code.set(bytes, at - CODE);
      bus.invalidate(at, bytes.length);
    },
    /** With `runs`, as a program does it; otherwise in single steps. */
    run(
      before: Uint32Array,
      until: number | undefined,
      runs: boolean,
    ): { state: Uint32Array; faulted: string | undefined } {
      setRegisters(core, before);
      try {
        do {
          if (runs) core.run(1);
          else core.step();
        } while (until !== undefined && core.registers.read('pc') < until && core.registers.exception === 0);
      } catch (error) {
        if (!(error instanceof NotModelledError) && !isCoreFault(error)) throw error;
        return { state, faulted: 'not modelled' };
      }
      if (core.registers.exception !== 0 || core.state !== 'running') {
        const cfsr = core.faultStatus.cfsr.toString(16);
        core.reset(VECTORS);
        return { state, faulted: `${cfsr} ${core.state}` };
      }
      getRegisters(core, state);
      return { state, faulted: undefined };
    },
  };
}

/** A stack where exceptions can stack, and handlers that are never reached. */
function vectors(): Uint8Array {
  const words = new Uint32Array(0x100).fill(CODE | 1);
  words[0] = DATA + DATA_BYTES - 0x100;
  return new Uint8Array(words.buffer);
}
