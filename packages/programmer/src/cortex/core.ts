/** A Cortex-M core through its debug registers: halt, run, registers, breakpoints, reset. It knows no probe and no chip. */
import { type CoreState, FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import { type DebugAccess, readWord, readWords, writeWord } from './debug-access.ts';
import { faultWords } from './faults.ts';
import { AIRCR, DCRSR_WRITE, DEMCR, DHCSR, FPB, REGISTER, SCS, XPSR_THUMB } from './registers.ts';

/** What DHCSR tells. */
export interface CoreStatus {
  readonly halted: boolean;
  readonly asleep: boolean;
  readonly lockedUp: boolean;
  /** The core was reset since DHCSR was read last. */
  readonly wasReset: boolean;
}

export interface ResumeOptions {
  /** Interrupts are not taken while the core runs. */
  readonly maskInterrupts?: boolean;
}

/** How long in ms a core may take to halt; it halts between two instructions. */
const HALT_LIMIT_MS = 100;
/** The longest reset: option bytes are loaded, and a supervisor may hold NRST. */
const RESET_LIMIT_MS = 500;
const CORE_POLL_MS = 1;
/** Halts where the core would otherwise stay in a fault handler, or lock up. */
const CATCH_FAULTS = DEMCR.VC_HARDERR;

/** Every method throws `core/*`, and what the access throws. */
export class CortexCore {
  readonly #access: DebugAccess;
  readonly #clock: Clock;

  constructor(access: DebugAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Reading clears the mark of a reset. */
  async status(): Promise<CoreStatus> {
    return statusOf(await readWord(this.#access, SCS.DHCSR));
  }

  async halt(): Promise<void> {
    await this.#control(DHCSR.C_HALT);
    await this.#haltedWithin(HALT_LIMIT_MS, 'halt');
  }

  async resume({ maskInterrupts = false }: ResumeOptions = {}): Promise<void> {
    // C_MASKINTS may only change while the core is halted (C1.6.2).
    if (maskInterrupts) await this.#control(DHCSR.C_HALT | DHCSR.C_MASKINTS);
    await this.#control(maskInterrupts ? DHCSR.C_MASKINTS : 0);
  }

  /** Executes one instruction; interrupts are not taken. */
  async step(): Promise<void> {
    await this.#control(DHCSR.C_HALT | DHCSR.C_MASKINTS);
    await this.#control(DHCSR.C_STEP | DHCSR.C_MASKINTS);
    await this.#haltedWithin(HALT_LIMIT_MS, 'step');
  }

  /** Lets the core run without debug: sleep and watchdogs are as if there were no probe. */
  async release(): Promise<void> {
    await writeWord(this.#access, SCS.DEMCR, 0);
    await writeWord(this.#access, SCS.DHCSR, DHCSR.KEY);
  }

  /** @param number of DCRSR: R0 to R12, then as in `REGISTER`. The core must be halted. */
  async readRegister(number: number): Promise<number> {
    await writeWord(this.#access, SCS.DCRSR, number);
    await this.#registerReady(number);
    return await readWord(this.#access, SCS.DCRDR);
  }

  async writeRegister(number: number, value: number): Promise<void> {
    await writeWord(this.#access, SCS.DCRDR, value);
    await writeWord(this.#access, SCS.DCRSR, number | DCRSR_WRITE);
    await this.#registerReady(number);
  }

  /** The next reset, and faults that no handler takes, halt the core from now on. */
  async catchResets(): Promise<void> {
    await this.#control(DHCSR.C_HALT);
    await writeWord(this.#access, SCS.DEMCR, DEMCR.TRCENA | DEMCR.VC_CORERESET | CATCH_FAULTS);
  }

  /**
   * Resets the chip by its system reset, and halts it before its first instruction. Resets and faults are caught after it,
   * until `release`.
   */
  async resetAndHalt(): Promise<void> {
    await this.catchResets();
    await this.status();
    await this.#requestReset();
    await this.#haltedWithin(RESET_LIMIT_MS, 'halt after a reset');
  }

  /** Waits until the core stands at its first instruction. @returns whether it was reset at all */
  async haltsAfterReset(): Promise<boolean> {
    const end = this.#clock.now() + HALT_LIMIT_MS;
    let wasReset = false;
    for (;;) {
      const status = await this.status();
      wasReset ||= status.wasReset;
      if (status.halted && !status.wasReset) return wasReset;
      if (this.#clock.now() >= end) return false;
      await this.#clock.sleep(CORE_POLL_MS);
    }
  }

  /** Resets the chip and lets its program run, without debug. */
  async resetAndRun(): Promise<void> {
    await writeWord(this.#access, SCS.DEMCR, 0);
    await this.#requestReset();
    await this.#clock.sleep(CORE_POLL_MS);
    await writeWord(this.#access, SCS.DHCSR, DHCSR.KEY);
  }

  /** Starts the halted core at `address` with interrupts masked. */
  async startAt(address: number): Promise<void> {
    await this.writeRegister(REGISTER.XPSR, XPSR_THUMB);
    await this.writeRegister(REGISTER.PC, address & ~1);
    await this.resume({ maskInterrupts: true });
  }

  /** Halts the core before it executes the instruction at `address`, in the first comparator. @throws RangeError above code */
  async setBreakpoint(address: number): Promise<void> {
    if (address >= 0x2000_0000) throw new RangeError('the breakpoint unit covers code below 0x20000000');
    const revision = ((await readWord(this.#access, FPB.CTRL)) >>> 28) & 0xf;
    const half = (address & 2) === 0 ? 1 : 2;
    const value = revision === 0 ? (half << 30) | (address & 0x1fff_fffc) | 1 : address | 1;
    await writeWord(this.#access, FPB.COMP0, value);
    await writeWord(this.#access, FPB.CTRL, FPB.KEY | FPB.ENABLE);
  }

  async clearBreakpoint(): Promise<void> {
    await writeWord(this.#access, FPB.COMP0, 0);
  }

  /**
   * Calls a function in RAM: R0 to R3 from `args`, the stack at `stackTop`, and a return to a BKPT that is written there.
   * @returns R0
   * @throws FlashError `core/stuck` after `limitMs`, `core/fault` where it does not come back
   */
  async call(entry: number, { args, stackTop, limitMs }: FunctionCall): Promise<number> {
    await writeWord(this.#access, stackTop, BKPT);
    for (const [number, value] of args.entries()) await this.writeRegister(number, value);
    await this.writeRegister(REGISTER.SP, stackTop);
    await this.writeRegister(REGISTER.LR, stackTop | 1);
    await this.startAt(entry);
    await this.#haltedWithin(limitMs, 'return from a function');
    const pc = await this.readRegister(REGISTER.PC);
    if (pc !== stackTop) throw await this.faultAt('run a function in RAM');
    return await this.readRegister(0);
  }

  /** @returns the error of a core that has halted where it should not, with its fault status in words */
  async faultAt(operation: string): Promise<FlashError<'core/fault'>> {
    const pc = await this.readRegister(REGISTER.PC);
    const [cfsr = 0, hfsr = 0] = await readWords(this.#access, SCS.CFSR, 2);
    return new FlashError('core/fault', { operation, pc, faults: faultWords({ cfsr, hfsr }) });
  }

  async #requestReset(): Promise<void> {
    try {
      await writeWord(this.#access, SCS.AIRCR, AIRCR.KEY | AIRCR.SYSRESETREQ);
    } catch (error) {
      // The reset may take the answer to the write with it.
      if (!(error instanceof FlashError) || error.code !== 'probe/refused') throw error;
    }
  }

  async #control(bits: number): Promise<void> {
    await writeWord(this.#access, SCS.DHCSR, DHCSR.KEY | DHCSR.C_DEBUGEN | bits);
  }

  async #registerReady(number: number): Promise<void> {
    const dhcsr = await readWord(this.#access, SCS.DHCSR);
    if ((dhcsr & DHCSR.S_REGRDY) === 0) throw coreStuck(`transfer register ${number}`, 0, dhcsr & ~DHCSR.S_RESET_ST);
  }

  async #haltedWithin(limitMs: number, operation: string): Promise<void> {
    const end = this.#clock.now() + limitMs;
    for (;;) {
      const dhcsr = await readWord(this.#access, SCS.DHCSR);
      // While the reset lasts its mark stays, and reading does not clear it.
      if ((dhcsr & (DHCSR.S_HALT | DHCSR.S_RESET_ST)) === DHCSR.S_HALT) return;
      if (this.#clock.now() >= end) throw coreStuck(operation, limitMs, dhcsr);
      await this.#clock.sleep(CORE_POLL_MS);
    }
  }
}

export interface FunctionCall {
  /** At most four. */
  readonly args: readonly number[];
  /** End of the stack, a multiple of 8; the word behind it is overwritten. */
  readonly stackTop: number;
  readonly limitMs: number;
}

/** Two BKPT #0. */
const BKPT = 0xbe00_be00;

function statusOf(dhcsr: number): CoreStatus {
  const has = (bit: number): boolean => (dhcsr & bit) !== 0;
  return {
    halted: has(DHCSR.S_HALT),
    asleep: has(DHCSR.S_SLEEP),
    lockedUp: has(DHCSR.S_LOCKUP),
    wasReset: has(DHCSR.S_RESET_ST),
  };
}

function coreStuck(operation: string, afterMs: number, dhcsr: number): FlashError<'core/stuck'> {
  return new FlashError('core/stuck', { operation, afterMs, state: coreState(dhcsr) });
}

/** In reset nothing else that the register says counts; a core that takes no C_DEBUGEN is closed to debuggers. */
function coreState(dhcsr: number): CoreState {
  const { asleep, lockedUp, wasReset } = statusOf(dhcsr);
  if (wasReset) return 'held in reset';
  if ((dhcsr & DHCSR.C_DEBUGEN) === 0) return 'closed to debuggers';
  return lockedUp ? 'locked up' : asleep ? 'asleep' : 'running';
}
