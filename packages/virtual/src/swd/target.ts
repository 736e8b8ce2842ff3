/**
 * A board behind a debug connector: a running chip, its SWD pins, NRST and supply. It acknowledges SWD transactions as
 * the chip would in its state: protected, asleep, held in reset, without power. It knows nothing of probes.
 */

import { isCoreFault, type Width } from '../core/index.ts';
import type { ChipFacts, Microcontroller } from '../registers/index.ts';
import { type AccessPortFacts, debugFactsOf } from './access-ports.ts';
import { SwdDebugPort, type Transaction } from './debug-port.ts';
import { HALTING_CONTROL, isDebugUnit, isPrivateBus, RESET_SEEN, translated, withoutStop } from './debug-registers.ts';
import { DebuggerRights } from './debugger-rights.ts';
import { type ApBus, type BusResult, MemAp, REFUSED, WAIT } from './mem-ap.ts';
import { MissingParts } from './missing-parts.ts';
import { createNuisances, type Nuisances } from './nuisances.ts';
import { RESET_BELOW_MV, swdPinsOpen } from './pins.ts';
import { eraseUnprotected } from './protection.ts';
import { romTableRegion } from './rom-table.ts';
import { isDeepAsleep } from './sleep.ts';
import type { SwdTargetOptions } from './target-options.ts';
import { flashAddress } from './worlds.ts';

const NOBODY: Transaction = { ack: 'none', value: 0 };

export class SwdTarget {
  readonly chip: ChipFacts;
  readonly microcontroller: Microcontroller;
  /** The debug port behind the pins; `read` and its like go through them. */
  readonly #debugPort: SwdDebugPort;
  readonly #nrstWired: boolean;
  readonly #nrstShorted: boolean;
  readonly #runsOn: boolean;
  readonly #longestRunMs: number;
  readonly #nuisances: Nuisances;
  readonly #missing = new MissingParts();
  #supplyMv: number;
  #powerUps = 0;
  #time: number;
  #held = false;
  readonly #rights: DebuggerRights;
  #resetsSeen: number;
  #wasHalted = false;
  /** The core runs because a debugger let it go on, and was not reset since. */
  #setGoing = false;
  readonly #onStart: (why: 'reset' | 'resumed') => void;

