/**
 * A board behind a debug connector: a running chip, its SWD pins, NRST and supply. It acknowledges SWD transactions as
 * the chip would in its state: protected, asleep, held in reset, without power. It knows nothing of probes.
 */

import { isCoreFault, NotModelledError, type Width } from '../core/index.ts';
import type { ChipFacts, Microcontroller } from '../registers/index.ts';
import { type AccessPortFacts, type DebugFacts, debugFactsOf } from './access-ports.ts';
import { createSwdDebugPort, type SwdDebugPort, type Transaction } from './debug-port.ts';
import { type ApBus, type BusResult, createMemAp } from './mem-ap.ts';
import { swdPinsOpen } from './pins.ts';
import { type ProtectionLevel, protectionLevel } from './protection.ts';
import { romTableRegion } from './rom-table.ts';

export interface SwdTargetOptions {
  /** Supply in mV; absent, 3300. */
  readonly supplyMv?: number;
  /** Whether the connector's reset line reaches NRST; absent, it does. */
  readonly nrstWired?: boolean;
  /**
   * How many ms a running core may have to catch up with at once; the rest of the time does not exist for it. Absent,
   * no limit. A server on the wall's clock sets it, because a host that sleeps for a second would otherwise cost one.
   */
  readonly longestRunMs?: number;
}

export interface SwdTarget {
  readonly chip: ChipFacts;
  readonly microcontroller: Microcontroller;
  /** Ms of the target's time. */
  readonly time: number;
  /** Supply in mV. To change it below the chip's minimum and back is a power cycle. */
  supplyMv: number;
  /** What a debugger or the program asked for that this model does not have. Empty in an honest session. */
  readonly notModelled: readonly string[];
  /** The debug port, as it is reached over the pins. */
  readonly debugPort: SwdDebugPort;
  /** Lets time pass. */
  pass(ms: number): void;
  /** The probe's reset output: low, or let go. */
  pullReset(low: boolean): void;
}

/** Below this supply a chip does not start (power-down reset, DS8626 §6.3.20: 1.60 V at least). */
const RESET_BELOW_MV = 1600;
const PRIVATE_BUS = 0xe000_0000;
const PRIVATE_BUS_END = 0xe010_0000;
const DHCSR = 0xe000_edf0;
const S_RESET_ST = 1 << 25;
const SCR = 0xe000_ed10;
const SLEEPDEEP = 4;
/** DBGMCU_CR.DBG_STOP and DBG_STANDBY keep the clocks of the debug units on (RM0090 §38.16.1). */
const DBG_STOP_STANDBY = 6;
const NOBODY: Transaction = { ack: 'none', value: 0 };

