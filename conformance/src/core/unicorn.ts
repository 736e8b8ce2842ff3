/**
 * Unicorn 2, QEMU's translator as a library, through koffi: one instruction at a time, as an oracle for the core of
 * `virtual`. It needs Debian's `libunicorn2` and is nothing that a user ever meets.
 */

import koffi from 'koffi';

/** What both sides know of a core between two instructions: R0–R12, SP, LR, PC, then APSR. */
export const STATE_WORDS = 17;
export const APSR = 16;

export type OracleCore = 'm0' | 'm3' | 'm4' | 'm7' | 'm33';

/** UC_CPU_ARM_CORTEX_… */
const MODELS: Readonly<Record<OracleCore, number>> = { m0: 7, m3: 8, m4: 9, m7: 10, m33: 11 };
const UC_ARCH_ARM = 1;
const UC_MODE_THUMB_MCLASS = (1 << 4) | (1 << 5);
const UC_CTL_CPU_MODEL = (7 | (1 << 26) | (1 << 30)) >>> 0;
/** UC_CTL_TB_REMOVE_CACHE, written with two addresses. */
const UC_CTL_TB_REMOVE_CACHE = (9 | (2 << 26) | (1 << 30)) >>> 0;
const UC_PROT_ALL = 7;
/** UC_ARM_REG_R0 … R12, SP, LR, PC, CPSR: as APSR and XPSR, this Unicorn neither takes nor gives Q and GE. */
const REGISTERS = [66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 12, 10, 11, 3] as const;
const CPSR_T = 1 << 5;
const APSR_BITS = 0xf80f_0000;

/** An engine of Unicorn's. */
export interface Unicorn {
  map(address: number, size: number): void;
  writeMemory(address: number, bytes: Uint8Array): void;
  /** Writes instructions, and forgets what was translated from there before. */
  writeCode(address: number, bytes: Uint8Array): void;
  readMemory(address: number, into: Uint8Array): void;
  /**
   * Runs the instruction at `state[15]`, or all up to the address `until`, and puts what came out into `state`.
   * @returns Unicorn's error, 0 for none
   */
  run(state: Uint32Array, until?: number): number;
  close(): void;
}

type Library = ReturnType<typeof bind>;

function bind(path: string) {
  const library = koffi.load(path);
  return {
    open: library.func('int uc_open(int arch, int mode, _Out_ void **engine)'),
    close: library.func('int uc_close(void *engine)'),
    control: library.func('int uc_ctl(void *engine, uint32_t control, ...)'),
    map: library.func('int uc_mem_map(void *engine, uint64_t address, size_t size, uint32_t permissions)'),
    write: library.func('int uc_mem_write(void *engine, uint64_t address, const uint8_t *bytes, size_t size)'),
    read: library.func('int uc_mem_read(void *engine, uint64_t address, _Out_ uint8_t *bytes, size_t size)'),
    writeRegister: library.func('int uc_reg_write(void *engine, int register, const uint32_t *value)'),
    readRegister: library.func('int uc_reg_read(void *engine, int register, _Out_ uint32_t *value)'),
    start: library.func(
      'int uc_emu_start(void *engine, uint64_t begin, uint64_t until, uint64_t timeout, size_t count)',
    ),
  };
}

let loaded: Library | undefined;

/** @returns why Unicorn cannot be used here; nothing when it can */
export function unicornMissing(): string | undefined {
  try {
    loaded ??= bind('libunicorn.so.2');
    return undefined;
  } catch (error) {
    return `libunicorn.so.2 does not load (${error instanceof Error ? error.message.split('\n')[0] : 'unknown'})`;
  }
}

export function openUnicorn(core: OracleCore): Unicorn {
  const library = loaded ?? bind('libunicorn.so.2');
  const handle: unknown[] = [null];
  must(library.open(UC_ARCH_ARM, UC_MODE_THUMB_MCLASS, handle));
  const engine = handle[0];
  must(library.control(engine, UC_CTL_CPU_MODEL, 'int', MODELS[core]));
  const word = new Uint32Array(1);
  return {
    map: (address, size) => must(library.map(engine, address, size, UC_PROT_ALL)),
    writeMemory: (address, bytes) => must(library.write(engine, address, bytes, bytes.length)),
    writeCode(address, bytes) {
      must(library.control(engine, UC_CTL_TB_REMOVE_CACHE, 'uint64_t', address, 'uint64_t', address + bytes.length));
      must(library.write(engine, address, bytes, bytes.length));
    },
    readMemory: (address, into) => must(library.read(engine, address, into, into.length)),
    run(state, until) {
      for (let index = 0; index < STATE_WORDS; index += 1) {
        word[0] = (state[index] ?? 0) | (index === APSR ? CPSR_T : 0);
        library.writeRegister(engine, REGISTERS[index], word);
      }
      const pc = state[15] ?? 0;
      const error: unknown = library.start(engine, pc | 1, until ?? 0xffff_fffe, 0, until === undefined ? 1 : 100);
      for (let index = 0; index < STATE_WORDS; index += 1) {
        library.readRegister(engine, REGISTERS[index], word);
        state[index] = index === APSR ? (word[0] ?? 0) & APSR_BITS : (word[0] ?? 0);
      }
      return typeof error === 'number' ? error : -1;
    },
    close: () => {
      library.close(engine);
    },
  };
}

function must(error: unknown): void {
  if (error !== 0) throw new Error(`Unicorn error ${String(error)}`);
}
