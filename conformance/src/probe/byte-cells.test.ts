/** OTP and data EEPROM through an ST-LINK: named, read, written and refused as over DFU, on rows of each family that has them. */
import { CHIPS } from '@sureflash/chips';
import { type Device, write } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { chipFromRow } from './chip-board.ts';
import { failureOf } from './failure.ts';
import { type StlinkRig, stlinkRig } from './probe-rig.ts';

function rigOf(id: string): StlinkRig {
  const row = CHIPS.find((chip) => chip.id === id);
  if (!row) throw new Error(`no row ${id}`);
  return stlinkRig({ probe: 'v2-1', chip: chipFromRow(row) });
}

async function withDevice<T>(rig: StlinkRig, work: (device: Device) => Promise<T>): Promise<T> {
  const device = await rig.connect();
  try {
    return await work(device);
  } finally {
    await device.close();
  }
}

/** First address and bytes, as the memory maps of the reference manuals have them. */
const OTP_ROWS: readonly (readonly [row: string, start: number, bytes: number])[] = [
  ['stm32f205', 0x1fff_7800, 528],
  ['stm32f405', 0x1fff_7800, 528],
  ['stm32f413', 0x1fff_7800, 528],
  ['stm32f722', 0x1ff0_7800, 528],
  ['stm32f746', 0x1ff0_f000, 1056],
  ['stm32l476', 0x1fff_7000, 1024],
  ['stm32l4r5', 0x1fff_7000, 1024],
  ['stm32g0b1', 0x1fff_7000, 1024],
  ['stm32g431', 0x1fff_7000, 1024],
  ['stm32c031', 0x1fff_7000, 1024],
  ['stm32u083', 0x1fff_6800, 1024],
  ['stm32wb55', 0x1fff_7000, 1024],
  ['stm32wle5', 0x1fff_7000, 1024],
  ['stm32l552', 0x0bfa_0000, 512],
  ['stm32u385', 0x0bfa_0000, 512],
  ['stm32u575', 0x0bfa_0000, 512],
  ['stm32wba55', 0x0bf9_0000, 512],
  ['stm32wba65', 0x0bfa_0000, 512],
  ['stm32h563', 0x08ff_f000, 2048],
  ['stm32h7a3', 0x08ff_f000, 1024],
];
/** A whole unit of every chip. */
const SERIAL = Uint8Array.from({ length: 16 }, (_, index) => 0x21 + index);
const BEHIND = 48;

describe.each(OTP_ROWS)('the OTP of %s', (row, start, bytes) => {
  it('is named as the ROM names it, is written with consent alone, once, and keeps the rest blank', async () => {
    const rig = rigOf(row);
    const found = await withDevice(rig, async (device) => {
      const region = device.target.geometry.find(({ kind }) => kind === 'otp');
      const unasked = await failureOf(write(device, start + BEHIND, SERIAL));
      const report = await write(device, start + BEHIND, SERIAL, { oneTime: true });
      const again = await write(device, start + BEHIND, SERIAL, { oneTime: true });
      const other = SERIAL.map((byte) => ~byte & 0xff);
      const spent = await failureOf(write(device, start + BEHIND, other, { oneTime: true }));
      return {
        region: region && { name: region.name, start: region.start, end: region.end },
        unasked: unasked.code,
        written: report.byteMemory?.bytesWritten,
        again: again.byteMemory?.bytesWritten,
        spent: spent.code,
      };
    });
    expect(found).toEqual({
      region: { name: 'OTP Memory', start, end: start + bytes },
      unasked: 'plan/one-time',
      written: SERIAL.length,
      again: 0,
      spent: 'plan/spent',
    });
    const held = rig.chip.flash.peek(start, bytes);
    expect(held.subarray(BEHIND, BEHIND + 16)).toEqual(SERIAL);
    expect(held.filter((byte) => byte !== 0xff).length).toBe(SERIAL.length);
    expect(rig.desk.target.notModelled).toEqual([]);
  });
});

describe('a block of OTP that is locked', () => {
  it.each(['stm32f405', 'stm32f722', 'stm32f746'])('of %s refuses with the flag of the controller', async (row) => {
    const [, start = 0, bytes = 0] = OTP_ROWS.find(([id]) => id === row) ?? [];
    const rig = rigOf(row);
    const blockBytes = bytes > 1000 ? 64 : 32;
    // The second block.
    rig.chip.flash.load(start + 16 * blockBytes + 1, Uint8Array.of(0));
    const error = await withDevice(
      rig,
      async (device) => await failureOf(write(device, start + blockBytes, SERIAL, { oneTime: true })),
    );
    expect([error.code, error.message]).toEqual(['flash/refused', expect.stringContaining('WRPERR')]);
    await withDevice(rig, async (device) => await write(device, start, SERIAL, { oneTime: true }));
    expect(rig.chip.flash.peek(start, 16)).toEqual(SERIAL);
  });
});

describe('OTP on an F4 whose supply allows single bytes alone', () => {
  it('is written all the same', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F407', supplyMv: 1900 });
    await withDevice(rig, async (device) => await write(device, 0x1fff_7800, SERIAL, { oneTime: true }));
    expect(rig.chip.flash.peek(0x1fff_7800, 16)).toEqual(SERIAL);
  });
});

const EEPROM = 0x0808_0000;

describe.each(['stm32l011', 'stm32l053', 'stm32l072', 'stm32l152', 'stm32l152xe'])('the EEPROM of %s', (row) => {
  it('is named as the ROM names it, is written without an erase, and again with other bytes', async () => {
    const rig = rigOf(row);
    const words = await withDevice(rig, async (device) => {
      const region = device.target.geometry.find(({ kind }) => kind === 'eeprom');
      await write(device, EEPROM + 2, Uint8Array.of(1, 2, 3));
      const first = rig.chip.flash.peek(EEPROM, 8);
      await write(device, EEPROM + 4, Uint8Array.of(0x80, 0x40));
      return { name: region?.name, start: region?.start, first, second: rig.chip.flash.peek(EEPROM, 8) };
    });
    expect(words).toEqual({
      name: 'DATA Memory',
      start: EEPROM,
      first: Uint8Array.of(0, 0, 1, 2, 3, 0, 0, 0),
      second: Uint8Array.of(0, 0, 1, 2, 0x80, 0x40, 0, 0),
    });
    expect(rig.desk.target.notModelled).toEqual([]);
  });

  it('ends where the chip ends it', async () => {
    const rig = rigOf(row);
    const end = await withDevice(
      rig,
      async (device) => device.target.geometry.find(({ kind }) => kind === 'eeprom')?.end,
    );
    const [eeprom] = rig.chip.flash.memories.filter(({ start }) => start === EEPROM);
    expect((end ?? 0) - EEPROM).toBe(eeprom?.bytes.length);
  });
});
