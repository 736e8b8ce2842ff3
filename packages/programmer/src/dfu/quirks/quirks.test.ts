import { describe, expect, it } from 'vitest';
import { alternate, scriptedPort } from '../../../testing/scripted-port.ts';
import type { UsbIdentity } from '../../ports/usb.ts';
import { connectByDescriptors } from '../connect.ts';
import type { Quirk, QuirkEffects } from './quirk.ts';
import { QUIRKS, quirksOf } from './quirks.ts';

const CLOCK = { now: () => 0, sleep: async () => undefined };

describe('quirksOf', () => {
  const ST = { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x2200, product: 'STM32  BOOTLOADER' };
  const NEW = { ...ST, bcdDevice: 0x0200, product: 'DFU in FS Mode' };

  /** The ids of the rows that hold for a device of which these descriptors are known. */
  function rowsFor(identity: UsbIdentity, names: readonly string[]): string[] {
    const alternates = names.map((name, i) => alternate(name, i));
    const configurationDescriptor = Uint8Array.of(9, 0x21, 0x0b, 255, 0, 0, 8, 0x1a, 1);
    const port = { ...scriptedPort([]), alternates, configurationDescriptor, identity };
    const identification = connectByDescriptors(port, { clock: CLOCK, quirks: [] }).about;
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
    const identification = { kind: 'custom', title: '', chips: [], certain: false, because: '' } as const;
    const device = { identity: ST, alternates: [], identification };
    const rows = [row('a', { stallsEarlyPoll: true }), row('b', { mostBlockBytes: 512 })];
    expect(quirksOf(device, rows)).toEqual({ stallsEarlyPoll: true, mostBlockBytes: 512 });
    expect(quirksOf(device, [])).toEqual({});
  });
});
