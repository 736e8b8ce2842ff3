/** Option bytes through a virtual ST-LINK: by the same names and plans as over DFU, written, loaded, proven, undone. */
import { type Device, type ErrorCode, read } from '@sureflash/programmer';
import {
  type Assignment,
  isReadProtected,
  type OptionReport,
  planOptionBytes,
  readOptionBytes,
  unprotect,
  writeOptionBytes,
} from '@sureflash/programmer/option-bytes';
import { describe, expect, it } from 'vitest';
import { firmwareOf } from './firmware.ts';
import { type StlinkRig, stlinkRig } from './probe-rig.ts';

const FLASH = 0x0800_0000;

/** Sets options as the command line does; a chip that leaves is connected anew. */
async function set(rig: StlinkRig, assignments: readonly Assignment[], forEver = false): Promise<OptionReport> {
  const device = await rig.connect();
  let last = device;
  const reopen = async (): Promise<Device> => {
    await last.close();
    last = await rig.connect();
    return last;
  };
  try {
    const plan = planOptionBytes(await readOptionBytes(device), assignments, { forEver });
    return await writeOptionBytes(device, plan, { reopen });
  } finally {
    await last.close();
  }
}

async function optionValue(rig: StlinkRig, name: string): Promise<number | undefined> {
  const device = await rig.connect();
  const { fields } = await readOptionBytes(device);
  await device.close();
  return fields.find(({ field }) => field.name === name)?.value;
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as { code?: ErrorCode }).code;
  }
}

const loaded = (rig: StlinkRig): void => {
  for (const { address, bytes } of firmwareOf(1).segments) rig.chip.load(address, bytes);
};

async function eraseFirst(rig: StlinkRig): Promise<void> {
  const device = await rig.connect();
  try {
    const sector = device.target.geometry.find(({ kind }) => kind === 'flash')?.sectors[0];
    if (sector) await device.target.erase([sector]);
  } finally {
    await device.close();
  }
}

/** An option without consequence, and what protects the first sector against writing. */
const CHIPS = [
  { chip: 'STM32F103', plain: ['Data0', 0x5a], protect: ['WRP', '0xFFFFFFFE'], open: '0xFFFFFFFF' },
  { chip: 'STM32F072', plain: ['Data1', 0xa5], protect: ['WRP', '0xFFFFFFFE'], open: '0xFFFFFFFF' },
  { chip: 'STM32F407', plain: ['BOR_LEV', 1], protect: ['nWRP', '0xFFE'], open: '0xFFF' },
  { chip: 'STM32F767', plain: ['BOOT_ADD1', 0x0123], protect: ['nWRP', '0xFFE'], open: '0xFFF' },
  { chip: 'STM32L476', plain: ['BOR_LEV', 2], protect: ['WRP1A_STRT', '0'], open: '0xFF' },
  { chip: 'STM32G431', plain: ['BOR_LEV', 2], protect: ['WRP1A_STRT', '0'], open: '0x7F' },
  { chip: 'STM32H743', plain: ['BOR_LEV', 2], protect: ['WRPSn1', '0xFE'], open: '0xFF' },
] as const;

describe.each(CHIPS)('the option bytes of an $chip through an ST-LINK', ({ chip, plain, protect, open }) => {
  it('are shown, set, and hold after a reset', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip });
    expect(await optionValue(rig, plain[0])).not.toBe(plain[1]);
    const report = await set(rig, [{ name: plain[0], value: String(plain[1]) }]);
    expect(report).toEqual({ proof: 'read-back', wasReset: true });
    rig.chip.powerOn();
    expect(await optionValue(rig, plain[0])).toBe(plain[1]);
    expect(rig.desk.target.notModelled).toEqual([]);
  });

  it('close a sector against writing, and open it again', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip });
    loaded(rig);
    const before = rig.chip.flash.peek(FLASH, 3_000);
    await set(rig, [{ name: protect[0], value: protect[1] }]);
    expect(await codeOf(eraseFirst(rig))).toBe('flash/refused');
    expect(rig.chip.flash.peek(FLASH, 3_000)).toEqual(before);
    await set(rig, [{ name: protect[0], value: open }]);
    expect(rig.chip.flash.isProtected(0)).toBe(false);
  });

  it('close the chip at RDP level 1, and unprotect erases and opens it', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip });
    loaded(rig);
    await set(rig, [{ name: 'RDP', value: 'level-1' }]);
    const closed = await rig.connect();
    expect(await isReadProtected(closed)).toBe(true);
    expect(await codeOf(read(closed, { start: FLASH, end: FLASH + 16 }))).toBe('device/read-protected');
    let last = closed;
    const reopen = async (): Promise<Device> => {
      await last.close();
      last = await rig.connect();
      return last;
    };
    await unprotect(closed, { reopen });
    expect(await isReadProtected(last)).toBe(false);
    await last.close();
    expect(rig.chip.flash.peek(FLASH, 4_096).every((byte) => byte === 0xff)).toBe(true);
  });
});

describe('RDP level 2 through an ST-LINK', () => {
  it('is refused unless it is meant for ever, and then no chip answers any more', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F407' });
    const level2 = [{ name: 'RDP', value: 'level-2' }];
    expect(await codeOf(set(rig, level2))).toBe('option-bytes/for-ever');
    expect(await codeOf(set(rig, level2, true))).toBe('probe/no-target');
    expect(await codeOf(rig.connect())).toBe('probe/no-target');
  });
});
