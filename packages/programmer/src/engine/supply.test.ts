import { findChipByName } from '@sureflash/chips';
import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { aboutTest, deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { FlashError } from '../errors.ts';
import type { About } from '../target/about.ts';
import { type Device as ConnectedDevice, deviceOf } from '../target/device.ts';
import type { Region } from '../target/geometry.ts';
import { erase, eraseAll } from './erase.ts';
import { prepare } from './prepare.ts';
import { carryOut } from './program.ts';
import type { Progress } from './run/progress.ts';
import { planSupply, supplyRange } from './supply.ts';

const START = 0x0800_0000;
const FEATURE = 0xffff_0000;
const TOLD = { start: FEATURE, end: FEATURE + 4 };
const IMAGE = new MemoryImage([{ address: START, bytes: new Uint8Array(3000).fill(0x5a) }]);

interface Device {
  readonly readable?: boolean;
  readonly chip?: string;
  readonly about?: Partial<About>;
}

/** A ROM that takes the supply; on an F407, whose USB runs from VDD. */
function rom({ readable = true, chip = 'STM32F407', about = {} }: Device = {}): MemoryTarget {
  const flash = regionOf({ start: START, sizes: [16384, 16384], writeSize: 4 });
  const feature = regionOf({ start: FEATURE, sizes: [4], writeSize: 4, kind: 'device-feature' });
  const sectors = feature.sectors.map((sector) => ({ ...sector, readable }));
  const target = new MemoryTarget([flash, { ...feature, sectors } satisfies Region], 1024);
  const found = findChipByName(chip);
  target.about = aboutTest({ kind: 'st-rom', chips: found ? [found] : [], certain: true, ...about });
  return target;
}

/** Refuses to write where the supply is told. */
function refusing(error: Error): MemoryTarget {
  const target = rom();
  const write = target.write.bind(target);
  target.write = async (address, ...rest) => {
    if (address === FEATURE) throw error;
    await write(address, ...rest);
  };
  return target;
}

const STATUS = { operation: 'write', status: 'errVENDOR', state: 'dfuERROR' };

describe('supplyRange', () => {
  it.each([
    [1.61, undefined, undefined],
    [1.62, 0, 1],
    [2.09, 0, 1],
    [2.1, 1, 2],
    [2.4, 2, 2],
    [2.7, 3, 4],
    [3.6, 3, 4],
    [3.61, undefined, undefined],
    [Number.NaN, undefined, undefined],
  ])('of %d V is %s, %s bytes at once (AN3156 §3.3.3, RM0090 §3.6.2)', (volts, range, bytesAtOnce) => {
    expect([supplyRange(volts)?.range, supplyRange(volts)?.bytesAtOnce]).toEqual([range, bytesAtOnce]);
  });
});

/** A device on which a job takes as long as its cells need. */
function slow(target: MemoryTarget): ConnectedDevice {
  const clock = new QuickClock();
  const erasing = target.erase.bind(target);
  const writing = target.write.bind(target);
  target.erase = async (...args) => {
    await erasing(...args);
    clock.pass(1000);
  };
  target.write = async (...args) => {
    await writing(...args);
    clock.pass(1000);
  };
  return deviceOf(target, clock);
}

describe('the supply of a job', () => {
  it('follows from USB where the chip has no other supply for it than VDD', async () => {
    const { supply } = await prepare(deviceWith(rom()), IMAGE);
    expect(supply).toMatchObject({ basis: 'usb', told: { volts: 2.7, range: 3, bytesAtOnce: 4 } });
    expect(supply.told?.source).toContain('DS8626');
  });

  it.each([
    ['a chip with VDDUSB', { chip: 'STM32F446' }],
    ['a device that may be any chip', { about: { chips: [] } }],
    ['a loader that is not in ROM', { about: { kind: 'custom' } }],
  ] as const)('is not known of %s', (_, device) => {
    expect(planSupply(deviceWith(rom(device)))).toEqual({ basis: 'unknown' });
  });

  it('is told as it is stated, on any chip that takes it', () => {
    const told = { volts: 2.2, range: 1, bytesAtOnce: 2 };
    expect(planSupply(deviceWith(rom({ chip: 'STM32F446' })), 2.2)).toEqual({ basis: 'stated', told });
    expect(planSupply(deviceWith(rom()), 'none')).toEqual({ basis: 'withheld' });
  });

  it('is refused where no such chip runs on it', async () => {
    await expect(prepare(deviceWith(rom()), IMAGE, { supply: 5 })).rejects.toMatchObject({ code: 'plan/supply' });
  });

  it('decides about the time that is estimated', async () => {
    const target = rom();
    target.poke(START, new Uint8Array(16384));
    const estimate = async (supply: 'auto' | 'none' | number) =>
      (await prepare(deviceWith(target), IMAGE, { supply })).plan.estimateMs;
    // 250, 300 and 400 ms to erase 16 KB, and 16 µs for 4, 2 and 1 bytes (DS8626).
    const auto = await estimate('auto');
    expect((await estimate(2.2)) - auto).toBeCloseTo(50 + 4096 * 0.016);
    expect((await estimate('none')) - auto).toBeCloseTo(150 + 3 * 4096 * 0.016);
  });

  it('is told before anything is changed, read back, and heard of', async () => {
    const target = rom();
    const events: Progress[] = [];
    const device = slow(target);
    const options = { onProgress: (event: Progress) => events.push(event) };
    const preparation = await prepare(device, IMAGE, options);
    expect(target.log).toEqual([]);
    await carryOut(device, preparation, options);
    expect(target.log[0]).toBe('write ffff0000 4');
    expect(target.peek(TOLD)).toEqual(Uint8Array.of(3, 0, 0, 0));
    const named = events.map((event) => ('phase' in event ? event.phase : event.type));
    expect(named.indexOf('supply')).toBeLessThan(named.indexOf('program'));
    expect(events.find(({ type }) => type === 'supply')).toMatchObject({ taken: true });
  });

  it('is not told where nothing is to be changed', async () => {
    const target = rom();
    const device = slow(target);
    await carryOut(device, await prepare(device, IMAGE, { supply: 'none' }));
    expect(target.log).not.toContain('write ffff0000 4');
    const again = await prepare(device, IMAGE);
    expect(again.supply).toEqual({ basis: 'no-change' });
    await carryOut(device, again);
    expect(target.log).not.toContain('write ffff0000 4');
  });

  it('is not read back from a memory that cannot be read', async () => {
    const target = rom({ readable: false });
    const read = target.read.bind(target);
    target.read = (range, ...rest) => {
      if (range.start === FEATURE) throw new Error('read');
      return read(range, ...rest);
    };
    await erase(slow(target), { start: START, end: START + 16384 });
    expect(target.log[0]).toBe('write ffff0000 4');
  });

  it('that USB implies may be refused, and the job goes on', async () => {
    const target = refusing(new FlashError('dfu/status', STATUS));
    const events: Progress[] = [];
    await eraseAll(deviceWith(target), { onProgress: (event) => events.push(event) });
    expect(events.find(({ type }) => type === 'supply')).toMatchObject({ taken: false });
    expect(target.settled).toBe(1);
    expect(target.log).toContain('erase 8000000');
  });

  it('that was stated must be taken', async () => {
    const target = refusing(new FlashError('dfu/status', STATUS));
    const device = slow(target);
    await expect(eraseAll(device, { supply: 3.3 })).rejects.toMatchObject({ code: 'dfu/status' });
    const deaf = rom();
    deaf.deaf = true;
    await expect(eraseAll(deviceWith(deaf), { supply: 3.3 })).rejects.toMatchObject({ code: 'verify/mismatch' });
    expect(target.log).toEqual([]);
  });

  it('does not outlive a device that is gone', async () => {
    const target = refusing(new FlashError('usb/gone', {}));
    await expect(eraseAll(deviceWith(target))).rejects.toMatchObject({ code: 'usb/gone' });
  });

  it('is told once for an erase of parts of sectors', async () => {
    const target = rom();
    target.poke(START, new Uint8Array(16384));
    await erase(slow(target), { start: START + 100, end: START + 20_000 });
    expect(target.log.filter((each) => each === 'write ffff0000 4')).toHaveLength(1);
  });
});
