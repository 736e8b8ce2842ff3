import { describe, expect, it } from 'vitest';
import { alternate } from '../../../testing/scripted-port.ts';
import { announcedFlash, regionsOf } from './geometry.ts';

const FLASH = '@Internal Flash  /0x08000000/128*002Kg';

describe('regionsOf', () => {
  it('makes one region of an alternate, by kind, and is cautious about flash of an unknown chip', () => {
    const names = [
      FLASH,
      '@Option Bytes  /0x1FFFC000/01*016 e',
      '@OTP Memory /0x1FFF7800/01*512 g,01*016 g',
      '@Device Feature/0xFFFF0000/01*004 g',
      '@DATA Memory /0x08080000/2*3Ke',
      'DFU MEDIA',
      '@SPI RAM /0x00000000/1*1Kg',
    ];
    const regions = regionsOf(
      names.map((name, i) => alternate(name, i)),
      [],
    );
    expect(regions.map(({ kind, alternate: number, start, end }) => [kind, number, start, end])).toEqual([
      ['flash', 0, 0x0800_0000, 0x0804_0000],
      ['option-bytes', 1, 0x1fff_c000, 0x1fff_c010],
      ['otp', 2, 0x1fff_7800, 0x1fff_7a10],
      ['device-feature', 3, 0xffff_0000, 0xffff_0004],
      ['eeprom', 4, 0x0808_0000, 0x0808_1800],
      ['other', 6, 0, 0x400],
    ]);
    expect(regions[0]).toMatchObject({ writeSize: 32, cells: 'ecc', erasedValue: 0xff });
    expect(regions[1]).toMatchObject({ writeSize: 4, cells: 'plain' });
  });

  it.each([
    '@Interner Speicher /0x08000000/128*001Kg',
    '@内蔵メモリ /0x08000000/128*001Kg',
    '@Program /0x08004000/8*1Kg',
  ])('takes for flash what is erased where flash lies, whatever its name: %s', (name) => {
    expect(regionsOf([alternate(name, 0)], []).map(({ kind }) => kind)).toEqual(['flash']);
  });

  it('takes memory that several alternates name once, through the first of them (STM32G0B1 ROMs name it three times)', () => {
    const name = '@Internal Flash   /0x08000000/64*02Kg';
    const regions = regionsOf(
      [0, 1, 2].map((number) => alternate(name, number)),
      [],
    );
    expect(regions.map((region) => region.alternate)).toEqual([0]);
  });

  it('compares large maps in time that grows with their length only', () => {
    const runs = (from: number): string =>
      Array.from({ length: 3 }, (_, i) => `/0x${(from + i * 0x10_0000).toString(16)}/900*1Kg,900*1 g`).join('');
    const names = Array.from({ length: 6 }, (_, i) => `@Flash ${i}${runs(0x1000_0000 + i * 0x800)}`);
    const regions = regionsOf(
      names.map((name, i) => alternate(name, i)),
      [],
    );
    // The first two ranges of 900 KB overlap those of the next alternate.
    expect(regions.map(({ alternate: number }) => number)).toEqual([0]);
  });
});

describe('announcedFlash', () => {
  const settings = (...names: string[]) => announcedFlash(names.map((name, i) => alternate(name, i)));

  it('takes the first setting that names flash in a way that can be understood, and tells the others', () => {
    const { sectors, broken } = settings('@SPI Flash/0x9000000G/16*4Kg', FLASH);
    expect(sectors).toHaveLength(128);
    expect(broken.map(({ facts: { offset } }) => offset)).toEqual([11]);
  });

  it.each(['@Internal Flash/08000000/128*2Kg', '@Interner Speicher/0x0800O000/128*2Kg'])(
    'has no sectors where the only map is broken, whatever its name: %s',
    (name) => {
      expect(settings(name)).toMatchObject({ sectors: [], broken: [{ code: 'dfu/layout' }] });
    },
  );

  it('calls a map that is not there not broken', () => {
    expect(settings('DFU MEDIA')).toEqual({ sectors: [], broken: [] });
  });
});
