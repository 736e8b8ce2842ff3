import { describe, expect, it } from 'vitest';
import { drive } from '../../testing/drive.ts';
import { Flash } from '../flash/flash.ts';
import { STM32F105 } from '../table/well-known.ts';
import { PlainDfu } from './plain-dfu.ts';

const START = 0x0800_5000;

function makeDevice() {
  const flash = new Flash(STM32F105.cells);
  const device = new PlainDfu(flash, {
    ids: { vendorId: 0x1eaf, productId: 0x0003, bcdDevice: 0x0200 },
    strings: { manufacturer: 'LeafLabs', product: 'Maple 003', serial: 'LLM 003' },
    alternate: 'Upload to Flash',
    start: START,
  });
  return { flash, device, dfu: drive(device) };
}

describe('a loader that speaks plain DFU 1.1', () => {
  it('takes every block for firmware, ST’s commands too', () => {
    const { flash, dfu } = makeDevice();
    expect(dfu.download(0, '2100000008')).toBe('ack');
    expect(dfu.status()).toBe('000000000500');
    expect([...flash.peek(START, 5)]).toEqual([0x21, 0, 0, 0, 8]);
  });

  it('puts blocks one behind the other, and ends with an empty one', () => {
    const { flash, dfu } = makeDevice();
    dfu.download(2, '0102');
    expect([...flash.peek(START + 2048, 2)]).toEqual([1, 2]);
    expect(dfu.download(0, '')).toBe('ack');
    expect(dfu.status()).toBe('000000000700');
  });

  it('refuses uploads and blocks beyond its flash', () => {
    const { dfu } = makeDevice();
    expect(dfu.upload(2, 64)).toBe('stall');
    expect(dfu.download(0xffff, '00')).toBe('stall');
  });

  it('announces ST’s extension all the same', () => {
    const { dfu } = makeDevice();
    expect(dfu.descriptor(0x2100, 0, 9)).toBe('09210bff0000041a01');
  });
});
