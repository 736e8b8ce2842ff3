import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { DialectName } from '../hosts/dialects.ts';
import { VirtualWebUsb } from '../hosts/webusb.ts';
import { romRows, scenarioNameOf } from '../table/table.ts';
import { findScenario } from './by-name.ts';
import { impostorScenarios, unseenScenarios } from './impostors/impostors.ts';
import { knownScenarios, romScenarios } from './known.ts';
import { reportedScenarios } from './reported/reported.ts';
import { strangerScenarios } from './strangers/strangers.ts';

interface Identity {
  readonly bcdUsb: string;
  readonly bcdDevice: string;
  readonly product: string;
  readonly serial: string;
  readonly alternates: readonly string[];
}

const F105_ROM: Identity = {
  bcdUsb: '1.0.0',
  bcdDevice: '34.0.0',
  product: 'STM32 0x418 DFU Bootloade',
  serial: 'STM32',
  alternates: ['@Internal Flash  /0x08000000/128*002Kg', '@Option Bytes  /0x1FFFF800/01*016 e'],
};

const CUBEMX: Identity = {
  bcdUsb: '2.0.0',
  bcdDevice: '2.0.0',
  product: 'STM32 DownLoad Firmware Update',
  serial: '48EC45783650',
  alternates: ['@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg'],
};

const F407_ROM: Identity = {
  bcdUsb: '1.0.0',
  bcdDevice: '34.0.0',
  product: 'STM32  BOOTLOADER',
  serial: '3061B4493536',
  alternates: [
    '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg',
    '@Option Bytes  /0x1FFFC000/01*016 e',
    '@OTP Memory /0x1FFF7800/01*512 e,01*016 e',
    '@Device Feature/0xFFFF0000/01*004 e',
  ],
};

const L476_ROM: Identity = {
  bcdUsb: '1.0.0',
  bcdDevice: '34.0.0',
  product: 'STM32  BOOTLOADER',
  serial: '206130A74734',
  alternates: [
    '@Internal Flash  /0x08000000/512*0002Kg',
    '@Option Bytes  /0x1FFF7800/01*040 e',
    '@OTP Memory /0x1FFF7000/01*0001Ke',
  ],
};

/** As captured from real devices; of bcdDevice 0x2200 WebUSB makes 34.0.0, but npm `usb` 2 makes 22.0.0. */
const identities: Record<string, Identity> = {
  'stm32f105-rom': F105_ROM,
  'stm32f105-rom-rdp1': F105_ROM,
  'stm32f105-rom-wrp': F105_ROM,
  'stm32f105-cubemx-stub': CUBEMX,
  'stm32f105-cubemx-stub-2.11': CUBEMX,
  'stm32f105-custom': {
    bcdUsb: '2.0.0',
    bcdDevice: '2.0.0',
    product: 'STM32 DFU in FS Mode',
    serial: '00000000010C',
    alternates: ['@Internal Flash   /0x08000000/10*02Ka,118*02Kg'],
  },
  'stm32f407-rom': F407_ROM,
  'stm32l476-rom': L476_ROM,
  'stm32l476-rom-early-stall': L476_ROM,
  'stm32g431-rom': {
    bcdUsb: '2.0.0',
    bcdDevice: '2.0.0',
    product: 'DFU in FS Mode',
    serial: '208A31574253',
    alternates: [
      '@Internal Flash   /0x08000000/64*02Kg',
      '@Option Bytes   /0x1FFF7800/01*40Be',
      '@OTP Memory   /0x1FFF7000/01*01Ke',
    ],
  },
  'stm32h743-rom': {
    bcdUsb: '2.0.0',
    bcdDevice: '2.0.0',
    product: 'DFU in FS Mode',
    serial: '200364500000',
    alternates: ['@Internal Flash   /0x08000000/16*128Kg', '@Option Bytes   /0x5200201C/01*128 e'],
  },
};

