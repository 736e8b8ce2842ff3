/** The independent watchdog: started by a key, refreshed by another, it resets the chip (RM0008 §19, RM0090 §21). */

import { createPeripheral, type Peripheral } from './peripheral.ts';

const KEY = { REFRESH: 0xaaaa, UNLOCK: 0x5555, START: 0xcccc } as const;

export interface Watchdog {
  readonly peripheral: Peripheral;
  readonly running: boolean;
  /** When it resets the chip, in ms of the model's clock; Infinity while it does not run. */
  readonly due: number;
  /** Ms since it was started or refreshed; undefined while it does not run. */
  readonly age: number | undefined;
  reset(): void;
  /** Its oscillator stood still for so many ms. */
  delay(ms: number): void;
  /** Started by the option bytes. */
  start(): void;
}

/** @param now ms of the model's clock; @param lsiHz frequency of its oscillator, of which datasheets give a range */
export function createWatchdog(start: number, lsiHz: number, now: () => number, windowed: boolean): Watchdog {
  let running = false;
  let unlocked = false;
  let refreshed = 0;
  const refresh = () => {
    refreshed = now();
    unlocked = false;
  };
  const guarded = (written: number, stored: number) => (unlocked ? written : stored);
  const peripheral: Peripheral = createPeripheral({
    name: 'IWDG',
    start,
    registers: {
      [0x00]: {
        name: 'KR',
        write(written) {
          if (written === KEY.START) {
            running = true;
            refresh();
          } else if (written === KEY.REFRESH) refresh();
          else unlocked = written === KEY.UNLOCK;
          return 0;
        },
      },
      [0x04]: { name: 'PR', writable: windowed ? 15 : 7, write: guarded },
      [0x08]: { name: 'RLR', reset: 0xfff, writable: 0xfff, write: guarded },
      // Updates of PR and RLR are over at once here; silicon takes up to five cycles of its oscillator.
      [0x0c]: { name: 'SR', writable: 0 },
      ...(windowed ? { [0x10]: { name: 'WINR', reset: 0xfff, writable: 0xfff, write: guarded } } : {}),
    },
  });
  const periodMs = () => {
    const divider = 4 << Math.min(peripheral.get('PR'), windowed ? 8 : 6);
    return ((peripheral.get('RLR') + 1) * divider * 1000) / lsiHz;
  };
  return {
    peripheral,
    get running() {
      return running;
    },
    get due() {
      return running ? refreshed + periodMs() : Number.POSITIVE_INFINITY;
    },
    get age() {
      return running ? now() - refreshed : undefined;
    },
    reset() {
      running = false;
      unlocked = false;
      peripheral.reset();
    },
    delay(ms) {
      refreshed += ms;
    },
    start() {
      running = true;
      refresh();
    },
  };
}
