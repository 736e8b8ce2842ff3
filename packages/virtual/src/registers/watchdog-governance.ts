/** How a probe and the option bytes govern the independent watchdog: what freezes it, and what starts it. By the start of a chip's name. */

/** A bit of an option byte that is 0 where hardware starts the watchdog, at each reset. */
interface HardwareBit {
  readonly byte: number;
  readonly bit: number;
}

export interface WatchdogGovernance {
  /** While the core is halted and this bit is set, the watchdog stands still; `register` is one of DBGMCU. */
  readonly freeze?: { readonly register: string; readonly bit: number };
  readonly hardware?: HardwareBit;
}

const USER: HardwareBit = { byte: 2, bit: 0 };
const OPTCR: HardwareBit = { byte: 0, bit: 5 };
const OPTR: HardwareBit = { byte: 2, bit: 0 };
const APB1 = (register: string) => ({ register, bit: 12 });

const ROWS: readonly (readonly [prefix: string, governance: WatchdogGovernance])[] = [
  // RM0008 §31.16.3, PM0075 §2.4.
  ['STM32F1', { freeze: { register: 'CR', bit: 8 }, hardware: USER }],
  // RM0091 §32.9.5, RM0316 §33.16.5, and the option byte USER.
  ['STM32F0', { freeze: APB1('APB1FZ'), hardware: USER }],
  ['STM32F3', { freeze: APB1('APB1FZ'), hardware: USER }],
  // RM0090 §38.16.4, §3.9.10; RM0033, RM0410 §3.7.6.
  ['STM32F2', { freeze: APB1('APB1FZ'), hardware: OPTCR }],
  ['STM32F4', { freeze: APB1('APB1FZ'), hardware: OPTCR }],
  ['STM32F7', { freeze: APB1('APB1FZ'), hardware: OPTCR }],
  // RM0376 §27.9.4, RM0038 §30.16.4; USER is the second pair of half-words.
  ['STM32L0', { freeze: APB1('APB1FZ'), hardware: { byte: 4, bit: 4 } }],
  ['STM32L1', { freeze: APB1('APB1FZ'), hardware: { byte: 4, bit: 4 } }],
  // RM0438 §52.12, RM0456 §75.12, RM0487, RM0493.
  ['STM32L5', { freeze: APB1('APB1LFZR'), hardware: OPTR }],
  ['STM32U5', { freeze: APB1('APB1LFZR'), hardware: OPTR }],
  ['STM32U3', { freeze: APB1('APB1LFZR'), hardware: OPTR }],
  ['STM32WBA', { freeze: APB1('APB1LFZR'), hardware: OPTR }],
  // RM0351 §48.16, RM0440 §47.16, RM0444 §40.10, RM0490, RM0503.
  ...['STM32L4', 'STM32G0', 'STM32G4', 'STM32C0', 'STM32U0'].map((prefix): [string, WatchdogGovernance] => [
    prefix,
    { freeze: APB1('APB1FZ'), hardware: OPTR },
  ]),
  // RM0434 §41.9, RM0453 §38.9: core 1 has its registers at 0x3C.
  ['STM32WB', { freeze: APB1('C1APB1FZR1'), hardware: OPTR }],
  ['STM32WL', { freeze: APB1('C1APB1FZR1'), hardware: OPTR }],
  // RM0433 §60.5.8: IWDG1 of D1; OPTSR.IWDG1_SW.
  ['STM32H7', { freeze: { register: 'APB4FZ1', bit: 18 }, hardware: { byte: 0, bit: 4 } }],
  // RM0481 §59.12, §7.11: OPTSR.IWDG_SW. C5 is taken to be as H5.
  ['STM32H5', { freeze: APB1('APB1LFZR'), hardware: { byte: 0, bit: 3 } }],
  ['STM32C5', { freeze: APB1('APB1LFZR'), hardware: { byte: 0, bit: 3 } }],
];

/** @returns nothing for a chip of which nothing is known: no probe freezes its watchdog, and no option starts it */
export function watchdogGovernance(name: string): WatchdogGovernance {
  return ROWS.find(([prefix]) => name.startsWith(prefix))?.[1] ?? {};
}

export function startsByHardware({ hardware }: WatchdogGovernance, options: Uint8Array): boolean {
  return hardware !== undefined && (((options[hardware.byte] ?? 0xff) >>> hardware.bit) & 1) === 0;
}