  constructor(chip: ChipFacts, microcontroller: Microcontroller, options: SwdTargetOptions = {}) {
    const { supplyMv = 3300, nrstWired = true, longestRunMs = Number.POSITIVE_INFINITY, onStart } = options;
    const facts = debugFactsOf(chip);
    this.chip = chip;
    this.microcontroller = microcontroller;
    this.#nrstWired = nrstWired;
    this.#nrstShorted = options.nrstShorted ?? false;
    this.#runsOn = options.runsOn ?? false;
    if (this.#nrstShorted) this.#hold(true);
    this.#longestRunMs = longestRunMs;
    this.#nuisances = createNuisances(options, microcontroller.now());
    this.#onStart = onStart ?? (() => undefined);
    this.#supplyMv = supplyMv;
    this.#time = microcontroller.now();
    this.#rights = new DebuggerRights(chip, microcontroller);
    this.#resetsSeen = microcontroller.resets.length;
    microcontroller.bus.map(romTableRegion(facts.romTable, chip.dbgmcu.idcode & 0xfff));
    const ports = facts.ports.map((port) => [port.number, new MemAp(port, this.#busOf(port))] as const);
    this.#debugPort = new SwdDebugPort(facts, new Map(ports));
  }

  /** Ms of the target's time. */
  get time(): number {
    return this.#time;
  }

  /** Supply in mV. To change it below the chip's minimum and back is a power cycle. */
  get supplyMv(): number {
    return this.#supplyMv;
  }

  set supplyMv(wanted: number) {
    const had = this.#hasPower;
    this.#supplyMv = wanted;
    if (had || !this.#hasPower) return;
    this.#debugPort.reset();
    this.#powerUps += 1;
    this.microcontroller.closeFlash(false);
    this.microcontroller.powerOn();
    this.#rights.takeOver();
    this.#resetsSeen = this.microcontroller.resets.length;
    this.#wasHalted = false;
    this.#setGoing = false;
    this.#onStart('reset');
  }

  /** What a debugger or the program asked for that this model does not have. Empty in an honest session. */
  get notModelled(): readonly string[] {
    return this.#missing.askedFor();
  }

  /**
   * What of it the probe is answerable for: asked by an access of its own, or by code in RAM that it set going. A program
   * in the flash is the board's, and a half-written one may ask for anything.
   */
  get notModelledForProbe(): readonly string[] {
    return this.#missing.askedFor('probe');
  }

  /** How often it got its power back. A debug port that had none has forgotten SWD: it starts as a JTAG port. */
  get powerUps(): number {
    return this.#powerUps;
  }

  /** SELECT of the debug port. */
  get select(): number {
    return this.#debugPort.select;
  }

  /** A transaction with the debug port. */
  readDp(register: number): Transaction {
    return this.#answers ? this.#debugPort.read(register) : NOBODY;
  }

  writeDp(register: number, value: number): Transaction {
    if (!this.#answers) return NOBODY;
    const done = this.#debugPort.write(register, value);
    this.#closeFlash();
    return done;
  }

  /** A transaction with an access port; what was posted has been fetched. */
  readAp(port: number, register: number): Transaction {
    return this.#answers ? this.#debugPort.readAp(port, register) : NOBODY;
  }

  writeAp(port: number, register: number, value: number): Transaction {
    return this.#answers ? this.#debugPort.writeAp(port, register, value) : NOBODY;
  }

  /** Whether a transaction at this clock comes with a wrong parity. */
  isGarbled(khz: number): boolean {
    return this.#nuisances.isGarbled(khz);
  }

  /** Lets time pass. */
  pass(ms: number): void {
    const { microcontroller } = this;
    this.#time += ms;
    const behind = this.#time - microcontroller.now();
    if (behind <= 0) return;
    const most = microcontroller.core.state === 'running' ? this.#longestRunMs : behind;
    const run = this.#hasPower ? Math.min(behind, most) : 0;
    if (run < behind) microcontroller.skip(behind - run);
    try {
      if (run > 0) microcontroller.run(run);
    } catch (thrown) {
      this.#missing.note(thrown, this.#runsForProbe ? 'probe' : 'board');
    }
    this.#nuisances.disturb(microcontroller.bus, this.#time);
    this.#watchProtection();
  }

  /** The probe's reset output: low, or let go. */
  pullReset(low: boolean): void {
    if (!this.#nrstWired || this.#nrstShorted || low === this.#held || !this.#hasPower) return;
    this.#hold(low);
    this.#watchProtection();
    if (!low) this.#onStart('resumed');
  }

  #hold(low: boolean): void {
    this.#held = low;
    this.microcontroller.holdReset(low);
  }

  /** Whether NRST is low. */
  get isHeldInReset(): boolean {
    return this.#held;
  }

  get #hasPower(): boolean {
    return this.#supplyMv >= RESET_BELOW_MV;
  }

  /** Whether somebody drives SWDIO when it is asked. */
  get #answers(): boolean {
    if (!this.#hasPower || this.#rights.level === 2) return false;
    return this.#held || swdPinsOpen(this.chip, this.microcontroller);
  }

  #watchProtection(): void {
    const { microcontroller, chip } = this;
    const { resets } = microcontroller;
    // From level 1 to 0 the flash is erased (RM0090); a higher level counts from the next reset on.
    if (this.#rights.level === 1 && this.#rights.stored === 0) {
      eraseUnprotected(chip, microcontroller);
      this.#rights.level = 0;
      microcontroller.closeFlash(false);
    }
    const isHalted = microcontroller.core.state === 'halted';
    const why = resets.length !== this.#resetsSeen ? 'reset' : this.#wasHalted && !isHalted ? 'resumed' : undefined;
    if (why === 'reset') {
      this.#rights.takeOver();
      this.#closeFlash();
    }
    this.#resetsSeen = resets.length;
    this.#wasHalted = isHalted;
    if (!why) return;
    this.#setGoing = why === 'resumed';
    this.#onStart(why);
  }

  /**
   * With level 1 a debugger closes the flash to the core as well, until the power goes (RM0090, RM0351 and PM0075 of read
   * protection): neither the program nor code in RAM reads, erases or programs it.
   */
  #closeFlash(): void {
    if (this.#rights.level >= 1 && this.#debugPort.isPowered) this.microcontroller.closeFlash(true);
  }

  /** Whether the core runs code that a debugger has put into RAM, and not a program that lies in the flash. */
  get #runsForProbe(): boolean {
    return this.#setGoing && this.microcontroller.landing === 'ram';
  }

  /** What the state of the chip does to an access, before it reaches the bus. */
  #refusal(address: number, port: AccessPortFacts): BusResult | undefined {
    const { reaches, hasPrivateBus = false } = port;
    const { flash } = this.microcontroller;
    const isPrivate = isPrivateBus(address);
    // Stop mode has no clock for the bus, so that an access never ends: a guess from RM0090.
    if (isDeepAsleep(this.microcontroller)) return WAIT;
    if (this.#rights.isOutOfReach(address)) return REFUSED;
    // The chip's own debug units answer in reset too, through their own port (OpenOCD's script for H7).
    if (reaches === 'debug') return (isPrivate && hasPrivateBus) || isDebugUnit(address, port) ? undefined : REFUSED;
    if (isPrivate) return reaches === 'system' ? REFUSED : undefined;
    // Memories are in reset with the rest of the chip, and an access there is an error (the same script, of AXI).
    if (this.#held || (this.#rights.level >= 1 && flash.contains(flashAddress(address)))) return REFUSED;
    // A flash that is busy holds the bus (RM0090).
    const isBusy = this.microcontroller.flashBusyUntil > this.microcontroller.now();
    return isBusy && flash.contains(flashAddress(address)) ? WAIT : undefined;
  }

  #guarded(at: number, access: () => number): BusResult {
    try {
      return { ok: true, value: access() >>> 0 };
    } catch (thrown) {
      // DHCSR is there: what is missing belongs to the instruction that a step has run.
      const isStep = at === HALTING_CONTROL && this.microcontroller.landing !== 'ram';
      if (!isCoreFault(thrown)) this.#missing.note(thrown, isStep ? 'board' : 'probe');
      return REFUSED;
    }
  }

  #busOf(port: AccessPortFacts): ApBus {
    const rights = this.#rights;
    return {
      get isSecureAllowed() {
        return rights.isSecureAllowed;
      },
      read: (address, width, asked) => {
        const at = translated(address, port);
        // Status bits of a core that is held in reset do not go away by being read (ARMv7-M ARM, C1.6.2, S_RESET_ST).
        const inReset = this.#held && at === HALTING_CONTROL ? RESET_SEEN : 0;
        const access = (): BusResult => this.#guarded(at, () => rights.read(at, width, asked) | inReset);
        return this.#refusal(at, port) ?? rights.inWorld(at, asked, access) ?? REFUSED;
      },
      write: (address, width: Width, value, asked) => {
        const at = translated(address, port);
        const refused = this.#refusal(at, port);
        if (refused) return refused;
        const kept = { width, value: this.#runsOn ? withoutStop(at, value) : value };
        const access = (): BusResult => this.#guarded(at, () => rights.write(at, kept, asked));
        const result = rights.inWorld(at, asked, access) ?? REFUSED;
        this.#watchProtection();
        return result;
      },
    };
  }
}