async function enumerate(name: string, dialect: DialectName): Promise<Identity> {
  const clock = new VirtualClock();
  const board = findScenario(name)?.create(clock);
  if (!board) throw new Error(name);
  const usb = new VirtualWebUsb({ connectors: { '1-4': board }, clock, dialect });
  const device = await usb.requestDevice({ filters: [{ vendorId: 0x0483, productId: 0xdf11, classCode: 0xfe }] });
  expect([device.manufacturerName, device.port]).toEqual(['STMicroelectronics', '1-4']);
  const [first, ...others] = device.configuration.interfaces;
  expect(others).toEqual([]);
  for (const alternate of first?.alternates ?? []) {
    expect(alternate).toMatchObject({
      interfaceClass: 0xfe,
      interfaceSubclass: 1,
      interfaceProtocol: 2,
      endpoints: [],
    });
  }
  return {
    bcdUsb: `${device.usbVersionMajor}.${device.usbVersionMinor}.${device.usbVersionSubminor}`,
    bcdDevice: `${device.deviceVersionMajor}.${device.deviceVersionMinor}.${device.deviceVersionSubminor}`,
    product: device.productName ?? '',
    serial: device.serialNumber ?? '',
    alternates: (first?.alternates ?? []).map((alternate) => alternate.interfaceName ?? ''),
  };
}

describe.each(knownScenarios.map(({ name }) => name))('the scenario %s', (name) => {
  it.each(['browser', 'usb-2.18', 'usb-3.1'] as const)('enumerates as the real device does in %s', async (dialect) => {
    const identity = identities[name];
    const bcdDevice = dialect === 'usb-2.18' ? identity?.bcdDevice.replace('34', '22') : identity?.bcdDevice;
    expect(await enumerate(name, dialect)).toEqual({ ...identity, bcdDevice });
  });

  it('says what it is and where that comes from', () => {
    const scenario = findScenario(name);
    expect(scenario?.title).toMatch(/^\S.*\S$/);
    expect(scenario?.description).toMatch(/\.$/);
    expect(scenario?.source.length).toBeGreaterThan(10);
  });

  it('takes another serial number', async () => {
    const board = findScenario(name)?.create(new VirtualClock(), { serial: '0123456789AB' });
    const setup = { requestType: 0x80, request: 6, value: 0x0303, index: 0x0409, length: 255 };
    const reply = board?.device?.control(setup, new Uint8Array());
    expect(reply).toMatchObject({ kind: 'data' });
    expect(reply?.kind === 'data' && String.fromCharCode(...reply.bytes.filter((byte) => byte >= 0x30))).toBe(
      '0123456789AB',
    );
  });
});

describe.each(romRows.map((row) => [scenarioNameOf(row), row] as const))('the ROM scenario %s', (name, { rom }) => {
  it('shows the strings of its row and says where they come from', async () => {
    const { alternates, product, serial } = await enumerate(name, 'browser');
    expect({ layouts: alternates, product, serial }).toEqual({
      layouts: rom.layouts,
      product: rom.product,
      serial: rom.serial,
    });
    const scenario = findScenario(name);
    expect(scenario?.description).toMatch(/\.$/);
    expect(scenario?.source.length).toBeGreaterThan(5);
  });
});

it('has a name of its own for each scenario', () => {
  const curated = [
    ...knownScenarios,
    ...reportedScenarios,
    ...strangerScenarios,
    ...impostorScenarios,
    ...unseenScenarios,
  ].map(({ name }) => name);
  expect(new Set(curated).size).toBe(curated.length);
  const roms = romScenarios.map(({ name }) => name);
  expect(new Set(roms).size).toBe(romRows.length);
  const both = roms.filter((name) => curated.includes(name));
  expect(both).toEqual(['stm32f105-rom', 'stm32f407-rom', 'stm32g431-rom', 'stm32h743-rom', 'stm32l476-rom']);
});
