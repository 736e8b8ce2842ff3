import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../errors.ts';
import type { Sector } from '../../target/geometry.ts';
import { parseLayout, refuseTooManySectors } from './layout.ts';

/** Strings of real devices, with the bytes behind each of their addresses: logs of dfu-util and of browsers. */
const REAL: readonly (readonly [string, string, string])[] = [
  ['@Option Bytes  /0x1FFFF800/01*016 g', '0x1FFFF800:16', 'f107-rom-v20'],
  ['@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg', '0x08000000:1048576', 'f407-rom-v21'],
  ['@Option Bytes  /0x1FFFC000/01*016 g', '0x1FFFC000:16', 'f407-rom-v21'],
  ['@OTP Memory /0x1FFF7800/01*512 g,01*016 g', '0x1FFF7800:528', 'f407-rom-v21'],
  ['@Device Feature/0xFFFF0000/01*004 g', '0xFFFF0000:4', 'f407-rom-v21'],
  ['@Option Bytes  /0x1FFFC000/01*016 e', '0x1FFFC000:16', 'f405-rom-v22-purethermal'],
  ['@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg', '0x08000000:524288', 'f4-512k-rom-v22-a'],
  ['@Internal Flash  /0x08000000/064*0002Kg', '0x08000000:131072', 'f072-rom-v22'],
  ['@Internal Flash  /0x08000000/032*0001Kg', '0x08000000:32768', 'f042-rom-v22'],
  ['@Internal Flash  /0x08000000/128*0002Kg', '0x08000000:262144', 'f303-rom-v22-a'],
  ['@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg', '0x08000000:524288', 'f722-rom-v22'],
  ['@Option Bytes  /0x1FFF0000/01*048 e', '0x1FFF0000:48', 'f722-rom-v22'],
  ['@OTP Memory /0x1FF07800/01*528e', '0x1FF07800:528', 'f722-rom-v22'],
  ['@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg', '0x08000000:1048576', 'f74x-rom'],
  ['@Internal Flash   /0x08000000/16*128Kg', '0x08000000:2097152', 'h743-rom-a'],
  ['@Option Bytes   /0x5200201C/01*128 e', '0x5200201C:128', 'h743-rom-a'],
  ['@Internal Flash   /0x08000000/8*128Kg', '0x08000000:1048576', 'h723-rom'],
  ['@Option Bytes   /0x5200201C/01*88 e', '0x5200201C:88', 'h723-rom'],
  ['@Internal Flash   /0x08000000/8*08Kg', '0x08000000:65536', 'h7rs-rom'],
  ['@Internal Flash   /0x08000000/64*02Kg', '0x08000000:131072', 'g0b1-rom-a'],
  ['@Option Bytes   /0x1FFF7800/01*40Be', '0x1FFF7800:40', 'g431-rom'],
  ['@OTP Memory   /0x1FFF7000/01*01Ke', '0x1FFF7000:1024', 'g431-rom'],
  ['@Internal Flash  /0x08000000/0128*0002Kg', '0x08000000:262144', 'l433-rom'],
  ['@Option Bytes  /0x1FFF7800/01*040 e', '0x1FFF7800:40', 'l433-rom'],
  ['@Internal Flash  /0x08000000/0256*0002Kg', '0x08000000:524288', 'l452-rom'],
  ['@Option Bytes   /0x40022040/01*48 e', '0x40022040:48', 'l5-rom'],
  ['@OTP Memory   /0x1FFF7000/01*512 e', '0x1FFF7000:512', 'l5-rom'],
  ['@Internal Flash   /0x08000000/128*08Kg', '0x08000000:1048576', 'u5-1m-rom'],
  ['@Internal Flash   /0x08000000/512*08Kg', '0x08000000:4194304', 'u59x-rom'],
  ['@Internal Flash   /0x08000000/256*04Kg', '0x08000000:1048576', 'wb55-rom'],
  ['@Internal Flash  /0x08000000/1536*128g', '0x08000000:196608', 'l072-rom'],
  ['@Option Bytes  /0x1FF80000/01*032 e', '0x1FF80000:32', 'l072-rom'],
  ['@DATA Memory /0x08080000/2*3Ke', '0x08080000:6144', 'l072-rom'],
  ['@Internal Flash  /0x08000000/1024*256 g', '0x08000000:262144', 'l151-rom'],
  ['@DATA Memory /0x08080000/02*004Ke', '0x08080000:8192', 'l151-rom'],
  [
    '@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg',
    '0x08000000:2097152',
    'cubemx-app-old',
  ],
  ['@Internal Flash   /0x08000000/06*002Ka,122*002Kg', '0x08000000:262144', 'hid2ami-custom'],
  ['@Internal Flash  /0x08000000/06*002Ka,250*002Kg', '0x08000000:524288', 'st-eval-midi'],
  ['@SPI Flash : M25P64/0x00000000/128*64Kg', '0x00000000:8388608', 'st-eval-midi'],
  ['@NOR Flash : M29W128F/0x64000000/0256*64Kg', '0x64000000:16777216', 'st-eval-midi'],
  [
    '@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg',
    '0x90000000:262144 0x90040000:3932160 0x90400000:3932160',
    'daisy-boot',
  ],
  ['@Internal Flash   /0x08000000/8*001Ka,120*001Kg', '0x08000000:131072', 'blackmagic'],
  ['@Internal Flash   /0x08000000/20*001Ka,108*001Kg', '0x08000000:131072', 'sparkcore'],
  ['@Internal Flash  /0x08000000/512*002Kg', '0x08000000:1048576', 'gd32'],
  ['@Internal Flash   /0x08000000/128*002Kg', '0x08000000:262144', 'at32'],
  ['@Option byte   /0x1FFFF800/01*512g', '0x1FFFF800:512', 'at32'],
  ['@Internal Flash   /0x08000000/8*02Ka,248*02Kg', '0x08000000:524288', 'openbl'],
];

