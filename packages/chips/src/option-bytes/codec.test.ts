import { describe, expect, it } from 'vitest';
import { CHIPS } from '../chips.ts';
import { decodeOptionBytes, encodeOptionBytes, namedValue, nameOfValue } from './codec.ts';
import type { OptionLayout } from './layout.ts';
import { optionLayoutOf } from './layouts.ts';

const LAYOUTS = [...new Set(CHIPS.flatMap((chip) => optionLayoutOf(chip) ?? []))];
/** More than any bootloader shows. */
const BLOCK_BYTES = 512;

function layoutFor(id: string): OptionLayout {
  const chip = CHIPS.find((each) => each.id === id);
  const layout = chip && optionLayoutOf(chip);
  if (!layout) throw new Error(id);
  return layout;
}

/** Names of the values, or the values where they have none. */
function meaning(id: string, bytes: readonly number[], length = bytes.length): Record<string, string | number> {
  const block = Uint8Array.from({ length }, (_, i) => bytes[i] ?? 0xff);
  const fields = decodeOptionBytes(layoutFor(id), [block]);
  return Object.fromEntries(fields.map(({ field, value }) => [field.name, nameOfValue(field, value) ?? value]));
}

/** The same bytes for the same seed; complements as the layout wants them. */
function noiseFor(layout: OptionLayout, seed: number): Uint8Array[] {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  return layout.blocks.map(() => {
    const bytes = Uint8Array.from({ length: BLOCK_BYTES }, next);
    const { unit, complement } = layout;
    if (complement === 'never') return bytes;
    for (let at = 0; at < bytes.length; at += 2 * unit) {
      for (let i = 0; i < unit; i++) bytes[at + unit + i] = ~(bytes[at + i] ?? 0) & 0xff;
    }
    // Program registers hold what the chip has.
    return bytes;
  });
}

const settled = (layout: OptionLayout, seed: number) => encodeOptionBytes(layout, noiseFor(layout, seed), new Map());

describe('what leaves the factory', () => {
  it.each([
    // RM0091: 0x00FF55AA.
    ['stm32f072', [0xaa, 0x55, 0xff, 0x00], { RDP: 'level 0', WDG_SW: 'started by software', nRST_STOP: 'no reset' }],
    ['stm32f105', [0xa5, 0x5a, 0xff, 0x00], { RDP: 'level 0', nRST_STDBY: 'no reset' }],
    // OPTCR 0x0FFFAAED (RM0090); its two lowest bits are no option bytes.
    ['stm32f405', [0xec, 0xaa, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0x0f], { RDP: 'level 0', BOR_LEV: 'off', nWRP: 0xfff }],
    // A part with nDBANK = 0 (community.st.com td-p/410209).
    [
      'stm32f767',
      [0xff, 0xaa, 0x00, 0x55, 0, 0, 0, 0, 0xff, 0xdf, 0x00, 0x20],
      { RDP: 'level 0', nDBANK: 'two banks', nDBOOT: 'no dual boot', nWRP: 0xfff },
    ],
    // 0xFFEFF8AA (RM0440).
    [
      'stm32g474',
      [0xaa, 0xf8, 0xef, 0xff, 0x55, 0x07, 0x10, 0x00],
      { RDP: 'level 0', DBANK: 'two banks', BFB2: 'boot from bank 1', nSWBOOT0: 'BOOT0 is the pin' },
    ],
    // 0xFF0700F8 (RM0038).
    ['stm32l152xc', [0xaa, 0, 0x55, 0xff, 0xf8, 0, 0x07, 0xff], { RDP: 'level 0', BOR_LEV: '1.8 V' }],
    // OPTSR 0x1BC6AAF0 (RM0433).
    [
      'stm32h743',
      [0xf0, 0xaa, 0xc6, 0x1b, 0xf0, 0xaa, 0xc6, 0x1b],
      { RDP: 'level 0', IWDG1_SW: 'started by software', SWAP_BANK_OPT: 'banks in order', SECURITY: 'off' },
    ],
    ['stm32h563', [0xf8, 0xed, 0, 0, 0xf8, 0xed, 0, 0], { PRODUCT_STATE: 'open', IWDG_SW: 'started by software' }],
  ])('is told by name on %s', (id, bytes, expected) => {
    expect(meaning(id, bytes)).toMatchObject(expected);
  });

  it.each([
    ['stm32f072', [0x00, 0xff], 'level 1'],
    ['stm32f072', [0xcc, 0x33], 'level 2'],
    ['stm32f105', [0xcc, 0x33], 'level 1'],
    ['stm32f405', [0xff, 0x55], 'level 1'],
    ['stm32u575', [0x55, 0, 0, 0x80], 'level 0.5, or 1 without TrustZone'],
  ])('read protection of %s, %j, is %s', (id, bytes, level) => {
    expect(meaning(id, bytes)['RDP']).toBe(level);
  });
});

