import { describe, expect, it } from 'vitest';
import { alternate, scriptedPort } from '../../../testing/scripted-port.ts';
import type { UsbIdentity } from '../../ports/usb.ts';
import type { About } from '../../target/about.ts';
import { connectByDescriptors } from '../connect.ts';
import { identify } from './identify.ts';

const CLOCK = { now: () => 0, sleep: async () => undefined };
const ST = { vendorId: 0x0483, productId: 0xdf11 };
const OLD_ROM: UsbIdentity = { ...ST, bcdDevice: 0x2200, product: 'STM32  BOOTLOADER' };
const NEW_ROM: UsbIdentity = { ...ST, bcdDevice: 0x0200, product: 'DFU in FS Mode' };
const CUBEMX: UsbIdentity = { ...ST, bcdDevice: 0x0200, product: 'STM32 DownLoad Firmware Update' };
const F42X_MAP = '@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg';

/** What a device with these descriptors is taken for; `blockSize` is wTransferSize. */
function identified(identity: UsbIdentity, names: readonly string[], blockSize: number): About {
  const configurationDescriptor = Uint8Array.of(9, 0x21, 0x0b, 0xff, 0, blockSize & 0xff, blockSize >> 8, 0x1a, 1);
  const port = {
    ...scriptedPort([]),
    identity,
    alternates: names.map((name, i) => alternate(name, i)),
    configurationDescriptor,
  };
  return connectByDescriptors(port, { clock: CLOCK }).about;
}

const ids = ({ chips }: About): string[] => chips.map(({ id }) => id);

