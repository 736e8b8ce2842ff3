import { describe, expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { blankCheck } from './blank-check.ts';

const MB = 1024 * 1024;
const START = 0x0800_0000;
const EEPROM = 0x0808_0000;
const zeroed = { ...regionOf({ start: EEPROM, sizes: [64], kind: 'eeprom' }), erasedValue: 0 };

function targetWith(): MemoryTarget {
  return new MemoryTarget([regionOf({ start: START, sizes: [1024, 1024, 2048] }), zeroed], 256);
}

describe('blankCheck', () => {
  it('reads all flash by default, and finds nothing in one that is erased', async () => {
    expect(await blankCheck(deviceWith(targetWith()))).toEqual({ checked: 4096, used: [] });
  });

  it('names each sector that holds something, with its first byte and how many there are', async () => {
    const target = targetWith();
    target.poke(START + 5, Uint8Array.of(1, 0xff, 3));
    target.poke(START + 2048, Uint8Array.of(7));
    const { used } = await blankCheck(deviceWith(target));
    expect(used.map(({ sector, first, bytes }) => [sector.index, first, bytes])).toEqual([
      [0, { address: START + 5, found: 1 }, 2],
      [2, { address: START + 2048, found: 7 }, 1],
    ]);
  });

  it('cuts a large memory between its sectors, and reads all of it', async () => {
    const sizes = [3 * MB, 1 * MB, 3 * MB, 5 * MB];
    const target = new MemoryTarget([regionOf({ start: START, sizes })], 256 * 1024);
    target.poke(START + 12 * MB - 1, Uint8Array.of(7));
    const asked: number[] = [];
    const read = target.read.bind(target);
    target.read = (range, options) => {
      asked.push((range.end - range.start) / MB);
      return read(range, options);
    };
    const { checked, used } = await blankCheck(deviceWith(target));
    expect([checked, asked]).toEqual([12 * MB, [4, 3, 5]]);
    expect(used.map(({ sector, bytes }) => [sector.index, bytes])).toEqual([[3, 1]]);
  });

  it('looks at the range alone', async () => {
    const target = targetWith();
    target.poke(START, Uint8Array.of(1));
    target.poke(START + 1536, Uint8Array.of(1));
    expect(await blankCheck(deviceWith(target), { start: START + 1, end: START + 1536 })).toEqual({
      checked: 1535,
      used: [],
    });
  });

  it('goes by the erased value of each memory', async () => {
    const target = targetWith();
    target.poke(EEPROM, new Uint8Array(64));
    const range = { start: EEPROM, end: EEPROM + 64 };
    expect((await blankCheck(deviceWith(target), range)).used).toEqual([]);
    target.poke(EEPROM + 9, Uint8Array.of(0xff));
    expect((await blankCheck(deviceWith(target), range)).used).toMatchObject([{ bytes: 1 }]);
  });

  it('refuses a range of which a part is no memory', async () => {
    const device = deviceWith(targetWith());
    await expect(blankCheck(device, { start: START + 2048, end: START + 8192 })).rejects.toMatchObject({
      code: 'plan/outside',
    });
  });
});