describe('the tables', () => {
  it('are there for every chip but three that no document at hand tells of', () => {
    const without = CHIPS.filter((chip) => !optionLayoutOf(chip)).map(({ id }) => id);
    expect(without).toEqual(['stm32f103-xl', 'stm32f410', 'stm32wb15']);
  });

  it('begin where the chip table says that option bytes are, or say why not', () => {
    const differing = CHIPS.filter((chip) => {
      const layout = optionLayoutOf(chip);
      return layout?.blocks.some((address, i) => chip.optionBytes[i] !== address);
    });
    // The second bank of G0B is registers alone; what the bootloader of H7S shows is not where RM0477 has the registers.
    expect(differing.map(({ id }) => id)).toEqual(['stm32g0b0', 'stm32g0b1', 'stm32h7s3']);
  });

  it.each(LAYOUTS.map((layout) => [layout.id, layout] as const))(
    '%s: no two fields share a bit or a name',
    (_, layout) => {
      const bits = layout.fields.flatMap(({ block, units, bit, bits: count }) =>
        Array.from({ length: count }, (__, i) => {
          const place = bit + i;
          return `${block}:${(units[Math.floor(place / (8 * layout.unit))] ?? -1) * 8 + (place % (8 * layout.unit))}`;
        }),
      );
      expect(new Set(bits).size).toBe(bits.length);
      expect(new Set(layout.fields.map(({ name }) => name)).size).toBe(layout.fields.length);
      expect(bits.filter((place) => place.includes('-'))).toEqual([]);
    },
  );

  it.each(LAYOUTS.map((layout) => [layout.id, layout] as const))(
    '%s: values fit, and protection names fields',
    (_, layout) => {
      const names = new Set(layout.fields.map(({ name }) => name));
      const { writeProtection, readProtection } = layout;
      const used =
        writeProtection?.kind === 'areas' ? writeProtection.areas.flatMap(({ start, end }) => [start, end]) : [];
      const bits = writeProtection?.kind === 'bits' ? writeProtection.fields : [];
      expect([readProtection.field, ...used, ...bits].filter((name) => !names.has(name))).toEqual([]);
      const tooLarge = layout.fields.flatMap(({ values, bits: count }) =>
        values.filter(({ value }) => value >= 2 ** count),
      );
      expect(tooLarge).toEqual([]);
      const open = layout.fields.find(({ name }) => name === readProtection.field);
      expect(open && namedValue(open, readProtection.open)?.caution).toBeUndefined();
    },
  );
});