export function createSwdTarget(
  chip: ChipFacts,
  microcontroller: Microcontroller,
  options: SwdTargetOptions = {},
): SwdTarget {
  const { nrstWired = true, longestRunMs = Number.POSITIVE_INFINITY } = options;
  const { core, flash } = microcontroller;
  const facts: DebugFacts = debugFactsOf(chip);
  const notModelled = new Set<string>();
  let supplyMv = options.supplyMv ?? 3300;
  let time = microcontroller.now();
  /** Time that did not exist for the chip. */
  let skipped = 0;
  let held = false;
  let level: ProtectionLevel = protectionLevel(chip, microcontroller.options);
  let resetsSeen = microcontroller.resets.length;
  microcontroller.bus.map(romTableRegion(facts.romTable, chip.dbgmcu.idcode & 0xfff));

  const hasPower = () => supplyMv >= RESET_BELOW_MV;
  const watchProtection = (): void => {
    const stored = protectionLevel(chip, microcontroller.options);
    // From level 1 to 0 the flash is erased (RM0090 §3.6.3); a higher level counts from the next reset on.
    if (level === 1 && stored === 0) {
      flash.protect([]);
      flash.eraseAll(microcontroller.now());
      for (const { start, bytes } of flash.memories) microcontroller.bus.invalidate(start, bytes.length);
      level = 0;
    }
    if (microcontroller.resets.length !== resetsSeen) level = stored;
    resetsSeen = microcontroller.resets.length;
  };
  const pass = (ms: number): void => {
    time += ms;
    if (!hasPower()) skipped += ms;
    const behind = time - skipped - microcontroller.now();
    if (behind <= 0) return;
    const run = core.state === 'running' ? Math.min(behind, longestRunMs) : behind;
    skipped += behind - run;
    try {
      microcontroller.run(run);
    } catch (thrown) {
      if (!(thrown instanceof NotModelledError)) throw thrown;
      notModelled.add(thrown.message);
    }
    watchProtection();
  };
  const deepAsleep = (): boolean => {
    if (core.state !== 'sleeping' || (core.debugPort.read(SCR, 4) & SLEEPDEEP) === 0) return false;
    return (microcontroller.peripherals.get('DBGMCU.CR') & DBG_STOP_STANDBY) === 0;
  };
  /** What is read or written has to wait for a flash that is busy (RM0090 §3.4: the bus stalls). */
  const flashIsBusy = (address: number): boolean =>
    (flash.contains(address) || address === 0) && microcontroller.flashBusyUntil > microcontroller.now();
  const refusal = (address: number, port: AccessPortFacts): BusResult | undefined => {
    const isPrivate = address >= PRIVATE_BUS && address < PRIVATE_BUS_END;
    // Stop mode has no clock for the bus, so that an access never ends: a guess from RM0090 §38.16.1.
    if (deepAsleep()) return { ok: false, why: 'wait' };
    if (isPrivate) return port.reaches === 'system' ? { ok: false, why: 'fault' } : undefined;
    // Memories are in reset with the rest of the chip; that they answer with an error is a guess.
    if (held || (level > 0 && flash.contains(address))) return { ok: false, why: 'fault' };
    return flashIsBusy(address) ? { ok: false, why: 'wait' } : undefined;
  };
  const guarded = (access: () => number): BusResult => {
    try {
      return { ok: true, value: access() >>> 0 };
    } catch (thrown) {
      if (thrown instanceof NotModelledError) notModelled.add(thrown.message);
      else if (!isCoreFault(thrown)) throw thrown;
      return { ok: false, why: 'fault' };
    }
  };
  const busOf = (port: AccessPortFacts): ApBus => ({
    read(address, width) {
      const at = translated(address, port, chip);
      // Status bits of a core that is held in reset do not go away by being read (ARMv7-M ARM, C1.6.2, S_RESET_ST).
      const inReset = held && at === DHCSR ? S_RESET_ST : 0;
      return refusal(at, port) ?? guarded(() => core.debugPort.read(at, width) | inReset);
    },
    write(address, width: Width, value) {
      const at = translated(address, port, chip);
      const refused = refusal(at, port);
      if (refused) return refused;
      const result = guarded(() => {
        core.debugPort.write(at, width, value);
        return 0;
      });
      watchProtection();
      return result;
    },
  });
  const ports = new Map(facts.ports.map((port) => [port.number, createMemAp(port, busOf(port))]));
  const debugPort = createSwdDebugPort(facts, ports);
  const answers = () => hasPower() && level < 2 && (held || swdPinsOpen(chip, microcontroller));
  return {
    chip,
    microcontroller,
    get time() {
      return time;
    },
    get supplyMv() {
      return supplyMv;
    },
    set supplyMv(wanted) {
      const had = hasPower();
      supplyMv = wanted;
      if (had || !hasPower()) return;
      debugPort.reset();
      microcontroller.powerOn();
      level = protectionLevel(chip, microcontroller.options);
      resetsSeen = microcontroller.resets.length;
    },
    get notModelled() {
      return [...notModelled];
    },
    debugPort: {
      read: (register) => (answers() ? debugPort.read(register) : NOBODY),
      write: (register, value) => (answers() ? debugPort.write(register, value) : NOBODY),
      readAp: (port, register) => (answers() ? debugPort.readAp(port, register) : NOBODY),
      writeAp: (port, register, value) => (answers() ? debugPort.writeAp(port, register, value) : NOBODY),
      reset: () => debugPort.reset(),
    },
    pass,
    pullReset(low) {
      if (!nrstWired || low === held || !hasPower()) return;
      held = low;
      microcontroller.holdReset(low);
      watchProtection();
    },
  };
}

/** The debug port of H7 shows the chip's debug units at other addresses than the core sees them (RM0433 §60.4). */
function translated(address: number, { reaches }: AccessPortFacts, { dbgmcu }: ChipFacts): number {
  const debugUnit = 0xe00e_1000;
  if (reaches !== 'debug' || address < debugUnit || address >= debugUnit + 0x1000) return address;
  return dbgmcu.start + (address - debugUnit);
}
