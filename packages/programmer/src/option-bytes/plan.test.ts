import { CHIPS, decodeOptionBytes, optionLayoutOf } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { aboutTest, deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { planOptionBytes } from './plan.ts';
import { sectorProtection } from './protected-sectors.ts';
import { type OptionState, readOptionBytes } from './state.ts';

const F105 = CHIPS.filter(({ id }) => id === 'stm32f105');
const FACTORY = [0xa5, 0x5a, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0];

function stateOf(bytes: readonly number[], chips = F105): OptionState {
  const layout = chips[0] && optionLayoutOf(chips[0]);
  if (!layout) throw new Error('no layout');
  const blocks = [Uint8Array.from(bytes)];
  return { layout, blocks, fields: decodeOptionBytes(layout, blocks) };
}

describe('planOptionBytes', () => {
  it('writes the whole block, with the change and its complement, and knows what must hold then', () => {
    const plan = planOptionBytes(stateOf(FACTORY), [{ name: 'data1', value: '0x12' }]);
    expect(plan.changes).toMatchObject([{ field: { name: 'Data1' }, from: 0xff, to: 0x12 }]);
    expect(plan.writes).toEqual([
      { address: 0x1fff_f800, bytes: Uint8Array.from(FACTORY, (byte, i) => (i === 6 ? 0x12 : i === 7 ? 0xed : byte)) },
    ]);
    expect(plan.expected.get('Data1')).toBe(0x12);
    expect(plan.expected.get('Data0')).toBe(0xff);
    expect(plan.closes).toBe(false);
  });

  it('has nothing to write for values that are there', () => {
    const plan = planOptionBytes(stateOf(FACTORY), [{ name: 'RDP', value: '0' }]);
    expect(plan).toMatchObject({ changes: [], writes: [] });
  });

  it('programs a value that was only there because nothing was programmed', () => {
    const blank = FACTORY.map((byte, i) => (i === 5 ? 0xff : byte));
    const plan = planOptionBytes(stateOf(blank), [{ name: 'Data0', value: '0xFF' }]);
    expect(plan.changes).toHaveLength(1);
    expect(plan.writes[0]?.bytes[5]).toBe(0);
  });

  it('tells that it closes the chip, and what that means', () => {
    const plan = planOptionBytes(stateOf(FACTORY), [{ name: 'RDP', value: 'level 1' }]);
    expect(plan.closes).toBe(true);
    expect(plan.changes[0]?.caution).toContain('erases everything');
  });

  it('is made only for an open chip', () => {
    const closed = [0x00, 0xff, ...FACTORY.slice(2)];
    expect(() => planOptionBytes(stateOf(closed), [{ name: 'Data0', value: '1' }])).toThrow('device/read-protected');
  });

  it('writes the block that closes the chip last', () => {
    const chips = CHIPS.filter(({ id }) => id === 'stm32g474');
    const layout = chips[0] && optionLayoutOf(chips[0]);
    if (!layout) throw new Error('no layout');
    const first = [0xaa, 0xf8, 0xef, 0xff, 0x55, 0x07, 0x10, 0x00];
    const blocks = [0, 1].map((n) => Uint8Array.from({ length: 48 }, (_, i) => (n === 0 ? (first[i] ?? 0xff) : 0xff)));
    const state = { layout, blocks, fields: decodeOptionBytes(layout, blocks) };
    const plan = planOptionBytes(state, [
      { name: 'RDP', value: '1' },
      { name: 'WRP2A_END', value: '0' },
    ]);
    expect(plan.writes.map(({ address }) => address)).toEqual([0x1fff_f800, 0x1fff_7800]);
  });

  it('allows what is for ever only when that is asked for', () => {
    const chips = CHIPS.filter(({ id }) => id === 'stm32f072');
    const state = stateOf([0xaa, 0x55, ...FACTORY.slice(2)], chips);
    const forEver = [{ name: 'RDP', value: '2' }];
    expect(() => planOptionBytes(state, forEver)).toThrow('option-bytes/for-ever');
    expect(planOptionBytes(state, forEver, { forEver: true }).writes[0]?.bytes.slice(0, 2)).toEqual(
      Uint8Array.of(0xcc, 0x33),
    );
  });
});

describe('readOptionBytes', () => {
  const target = (): MemoryTarget => {
    const made = new MemoryTarget([
      regionOf({ start: 0x0800_0000, sizes: Array.from({ length: 128 }, () => 2048) }),
      regionOf({ start: 0x1fff_f800, sizes: [16], kind: 'option-bytes' }),
    ]);
    made.poke(
      0x1fff_f800,
      Uint8Array.from(FACTORY, (byte, i) => (i === 8 ? 0xfd : i === 9 ? 0x02 : byte)),
    );
    return made;
  };

  it('decodes what the chip has, and tells which sectors are protected', async () => {
    const made = target();
    const state = await readOptionBytes(deviceWith(made), aboutTest({ chips: F105, certain: true }));
    const [flash] = made.geometry;
    const { protected: sectors, untold } = flash ? sectorProtection(state, flash, F105) : {};
    expect(sectors?.map(({ index }) => index)).toEqual([2, 3]);
    expect(untold).toEqual([]);
  });

  it.each([
    [[], 'option-bytes/unknown'],
    [CHIPS.filter(({ id }) => id === 'stm32l476'), 'option-bytes/unknown'],
  ])('is not done by guess', async (chips, code) => {
    await expect(readOptionBytes(deviceWith(target()), aboutTest({ chips, certain: true }))).rejects.toMatchObject({
      code,
    });
  });
});