describe.each(LAYOUTS.map((layout) => [layout.id, layout] as const))('encoding %s', (_, layout) => {
  it('changes nothing when every field keeps its value', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const blocks = settled(layout, seed);
      const fields = decodeOptionBytes(layout, blocks);
      expect(fields.length).toBe(layout.fields.length);
      const values = new Map(fields.map(({ field, value }) => [field.name, value]));
      expect(encodeOptionBytes(layout, blocks, values)).toEqual(blocks);
    }
  });

  it('changes one field and no other, and its complement with it', () => {
    const blocks = settled(layout, 99);
    const before = decodeOptionBytes(layout, blocks);
    for (const { field, value } of before) {
      const wanted = (value + 1) % 2 ** field.bits;
      const next = encodeOptionBytes(layout, blocks, new Map([[field.name, wanted]]));
      const after = decodeOptionBytes(layout, next);
      expect(after).toEqual(before.map((each) => (each.field === field ? { ...each, value: wanted } : each)));
    }
  });

  it('leaves every byte outside of the fields as it was', () => {
    const blocks = settled(layout, 7);
    const values = new Map(
      decodeOptionBytes(layout, blocks).map(({ field, value }) => [field.name, 2 ** field.bits - 1 - value]),
    );
    const next = encodeOptionBytes(layout, blocks, values);
    const touched = layout.fields.flatMap(({ block, units, programUnits = [] }) =>
      [...units, ...programUnits].flatMap((at) =>
        Array.from(
          { length: layout.complement === 'never' ? layout.unit : 2 * layout.unit },
          (__, i) => `${block}:${at + i}`,
        ),
      ),
    );
    const own = new Set(touched);
    const changed = blocks.flatMap((bytes, block) =>
      [...(bytes ?? [])].flatMap((byte, at) => (byte === next[block]?.[at] ? [] : [`${block}:${at}`])),
    );
    expect(changed.filter((place) => !own.has(place))).toEqual([]);
    expect(changed.length).toBeGreaterThan(0);
  });
});

describe('complements', () => {
  it('that do not agree are told, and left alone where nobody asked', () => {
    const layout = layoutFor('stm32f105');
    const bytes = Uint8Array.from([0xa5, 0x5a, 0xff, 0x01, 0xff, 0xff, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0]);
    const states = new Map(decodeOptionBytes(layout, [bytes]).map(({ field, state }) => [field.name, state]));
    expect(states.get('RDP')).toBe('ok');
    expect(states.get('WDG_SW')).toBe('mismatch');
    expect(states.get('Data0')).toBe('unprogrammed');
    const [next] = encodeOptionBytes(layout, [bytes], new Map([['Data1', 0x12]]));
    expect([...(next ?? [])].slice(0, 8)).toEqual([0xa5, 0x5a, 0xff, 0x01, 0xff, 0xff, 0x12, 0xed]);
  });

  it('are kept on F4 and F7 where the chip shows them, and not invented where it does not', () => {
    const layout = layoutFor('stm32f767');
    const shown = [0xff, 0xaa, 0x00, 0x55, 0, 0, 0, 0, 0xff, 0xff, 0x00, 0x00];
    const hidden = [0xff, 0xaa, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    const write = (bytes: readonly number[]) => [
      ...(encodeOptionBytes(layout, [Uint8Array.from(bytes)], new Map([['nDBANK', 0]]))[0] ?? []),
    ];
    expect(write(shown).slice(8)).toEqual([0xff, 0xdf, 0x00, 0x20]);
    expect(write(hidden).slice(8)).toEqual([0xff, 0xdf, 0xff, 0xff]);
  });
});

describe('registers in pairs', () => {
  it('are written as the chip has them, with the change, whatever stood in the program register', () => {
    const layout = layoutFor('stm32h743');
    const bytes = new Uint8Array(128);
    bytes.set([0xf0, 0xaa, 0xc6, 0x1b]);
    const [next] = encodeOptionBytes(layout, [bytes], new Map([['SWAP_BANK_OPT', 1]]));
    expect([...(next ?? [])].slice(0, 8)).toEqual([0xf0, 0xaa, 0xc6, 0x9b, 0xf0, 0xaa, 0xc6, 0x9b]);
  });
});

describe('a field that is not there', () => {
  it('is refused, as is a value without room', () => {
    const layout = layoutFor('stm32g431');
    const blocks = [new Uint8Array(40)];
    expect(() => encodeOptionBytes(layout, blocks, new Map([['SEC_SIZE1', 1]]))).toThrow(RangeError);
    expect(() => encodeOptionBytes(layout, blocks, new Map([['NONE', 1]]))).toThrow(RangeError);
    expect(() => encodeOptionBytes(layout, blocks, new Map([['BOR_LEV', 8]]))).toThrow(RangeError);
    expect(decodeOptionBytes(layout, blocks).map(({ field }) => field.name)).not.toContain('SEC_SIZE1');
  });
});
