import { CHIPS } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { IDLE, operation, setAddress } from '../../testing/dfu-script.ts';
import { alternate, scriptedPort } from '../../testing/scripted-port.ts';
import type { UsbPort } from '../ports/usb.ts';
import { connectByDescriptors } from './connect.ts';

const CLOCK = { now: () => 0, sleep: async () => undefined };
const FLASH = '@Internal Flash  /0x08000000/128*002Kg';

function portWith(functional: readonly number[], names: readonly string[] = [FLASH]): UsbPort {
  const alternates = names.map((name, i) => alternate(name, i));
  return { ...scriptedPort([]), alternates, configurationDescriptor: Uint8Array.from(functional) };
}

describe('connectByDescriptors', () => {
  it('asks nothing of the device and takes its block size', () => {
    const target = connectByDescriptors(portWith([9, 0x21, 0x0b, 255, 0, 0, 8, 0x1a, 1]), { clock: CLOCK });
    expect(target.about.blockSize).toBe(2048);
    expect(target.geometry).toHaveLength(1);
  });

  it('assumes blocks of 1024 bytes without a functional descriptor and never more than Linux passes on', () => {
    expect(connectByDescriptors(portWith([]), { clock: CLOCK }).about.blockSize).toBe(1024);
    expect(
      connectByDescriptors(portWith([9, 0x21, 0x0b, 255, 0, 0, 0x80, 0x1a, 1]), { clock: CLOCK }).about.blockSize,
    ).toBe(4096);
  });

  it('refuses a device that takes no downloads', () => {
    const port = portWith([9, 0x21, 0x0a, 255, 0, 0, 8, 0x1a, 1]);
    expect(() => connectByDescriptors(port, { clock: CLOCK })).toThrow(
      expect.objectContaining({ code: 'device/not-programmable' }),
    );
  });

  it('gives every block an address of its own where the loader counts in blocks that we cannot send', async () => {
    const block = operation(`DNLOAD 2 ${'00'.repeat(4096)}`);
    const port = scriptedPort([IDLE, ...setAddress(0x0800_0000), ...block, ...setAddress(0x0800_1000), ...block]);
    const configurationDescriptor = Uint8Array.of(9, 0x21, 0x0b, 255, 0, 0, 0x20, 0x1a, 1);
    const described = { ...port, alternates: [alternate(FLASH)], configurationDescriptor };
    const target = connectByDescriptors(described, { clock: new QuickClock() });
    await target.write(0x0800_0000, new Uint8Array(8192));
    expect(port.left).toEqual([]);
  });

  it('refuses a device whose blocks have no room for an address, and takes 1024 bytes for one that states 0', () => {
    const port = portWith([9, 0x21, 0x0b, 255, 0, 4, 0, 0x1a, 1]);
    expect(() => connectByDescriptors(port, { clock: CLOCK })).toThrow(/takes 4 bytes at once/);
    const silent = portWith([9, 0x21, 0x09, 255, 0, 0, 0, 0x1a, 1]);
    expect(connectByDescriptors(silent, { clock: CLOCK }).about).toMatchObject({ blockSize: 1024, uploads: false });
  });

  it("refuses a device that knows none of ST's commands", () => {
    const plain = portWith([9, 0x21, 0x0b, 255, 0, 0, 8, 0x10, 1], ['Firmware']);
    expect(() => connectByDescriptors(plain, { clock: CLOCK })).toThrow(
      expect.objectContaining({ code: 'device/not-programmable' }),
    );
  });

  const BROKEN = '@Internal Flash  /0x0800000G/128*002Kg';

  it('says what is wrong with a map that cannot be understood, and where', () => {
    expect(() => connectByDescriptors(portWith([], [BROKEN]), { clock: CLOCK })).toThrow(/dfu\/layout .*"offset":18/);
  });

  it('takes the sectors of a stated chip in place of a map that cannot be understood', () => {
    const chip = CHIPS.find(({ id }) => id === 'stm32f405');
    const { geometry, about } = connectByDescriptors(portWith([], [BROKEN]), { clock: CLOCK, chip });
    expect(geometry[0]?.sectors[4]).toMatchObject({ start: 0x0801_0000, end: 0x0802_0000 });
    expect(about.differences.join('; ')).toMatch(/sectors of the STM32F405.*position 18/);
  });

  it('serves the flash whose map can be understood beside one whose map cannot', () => {
    const { geometry, about } = connectByDescriptors(portWith([], [FLASH, '@SPI Flash/90000000/16*4Kg']), {
      clock: CLOCK,
    });
    expect(geometry.map(({ name }) => name)).toEqual(['Internal Flash']);
    expect(about.differences.join()).toContain('position 11');
  });

  it('has no regions where the alternates name none', () => {
    expect(connectByDescriptors(portWith([], ['DFU MEDIA']), { clock: CLOCK }).geometry).toEqual([]);
  });
});
