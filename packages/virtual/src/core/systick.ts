/** SysTick: 24 bits that count down with the core's cycles (ARMv7-M ARM, B3.3). Nothing ticks: values are computed. */

import type { Register } from './system-control.ts';

const CTRL = { ENABLE: 1, TICKINT: 2, CLKSOURCE: 4, COUNTFLAG: 1 << 16 } as const;

/** The counter, and when it next runs out. */
export interface SysTick {
  readonly registers: ReadonlyMap<number, Register>;
  /** Cycle at which it next reaches 0 and something is to be done; Infinity when it never does. */
  readonly due: number;
  /** Looks at the time. @returns whether the exception became pending */
  update(cycle: number): boolean;
  reset(): void;
}

/** @param now the core's cycle; @param divider cycles to one tick of the external reference, 8 on STM32 (RM0008 §9.1) */
export function createSysTick(now: () => number, changed: () => void, divider: number): SysTick {
  let control = 0;
  let reload = 0;
  /** The value at the cycle `since`, while it runs; the value, while it stands still. */
  let value = 0;
  let since = 0;
  let counted = false;

  const perTick = () => (control & CTRL.CLKSOURCE ? 1 : divider);
  const runs = () => (control & CTRL.ENABLE) !== 0;
  /** Ticks until the counter reads 0 from `value`; a counter at 0 is reloaded first. */
  const ticksToZero = () => (value === 0 ? (reload === 0 ? Infinity : reload + 1) : value);
  const due = () => (runs() ? since + ticksToZero() * perTick() : Infinity);

  const settle = (cycle: number): boolean => {
    if (!runs()) return false;
    let ticks = Math.floor((cycle - since) / perTick());
    since += ticks * perTick();
    const first = ticksToZero();
    if (ticks < first) {
      value = value === 0 && ticks > 0 && reload > 0 ? reload + 1 - ticks : Math.max(0, value - ticks);
      return false;
    }
    ticks -= first;
    counted = true;
    const period = reload + 1;
    const into = reload === 0 ? 0 : ticks % period;
    value = into === 0 ? 0 : period - into;
    return (control & CTRL.TICKINT) !== 0;
  };

  let pends = false;
  const look = () => {
    if (settle(now())) pends = true;
  };
  const registers = new Map<number, Register>([
    [
      0x010,
      {
        read: () => {
          look();
          const flag = counted ? CTRL.COUNTFLAG : 0;
          counted = false;
          return control | flag;
        },
        write: (written) => {
          look();
          if (!runs()) since = now();
          control = written & 7;
          changed();
        },
      },
    ],
    [
      0x014,
      {
        read: () => reload,
        write: (written) => {
          look();
          reload = written & 0xff_ffff;
          changed();
        },
      },
    ],
    [
      0x018,
      {
        read: () => {
          look();
          return value;
        },
        write: () => {
          look();
          value = 0;
          since = now();
          counted = false;
          changed();
        },
      },
    ],
    // TENMS is not known: NOREF 0, SKEW 1.
    [0x01c, { read: () => 0x4000_0000, write: () => undefined }],
  ]);
  return {
    registers,
    get due() {
      return due();
    },
    update(cycle) {
      const became = settle(cycle) || pends;
      pends = false;
      return became;
    },
    reset() {
      control = 0;
      counted = false;
      pends = false;
      value = 0;
      reload = 0;
    },
  };
}
