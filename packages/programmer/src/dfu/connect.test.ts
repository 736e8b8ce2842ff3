import { describe, expect, it } from 'vitest';
import { alternate, MemoryLoader } from '../../testing/memory-loader.ts';
import { scriptedPort } from '../../testing/scripted-port.ts';
import type { UsbIdentity, UsbPort } from '../ports/usb.ts';
import { connectDfu } from './connect.ts';
import { regionsOf } from './geometry.ts';
import { QUIRKS, type Quirk, type QuirkEffects, quirksOf } from './quirks.ts';

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

  it('takes memory that several alternates name once, through the first of them (STM32G0B1 ROMs name it three times)', () => {
    const name = '@Internal Flash   /0x08000000/64*02Kg';
    const regions = regionsOf(
      [0, 1, 2].map((number) => alternate(name, number)),
      [],
    );
    expect(regions.map((region) => region.alternate)).toEqual([0]);
  });
});

describe('quirksOf', () => {
  const ST = { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x2200, product: 'STM32  BOOTLOADER' };
  const NEW = { ...ST, bcdDevice: 0x0200, product: 'DFU in FS Mode' };

  /** The ids of the rows that hold for a device of which these descriptors are known. */
  function rowsFor(identity: UsbIdentity, names: readonly string[]): string[] {
    const port = { ...portWith([9, 0x21, 0x0b, 255, 0, 0, 8, 0x1a, 1], names), identity };
    const { identification } = connectDfu(port, { clock: CLOCK, quirks: [] });
    return QUIRKS.filter((row) => row.matches({ identity, alternates: port.alternates, identification })).map(
      ({ id }) => id,
    );
  }

  it.each([
    [
      'H743',
      NEW,
      ['@Internal Flash   /0x08000000/16*128Kg', '@Option Bytes   /0x5200201C/01*128 e'],
      ['h743-stays-busy-after-erase'],
    ],
    [
      'L452',
      ST,
      ['@Internal Flash  /0x08000000/0256*0002Kg', '@Option Bytes  /0x1FFF7800/01*040 e'],
      ['l4-stalls-early-poll'],
    ],
    [
      'U585',
      NEW,
      ['@Internal Flash   /0x08000000/256*08Kg', '@Option Bytes   /0x40022040/01*64 e'],
      ['u5-silent-when-protected'],
    ],
    [
      'G431',
      NEW,
      ['@Internal Flash   /0x08000000/64*02Kg', '@Option Bytes   /0x1FFF7800/01*40Be'],
      ['g431-blocks-of-1024'],
    ],
    [
      'F407',
      ST,
      ['@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg', '@Option Bytes  /0x1FFFC000/01*016 e'],
      [],
    ],
    ['clone', { ...ST, vendorId: 0x28e9 }, ['@Internal Flash   /0x08000000/16*128Kg'], []],
  ])('lets a row hold for the devices that it names only: %s', (_, identity, names, expected) => {
    expect(rowsFor(identity, names)).toEqual(expected);
  });

  it('puts the effects of all rows that match together', () => {
    const row = (id: string, effects: QuirkEffects): Quirk => ({
      id,
      device: '',
      matches: () => true,
      deviation: '',
      remedy: '',
      effects,
      source: '',
      scenario: '',
    });
    const identification = { loader: 'custom', title: '', chips: [], certain: false, because: '' } as const;
    const device = { identity: ST, alternates: [], identification };
    const rows = [row('a', { stallsEarlyPoll: true }), row('b', { mostBlockBytes: 512 })];
    expect(quirksOf(device, rows)).toEqual({ stallsEarlyPoll: true, mostBlockBytes: 512 });
    expect(quirksOf(device, [])).toEqual({});
  });
});
