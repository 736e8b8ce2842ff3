import { describe, expect, it } from 'vitest';
import { alternate, MemoryLoader } from '../../testing/memory-loader.ts';
import { scriptedPort } from '../../testing/scripted-port.ts';
import type { UsbPort } from '../ports/usb.ts';
import { connectDfu } from './connect.ts';

const CLOCK = { now: () => 0, sleep: async () => undefined };
const FLASH = '@Internal Flash  /0x08000000/128*002Kg';

function portWith(functional: readonly number[], names: readonly string[] = [FLASH]): UsbPort {
  const alternates = names.map((name, i) => alternate(name, i));
  return { ...scriptedPort([]), alternates, configurationDescriptor: Uint8Array.from(functional) };
}

describe('connectDfu', () => {
  it('asks nothing of the device and takes its block size', () => {
    const target = connectDfu(portWith([9, 0x21, 0x0b, 255, 0, 0, 8, 0x1a, 1]), { clock: CLOCK });
    expect(target.transferSize).toBe(2048);
    expect(target.geometry).toHaveLength(1);
  });

  it('assumes blocks of 1024 bytes without a functional descriptor and never more than Linux passes on', () => {
    expect(connectDfu(portWith([]), { clock: CLOCK }).transferSize).toBe(1024);
    expect(connectDfu(portWith([9, 0x21, 0x0b, 255, 0, 0, 0x80, 0x1a, 1]), { clock: CLOCK }).transferSize).toBe(4096);
  });

  it('refuses a device that takes no downloads', () => {
    const port = portWith([9, 0x21, 0x0a, 255, 0, 0, 8, 0x1a, 1]);
    expect(() => connectDfu(port, { clock: CLOCK })).toThrow(
      expect.objectContaining({ code: 'device/not-programmable' }),
    );
  });

  it('gives every block an address of its own where the loader counts in blocks that we cannot send', async () => {
    const port = new MemoryLoader(0x0800_0000, 0x8000, [alternate(FLASH)], [9, 0x21, 0x0b, 255, 0, 0, 0x20, 0x1a, 1]);
    const target = connectDfu(port, { clock: CLOCK });
    await target.write(0x0800_0000, new Uint8Array(8192));
    const commands = port.log.filter((line) => line.startsWith('DNLOAD'));
    expect(commands).toEqual(['DNLOAD 0 21 8000000', 'DNLOAD 2 4096', 'DNLOAD 0 21 8001000', 'DNLOAD 2 4096']);
  });

  it("refuses a device that knows none of ST's commands", () => {
    const plain = portWith([9, 0x21, 0x0b, 255, 0, 0, 8, 0x10, 1], ['Firmware']);
    expect(() => connectDfu(plain, { clock: CLOCK })).toThrow(
      expect.objectContaining({ code: 'device/not-programmable' }),
    );
  });

  it('has no regions where the alternates name none', () => {
    expect(connectDfu(portWith([], ['DFU MEDIA']), { clock: CLOCK }).geometry).toEqual([]);
  });
});
