/** The independent watchdog: started by a key, refreshed by another, it resets the chip (RM0008 §19, RM0090 §21). */

import { createPeripheral, newRegisterValues, type Peripheral, type RegisterSpec } from './peripheral.ts';

const KEY = { REFRESH: 0xaaaa, UNLOCK: 0x5555, START: 0xcccc } as const;

export interface Watchdog {
  readonly peripheral: Peripheral;
  /** When it resets the chip, in ms of the model's clock; Infinity while it does not run. */
  readonly due: number;
  /** Ms since it was started or refreshed; undefined while it does not run. */
  readonly age: number | undefined;
  reset(): void;
  /** As its key does: an option byte may start it at each reset. */
  start(): void;
  /** Its oscillator stood still for so many ms. */
  delay(ms: number): void;
}

export interface WatchdogOptions {
  readonly start: number;
  /** Frequency of its oscillator, of which datasheets give a range. */
  readonly lsiHz: number;
  /** Whether it has WINR, and a prescaler that reaches further. */
  readonly windowed: boolean;
  /** Ms of the model's clock. */
  now(): number;
}

interface WatchdogState {
  /** When it was started or refreshed; undefined while it does not run. */
  refreshed: number | undefined;
  /** Whether PR and RLR can be written. */
  unlocked: boolean;
}

export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { start, lsiHz, windowed } = options;
  const values = newRegisterValues('IWDG');
  const state: WatchdogState = { refreshed: undefined, unlocked: false };
  const peripheral = createPeripheral({ name: 'IWDG', start, registers: registersOf(state, options) }, values);
  const periodMs = () => {
    const divider = 4 << Math.min(values.get('PR'), windowed ? 8 : 6);
    return ((values.get('RLR') + 1) * divider * 1000) / lsiHz;
  };
  return {
    peripheral,
    get due() {
      return state.refreshed === undefined ? Number.POSITIVE_INFINITY : state.refreshed + periodMs();
    },
    get age() {
      return state.refreshed === undefined ? undefined : options.now() - state.refreshed;
    },
    reset() {
      Object.assign(state, { refreshed: undefined, unlocked: false });
      peripheral.reset();
    },
    start() {
      state.refreshed = options.now();
    },
    delay(ms) {
      if (state.refreshed !== undefined) state.refreshed += ms;
    },
  };
}

function registersOf(state: WatchdogState, options: WatchdogOptions): Record<number, RegisterSpec> {
  const { windowed } = options;
  const guarded = (written: number, stored: number) => (state.unlocked ? written : stored);
  return {
    [0x00]: {
      name: 'KR',
      write(written) {
        const starts = written === KEY.START;
        if (starts || (written === KEY.REFRESH && state.refreshed !== undefined)) state.refreshed = options.now();
        state.unlocked = written === KEY.UNLOCK;
        return 0;
      },
    },
    [0x04]: { name: 'PR', writable: windowed ? 15 : 7, write: guarded },
    [0x08]: { name: 'RLR', reset: 0xfff, writable: 0xfff, write: guarded },
    // Updates of PR and RLR are over at once here; silicon takes up to five cycles of its oscillator.
    [0x0c]: { name: 'SR', writable: 0 },
    ...(windowed ? { [0x10]: { name: 'WINR', reset: 0xfff, writable: 0xfff, write: guarded } } : {}),
  };
}