/** Identities and maps as owners of the devices have published them (dfu-util device logs, issues, forum posts). */
describe('the identification of real devices', () => {
  it.each([
    ['an F107 with ROM V2.0', 'STM32 0x418 DFU Bootloader', 0x2000, '@Option Bytes  /0x1FFFF800/01*016 g'],
    [
      'an F105 with ROM V2.2, whose product string has lost a letter',
      'STM32 0x418 DFU Bootloade',
      0x2200,
      '@Option Bytes  /0x1FFFF800/01*016 e',
    ],
  ])('knows %s by its DEV_ID', (_, product, bcdDevice, options) => {
    const found = identified({ ...ST, bcdDevice, product }, ['@Internal Flash  /0x08000000/128*002Kg', options], 2048);
    expect(found.kind).toBe('st-rom');
    expect(ids(found)).toEqual(['stm32f105']);
    expect(found.title).toBe('STM32F105/107 in its ROM bootloader');
  });

  it('knows an F407 discovery board by its map', () => {
    const names = [
      '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg',
      '@Option Bytes  /0x1FFFC000/01*016 g',
      '@OTP Memory /0x1FFF7800/01*512 g,01*016 g',
      '@Device Feature/0xFFFF0000/01*004 g',
    ];
    const found = identified({ ...OLD_ROM, bcdDevice: 0x2100, serial: '315A28A0B956' }, names, 2048);
    expect(found.kind).toBe('st-rom');
    expect(ids(found)).toContain('stm32f405');
    // F2 ROMs describe themselves in the same way.
    expect(found.chips.every(({ family }) => family === 'F2' || family === 'F4')).toBe(true);
    expect(found.certain).toBe(false);
  });

  it('knows an H743 by its map', () => {
    const names = ['@Internal Flash   /0x08000000/16*128Kg', '@Option Bytes   /0x5200201C/01*128 e'];
    const found = identified({ ...NEW_ROM, serial: '200364500000' }, names, 1024);
    expect(found.kind).toBe('st-rom');
    expect(ids(found)).toEqual(['stm32h743']);
  });

  it.each([
    ['F072', 'stm32f072', OLD_ROM, ['@Internal Flash  /0x08000000/064*0002Kg', '@Option Bytes  /0x1FFFF800/01*016 e']],
    ['F042', 'stm32f042', OLD_ROM, ['@Internal Flash  /0x08000000/032*0001Kg', '@Option Bytes  /0x1FFFF800/01*016 e']],
    [
      'F303xC',
      'stm32f303xc',
      OLD_ROM,
      ['@Internal Flash  /0x08000000/128*0002Kg', '@Option Bytes  /0x1FFFF800/01*016 e'],
    ],
    [
      'F722',
      'stm32f722',
      OLD_ROM,
      ['@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg', '@Option Bytes  /0x1FFF0000/01*048 e'],
    ],
    ['H723', 'stm32h723', NEW_ROM, ['@Internal Flash   /0x08000000/8*128Kg', '@Option Bytes   /0x5200201C/01*88 e']],
    ['U585', 'stm32u575', NEW_ROM, ['@Internal Flash   /0x08000000/256*08Kg', '@Option Bytes   /0x40022040/01*64 e']],
    [
      'L4R9',
      'stm32l4r5',
      OLD_ROM,
      ['@Internal Flash  /0x08000000/512*0004Kg', '@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e'],
    ],
    ['G431', 'stm32g431', NEW_ROM, ['@Internal Flash   /0x08000000/64*02Kg', '@Option Bytes   /0x1FFF7800/01*40Be']],
  ])('has the ROM of an %s among those that its map fits', (_, id, identity, names) => {
    const found = identified(identity, names, 2048);
    expect(found.kind).toBe('st-rom');
    expect(ids(found)).toContain(id);
    expect(ids(found)).not.toContain('stm32f105');
    expect(found.chips.every(({ usbDfu }) => usbDfu)).toBe(true);
    expect(found.certain).toBe(false);
  });

  it('names at most three of many chips, and counts the others', () => {
    const names = ['@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg', '@Option Bytes  /0x1FFFC000/01*016 e'];
    expect(identified(OLD_ROM, names, 2048).title).toMatch(/^STM32 in its ROM bootloader, by its map .*, \d+ others$/);
  });

  it.each([
    ['an older CubeMX application', '00000000001A', 1024],
    ['an L476 with a CubeMX application', '206130A74734', 1024],
  ])('takes %s for an application that does not identify its chip', (_, serial, blockSize) => {
    expect(identified({ ...CUBEMX, serial }, [F42X_MAP], blockSize)).toMatchObject({
      kind: 'cubemx-application',
      chips: [],
    });
  });

  it.each([
    [
      'a custom bootloader on an F105',
      { ...ST, bcdDevice: 0x59eb, serial: '00000000010C' },
      ['@Internal Flash   /0x08000000/06*002Ka,122*002Kg'],
    ],
    [
      'the Daisy bootloader',
      { ...ST, bcdDevice: 0x0200, product: 'Daisy Bootloader' },
      ['@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg'],
    ],
    [
      'a Black Magic Probe',
      { vendorId: 0x1d50, productId: 0x6017, bcdDevice: 0x0100 },
      ['@Internal Flash   /0x08000000/8*001Ka,120*001Kg'],
    ],
    [
      "an example of ST's with the product string of newer ROMs",
      NEW_ROM,
      ['@Internal Flash   /0x08000000/8*02Ka,248*02Kg'],
    ],
  ])('takes %s for a loader of its own kind, and believes nothing about its chip', (_, identity, names) => {
    expect(identified(identity, names, 1024)).toMatchObject({ kind: 'custom', chips: [] });
  });

  it.each([
    [
      'a GD32 that calls itself as ST does',
      { vendorId: 0x28e9, productId: 0x0189, bcdDevice: 0x1000, product: 'STM32  BOOTLOADER' },
      'GigaDevice',
    ],
    ["an AT32 with ST's ids", { ...OLD_ROM, manufacturer: 'Artery-Tech' }, 'Artery'],
    ['an APM32', { vendorId: 0x314b, productId: 0x0106, bcdDevice: 0x0100 }, 'Geehy'],
  ])("takes %s for another maker's chip, and believes nothing about it", (_, identity, maker) => {
    const found = identified(identity, ['@Internal Flash  /0x08000000/512*002Kg'], 1024);
    expect(found).toMatchObject({ kind: 'other-rom', maker, chips: [] });
  });

  it('tells the ROM of an STM32C5, with its one alternate and small blocks, by its map without read-only sectors', () => {
    const found = identified(NEW_ROM, ['@Internal Flash   /0x08000000/64*08Kg'], 1024);
    expect(found.kind).toBe('st-rom');
    expect(ids(found)).toContain('stm32c562');
  });
});

describe('identify', () => {
  it('does not take the map of an F105 for one when the ROM does not name the DEV_ID of an F105', () => {
    const announced = Array.from({ length: 64 }, (_, i) => ({
      start: 0x0800_0000 + i * 2048,
      end: 0x0800_0800 + i * 2048,
      index: i,
      readable: true,
      erasable: true,
      writable: true,
    }));
    const seen = { identity: OLD_ROM, alternateCount: 2, transferSize: 2048, announced, optionBytes: [] };
    expect(identify(seen).chips.map(({ id }) => id)).not.toContain('stm32f105');
  });
});
