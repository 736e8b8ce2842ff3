/** GPIO ports whose inputs a scenario pulls: the F1's (RM0008 §9.2) and everybody else's (RM0090 §8.4). */

import { createPeripheral, type Peripheral, plain } from './peripheral.ts';

/** What stands on a pin from outside; `undefined` is a pin that nothing drives. */
export type Level = boolean | undefined;

export interface Port {
  readonly peripheral: Peripheral;
  /** Drives a pin from outside, or lets go of it. */
  pull(pin: number, level: Level): void;
  /** The level at a pin: outputs drive, then what is outside, then the pull resistors; a floating pin reads 0. */
  level(pin: number): boolean;
}

export interface PortOptions {
  readonly name: string;
  readonly start: number;
  readonly clocked: () => boolean;
  /** MODER, OSPEEDR and PUPDR after reset; absent, 0. */
  readonly moder?: number;
  readonly ospeedr?: number;
  readonly pupdr?: number;
}

/** MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFR; BRR on all but F2 and F4. */
export function createPort({ name, start, clocked, moder = 0, ospeedr = 0, pupdr = 0 }: PortOptions): Port {
  const outside = new Map<number, Level>();
  const levelOf = (pin: number): boolean => {
    const mode = (peripheral.values.get('MODER') >>> (2 * pin)) & 3;
    const pull = (peripheral.values.get('PUPDR') >>> (2 * pin)) & 3;
    if (mode === 1) return ((peripheral.values.get('ODR') >>> pin) & 1) === 1;
    return outside.get(pin) ?? pull === 1;
  };
  // In analog mode the input stage is off and reads 0 (RM0351 §8.3.12).
  const read = () => bitsOf((pin) => ((peripheral.values.get('MODER') >>> (2 * pin)) & 3) !== 3 && levelOf(pin));
  const peripheral: Peripheral = createPeripheral({
    name,
    start,
    clocked,
    registers: {
      ...plain([
        [0x00, 'MODER', moder],
        [0x04, 'OTYPER'],
        [0x08, 'OSPEEDR', ospeedr],
        [0x0c, 'PUPDR', pupdr],
        [0x14, 'ODR'],
        [0x1c, 'LCKR'],
        [0x20, 'AFRL'],
        [0x24, 'AFRH'],
      ]),
      [0x10]: { name: 'IDR', writable: 0, read },
      [0x18]: { name: 'BSRR', write: (written) => setBits(peripheral, written) },
      [0x28]: { name: 'BRR', write: (written) => setBits(peripheral, (written & 0xffff) << 16) },
    },
  });
  return { peripheral, pull: (pin, level) => outside.set(pin, level), level: levelOf };
}

/** CRL, CRH, IDR, ODR, BSRR, BRR, LCKR. */
export function createF1Port({ name, start, clocked }: PortOptions): Port {
  const outside = new Map<number, Level>();
  const configuration = (pin: number) => (peripheral.values.get(pin < 8 ? 'CRL' : 'CRH') >>> (4 * (pin % 8))) & 15;
  const levelOf = (pin: number): boolean => {
    const output = (peripheral.values.get('ODR') >>> pin) & 1;
    if (configuration(pin) & 3) return output === 1;
    return outside.get(pin) ?? (configuration(pin) >>> 2 === 2 && output === 1);
  };
  const read = () => bitsOf((pin) => configuration(pin) !== 0 && levelOf(pin));
  const peripheral: Peripheral = createPeripheral({
    name,
    start,
    clocked,
    registers: {
      ...plain([
        [0x00, 'CRL', 0x4444_4444],
        [0x04, 'CRH', 0x4444_4444],
        [0x0c, 'ODR'],
        [0x18, 'LCKR'],
      ]),
      [0x08]: { name: 'IDR', writable: 0, read },
      [0x10]: { name: 'BSRR', write: (written) => setBits(peripheral, written) },
      [0x14]: { name: 'BRR', write: (written) => setBits(peripheral, (written & 0xffff) << 16) },
    },
  });
  return { peripheral, pull: (pin, level) => outside.set(pin, level), level: levelOf };
}

function bitsOf(of: (pin: number) => boolean): number {
  let bits = 0;
  for (let pin = 0; pin < 16; pin += 1) if (of(pin)) bits |= 1 << pin;
  return bits;
}

/** BSRR: setting wins over resetting. It reads as 0. */
function setBits(port: Peripheral, written: number): number {
  port.values.set('ODR', (port.values.get('ODR') & ~(written >>> 16)) | (written & 0xffff));
  return 0;
}
