/** Peripherals for the programs of these tests: registers that are known by their manuals; any other access stops the run. */
import { type Device, NotModelledError } from '@sureflash/virtual';

export interface Bank extends Device {
  readonly base: number;
  readonly name: string;
  get(offset: number): number;
  set(offset: number, value: number): void;
  reset(): void;
}

export interface BankOptions {
  readonly name: string;
  readonly base: number;
  /** Values after a reset by offset: these registers exist, no others. */
  readonly registers: Readonly<Record<number, number>>;
  /** @returns what the register holds after the write */
  readonly onWrite?: (offset: number, value: number, before: number) => number;
  /** @returns what is read */
  readonly onRead?: (offset: number, value: number) => number;
  /** While it says no, writes go nowhere and reads give 0: the clock of the peripheral is off. */
  readonly isClocked?: () => boolean;
}

export function bank({ name, base, registers, onWrite, onRead, isClocked = () => true }: BankOptions): Bank {
  const values = new Map<number, number>();
  const known = (offset: number): number => {
    const value = values.get(offset);
    if (value === undefined) throw new NotModelledError(`${name}+0x${offset.toString(16)}`, base + offset);
    return value;
  };
  const self: Bank = {
    name,
    base,
    get: known,
    set: (offset, value) => values.set(offset, value >>> 0),
    reset() {
      values.clear();
      for (const [offset, value] of Object.entries(registers)) values.set(Number(offset), value);
    },
    read(offset, width) {
      const value = known(offset & ~3);
      if (width !== 4) throw new NotModelledError(`a read of ${width} bytes of ${name}`, base + offset);
      if (!isClocked()) return 0;
      return (onRead ? onRead(offset, value) : value) >>> 0;
    },
    write(offset, width, value) {
      const before = known(offset & ~3);
      if (width !== 4) throw new NotModelledError(`a write of ${width} bytes of ${name}`, base + offset);
      if (!isClocked()) return;
      values.set(offset, (onWrite ? onWrite(offset, value >>> 0, before) : value) >>> 0);
    },
  };
  self.reset();
  return self;
}