/** FLASH_DESC_STR of ST's DFU_Standalone examples (STM32CubeF1, F4, H7, L5) and the bytes of all its sectors. */
const ST_EXAMPLES: readonly (readonly [string, number, number])[] = [
  ['@Internal Flash   /0x08000000/10*02Ka,118*02Kg', 262144, 10],
  ['@Internal Flash   /0x08000000/10*02Ka,502*02Kg', 1048576, 10],
  ['@Internal Flash   /0x08000000/02*016Ka,02*016Kg,01*064Kg,03*128Kg', 524288, 2],
  ['@Internal Flash   /0x08000000/02*016Ka,02*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg', 2097152, 2],
  ['@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg', 2097152, 3],
  ['@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg', 1048576, 3],
  ['@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*64Kg,11*128Kg', 1572864, 3],
  ['@Internal Flash   /0x08000000/1*128Ka,7*128Kg', 1048576, 1],
  ['@Internal Flash   /0x08000000/6*8Ka,122*8Kg', 1048576, 6],
  ['@Internal Flash   /0x08000000/01*128Ka,7*128Kg', 1048576, 1],
  ['@Internal Flash   /0x08000000/9*02Ka,247*02Kg', 524288, 9],
];

/** `address:bytes` for each address of a layout; sectors that meet belong to the address before them. */
function totals(text: string): string {
  const layout = parseLayout(text);
  const addresses = [...text.matchAll(/\/(0x[0-9A-F]+)\//g)].map((match) => match[1] ?? '');
  return addresses
    .map((address, i) => {
      const from = Number(address);
      const to = Number(addresses[i + 1] ?? 0x1_0000_0000);
      const own = layout?.sectors.filter(({ start }) => start >= from && start < to) ?? [];
      return `${address}:${own.reduce((sum, { start, end }) => sum + end - start, 0)}`;
    })
    .join(' ');
}

function refused(text: string): { readonly offset: number; readonly expected: string } {
  try {
    parseLayout(text);
  } catch (error) {
    if (hasCode(error, 'dfu/layout')) return error.facts;
    throw error;
  }
  throw new Error(`"${text}" was accepted`);
}

/** Any other error than `dfu/layout` comes through. */
function sectorsOrRefusal(text: string): readonly Sector[] {
  try {
    return parseLayout(text)?.sectors ?? [];
  } catch (error) {
    if (hasCode(error, 'dfu/layout')) return [];
    throw error;
  }
}

describe('parseLayout', () => {
  it.each(REAL)('reads "%s" as %s (%s)', (text, expected) => {
    expect(totals(text)).toBe(expected);
  });

  it.each(ST_EXAMPLES)(
    'reads "%s" of an example of ST as %i bytes, %i sectors of them read-only',
    (text, bytes, readOnly) => {
      const sectors = parseLayout(text)?.sectors ?? [];
      expect(sectors.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(bytes);
      expect(sectors.filter(({ writable, erasable }) => !writable && !erasable)).toHaveLength(readOnly);
    },
  );

  it('ends where it is no more printable ASCII: an STM32F429 goes on with what follows in its memory', () => {
    const clean = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg';
    expect(parseLayout(`${clean}\ucc50\u01a8\u2e54\ubeba`)).toEqual(parseLayout(clean));
  });

  it('may have a name in any language, and a name with control characters is none', () => {
    expect(parseLayout('@Mémoire interne /0x08000000/1*1Kg')).toMatchObject({ name: 'Mémoire interne' });
    expect(parseLayout('@内蔵フラッシュ/0x08000000/2*1Kg')?.sectors).toHaveLength(2);
    expect(() => parseLayout('@Fla\u0007sh/0x08000000/1*1Kg')).toThrow(/layout/);
  });

  it('gives each sector its place, its number and what may be done with it', () => {
    expect(parseLayout('@Internal Flash  /0x08000000/1*2Ka,2*1Kg\0rubbish')).toEqual({
      name: 'Internal Flash',
      sectors: [
        { index: 0, start: 0x0800_0000, end: 0x0800_0800, readable: true, erasable: false, writable: false },
        { index: 1, start: 0x0800_0800, end: 0x0800_0c00, readable: true, erasable: true, writable: true },
        { index: 2, start: 0x0800_0c00, end: 0x0800_1000, readable: true, erasable: true, writable: true },
      ],
    });
  });

  it.each([
    ['e', true, false, true],
    ['f', false, true, true],
    ['c', true, true, false],
    ['b', false, true, false],
    ['d', false, false, true],
  ])(
    'reads the type %s as readable %s, erasable %s, writable %s (UM0424 §10.3.2)',
    (type, readable, erasable, writable) => {
      expect(parseLayout(`@F/0x0/1*1K${type}`)?.sectors[0]).toMatchObject({ readable, erasable, writable });
    },
  );

  it('reaches the very end of the address space and not beyond', () => {
    expect(parseLayout('@F/0xFFFFFC00/1*1Kg')?.sectors[0]?.end).toBe(0x1_0000_0000);
    const { offset, expected } = refused('@F/0xFFFFFC00/2*1Kg');
    expect([offset, expected]).toEqual([14, 'sectors within 32 bits of address space']);
  });

  it.each(['', 'DFU MEDIA', 'DFU Interface', 'Internal Flash /0x08000000/1*1Kg'])(
    'does not take "%s" for a layout',
    (text) => {
      expect(parseLayout(text)).toBeUndefined();
    },
  );

  it.each([
    ['@Internal Flash', 15],
    ['@F/08000000/1*1Kg', 3],
    ['@F/0x/1*1Kg', 3],
    ['@F/0x080000000/1*1Kg', 3],
    ['@F/0x08000000', 13],
    ['@F/0x08000000/', 14],
    ['@F/0x08000000/1*1Kg,', 20],
    ['@F/0x08000000/1*1Kg,2*2Kx', 20],
    ['@F/0x08000000/0*1Kg', 14],
    ['@F/0x08000000/1*0Kg', 14],
    ['@F/0x08000000/10000*1Kg', 14],
    ['@F/0x08000000/1*1Kg/0x08100000/oops', 31],
  ])('refuses "%s" and points at position %i', (text, offset) => {
    expect(refused(text).offset).toBe(offset);
  });

  it('refuses sectors that overlap', () => {
    expect(refused('@F/0x08000000/4*1Kg/0x08000400/1*1Kg')).toEqual({
      text: '@F/0x08000000/4*1Kg/0x08000400/1*1Kg',
      offset: 31,
      expected: 'sectors without overlap',
    });
  });

  it('takes ranges in any order: STM32F42x ROMs name the option bytes of bank 1 first', () => {
    const layout = parseLayout('@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e');
    expect(layout?.sectors.map(({ start, end }) => [start, end])).toEqual([
      [0x1fff_c000, 0x1fff_c010],
      [0x1ffe_c000, 0x1ffe_c010],
    ]);
  });

  it('refuses more sectors than any device can have before it makes them', () => {
    const runs = (count: number): string => Array.from({ length: count }, () => '4097*1 g').join(',');
    expect(refused(`@F/0x08000000/${runs(2)}`).expected).toContain('8192 sectors');
    expect(refused(`@F/0x08000000/${runs(1000)}`).expected).toContain('1024 characters');
  });

  it('refuses settings that together announce more sectors than any device has', () => {
    const name = '@F/0x08000000/8192*1 g';
    expect(() => refuseTooManySectors([name, name])).not.toThrow();
    expect(() => refuseTooManySectors([name, 'DFU MEDIA', name, '@G/0x1000/1*1 g'])).toThrow(/16384 sectors/);
  });

  it('gives a layout, nothing or a dfu/layout error for any string, and never an overlap', () => {
    const piece = fc.constantFrom(
      '@',
      '/',
      '0x',
      '08000000',
      '*',
      ',',
      '1',
      '16',
      '016',
      'K',
      'M',
      'B',
      'g',
      'a',
      ' ',
      '\0',
      'Flash',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((pieces) => `@F/0x${pieces.join('')}`),
    );
    fc.assert(
      fc.property(text, (input) => {
        const sectors = sectorsOrRefusal(input);
        expect(sectors.every(({ start, end }) => end > start)).toBe(true);
        expect(sectors.every(({ start }, i) => start >= (sectors[i - 1]?.end ?? 0))).toBe(true);
      }),
    );
  });
});

describe('a memory that is larger than any', () => {
  it.each(['@F/0x00000000/4*999Mg', '@F/0x08000000/01*005Mg', '@F/0x90000000/17*016Mg'])(
    'is not believed: %s',
    (text) => {
      expect(() => parseLayout(text)).toThrow('dfu/layout');
    },
  );

  it.each(['@QSPI/0x90000000/0128*001Mg', '@QSPI/0x90000000/64*004Mg'])('is not one of 256 MB: %s', (text) => {
    expect(parseLayout(text)?.sectors.length).toBeGreaterThan(0);
  });
});
