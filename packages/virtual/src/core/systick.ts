/** SysTick: 24 bits that count down with the core's cycles (ARMv7-M ARM, B3.3). Nothing ticks: values are computed. */

import type { Register } from './system-control.ts';

const CTRL = { ENABLE: 1, TICKINT: 2, CLKSOURCE: 4, COUNTFLAG: 1 << 16 } as const;

/** Where the counter is driven from, and who wants to know of a change. */
export interface SysTickClock {
  /** The core's cycle. */
  now(): number;
  /** Cycles to one tick of the external reference, 8 on STM32 (RM0008 §9.1). */
  readonly divider: number;
  /** The time at which it next runs out may be another now. */
  changed(): void;
}

/** The counter, as it stood when somebody last looked. */
export interface SysTick {
  readonly clock: SysTickClock;
  /** ENABLE, TICKINT and CLKSOURCE. */
  control: number;
  reload: number;
  /** The value at the cycle `since`, while it runs; the value, while it stands still. */
  value: number;
  since: number;
  /** COUNTFLAG. */
  counted: boolean;
  /** It ran out with TICKINT set, and the exception has not been made pending yet. */
  pends: boolean;
}

export function newSysTick(clock: SysTickClock): SysTick {
  return { clock, control: 0, reload: 0, value: 0, since: 0, counted: false, pends: false };
}

export function resetSysTick(systick: SysTick): void {
  Object.assign(systick, { control: 0, reload: 0, value: 0, counted: false, pends: false });
}

/** @returns the cycle at which it next reaches 0 and something is to be done; Infinity when it never does */
export function sysTickDue(systick: SysTick): number {
  return runs(systick) ? systick.since + ticksToZero(systick) * cyclesToTick(systick) : Infinity;
}

/** Looks at the time. @returns whether the exception became pending */
export function updateSysTick(systick: SysTick, cycle: number): boolean {
  settle(systick, cycle);
  const became = systick.pends;
  systick.pends = false;
  return became;
}

/** SYST_CSR, SYST_RVR, SYST_CVR and SYST_CALIB by their offset from 0xE000E000. */
export function sysTickRegisters(systick: SysTick): ReadonlyMap<number, Register> {
  const { clock } = systick;
  const look = () => settle(systick, clock.now());
  /** A register whose writes are told after the counter was looked at. */
  const register = (read: () => number, write: (written: number) => void): Register => ({
    read,
    write(written) {
      look();
      write(written);
      clock.changed();
    },
  });
  return new Map<number, Register>([
    [
      0x010,
      register(
        () => {
          look();
          return readControl(systick);
        },
        (written) => {
          if (!runs(systick)) systick.since = clock.now();
          systick.control = written & (CTRL.ENABLE | CTRL.TICKINT | CTRL.CLKSOURCE);
        },
      ),
    ],
    [
      0x014,
      register(
        () => systick.reload,
        (written) => {
          systick.reload = written & 0xff_ffff;
        },
      ),
    ],
    [
      0x018,
      register(
        () => {
          look();
          return systick.value;
        },
        () => Object.assign(systick, { value: 0, since: clock.now(), counted: false }),
      ),
    ],
    // TENMS is not known: NOREF 0, SKEW 1.
    [0x01c, { read: () => 0x4000_0000, write: () => undefined }],
  ]);
}

/** COUNTFLAG goes with being read. */
function readControl(systick: SysTick): number {
  const flag = systick.counted ? CTRL.COUNTFLAG : 0;
  systick.counted = false;
  return systick.control | flag;
}

function runs({ control }: SysTick): boolean {
  return (control & CTRL.ENABLE) !== 0;
}

function cyclesToTick({ control, clock }: SysTick): number {
  return control & CTRL.CLKSOURCE ? 1 : clock.divider;
}

/** Ticks until the counter reads 0 from `value`; a counter at 0 is reloaded first. */
function ticksToZero({ value, reload }: SysTick): number {
  if (value !== 0) return value;
  return reload === 0 ? Infinity : reload + 1;
}

/** Brings the value from the cycle `since` to the cycle `cycle`. */
function settle(systick: SysTick, cycle: number): void {
  if (!runs(systick)) return;
  const { value, reload } = systick;
  const ticks = Math.floor((cycle - systick.since) / cyclesToTick(systick));
  systick.since += ticks * cyclesToTick(systick);
  const first = ticksToZero(systick);
  if (ticks < first) {
    systick.value = value === 0 && ticks > 0 && reload > 0 ? reload + 1 - ticks : Math.max(0, value - ticks);
    return;
  }
  const period = reload + 1;
  const into = reload === 0 ? 0 : (ticks - first) % period;
  systick.value = into === 0 ? 0 : period - into;
  systick.counted = true;
  if ((systick.control & CTRL.TICKINT) !== 0) systick.pends = true;
}
