/** The whole way through a virtual ST-LINK: every chip that is modelled, ways to connect, cuts, and what goes wrong on the line. */
import type { MemoryImage } from '@sureflash/image';
import { type Device, eraseAll, leave, program, type Report, read } from '@sureflash/programmer';
import { microcontrollerChips } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { firmwareOf } from './firmware.ts';
import { type StlinkRig, stlinkRig } from './probe-rig.ts';

const FLASH = 0x0800_0000;

async function using<T>(device: Device, work: (device: Device) => Promise<T>): Promise<T> {
  try {
    return await work(device);
  } finally {
    await device.close();
  }
}

/** The job is proven by then; the chip is let go and the probe closed. */
const END_TRANSFERS = 24;

const programmed = async (rig: StlinkRig, image: MemoryImage): Promise<Report> =>
  await using(await rig.connect(), async (device) => await program(device, image));

const holds = ({ chip }: StlinkRig, { segments }: MemoryImage): boolean =>
  segments.every(({ address, bytes }) => chip.flash.peek(address, bytes.length).every((byte, i) => byte === bytes[i]));

const CASES = [
  ...[...microcontrollerChips.keys()].map((chip) => ['v2-1', chip] as const),
  ['v2', 'STM32F103'],
  ['v3e', 'STM32F103'],
  ['v3set', 'STM32G071'],
  ['v3minie', 'STM32H563'],
] as const;

describe('a job through an ST-LINK', () => {
  it.each(CASES)('%s programs an %s, proves it, and finds it unchanged', async (probe, chip) => {
    const rig = stlinkRig({ probe, chip });
    const image = firmwareOf(1);
    expect(await programmed(rig, image)).toMatchObject({ outcome: 'programmed' });
    expect(holds(rig, image)).toBe(true);
    expect(await programmed(rig, image)).toMatchObject({ outcome: 'unchanged' });
    expect(rig.desk.target.notModelled).toEqual([]);
  });
});

describe('a chip behind an ST-LINK', () => {
  it('tells who it is, in at most 40 commands', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F103' });
    await using(await rig.connect(), async ({ about }) => {
      expect(about).toMatchObject({
        kind: 'debug-port',
        certain: true,
        readings: { devId: 0x410, flashBytes: 0x2_0000 },
      });
      expect(about.title).toBe('STM32F103x8 behind ST-LINK V2J37M27');
      expect(about.uid).toMatch(/^[0-9A-F]{24}$/);
    });
    expect(rig.commands).toBeLessThan(40);
  });

  it('is reached by firmware that knows no speed, no access ports and no 16-bit accesses', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F103', firmware: 'V2J17M2' });
    const image = firmwareOf(2);
    await programmed(rig, image);
    expect(holds(rig, image)).toBe(true);
  });

  it('gets no block that crosses a page of its address register', async () => {
    for (const chip of ['STM32F407', 'STM32G071']) {
      const rig = stlinkRig({ probe: 'v2-1', chip, wrapsAtPage: true });
      const image = firmwareOf(3, 5_000);
      await programmed(rig, image);
      expect(holds(rig, image)).toBe(true);
    }
  });

  it('runs its program after it was left, and after it was only read', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F103' });
    await using(await rig.connect(), async (device) => {
      await program(device, firmwareOf(4));
      await leave(device);
    });
    rig.chip.run(1);
    expect([rig.chip.core.state, rig.chip.core.registers.read(0)]).toEqual(['running', 42]);
    await using(await rig.connect(), async (device) => await read(device, { start: FLASH, end: FLASH + 64 }));
    rig.chip.run(1);
    expect(rig.chip.core.state).toBe('running');
  });

  it('is not stopped by reading it while it runs', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F103' });
    await using(await rig.connect(), async (device) => {
      await program(device, firmwareOf(5), { leave: true });
    });
    const resets = rig.chip.resets.length;
    await using(await rig.connect({ probe: { connect: 'hot-plug' } }), async (device) => {
      const image = await read(device, { start: FLASH, end: FLASH + 256 });
      expect(image.byteLength).toBe(256);
      expect(rig.chip.core.state).toBe('running');
    });
    expect([rig.chip.resets.length, rig.chip.core.state]).toEqual([resets, 'running']);
  });

  it.each([true, false])('is connected under reset where NRST is wired: %s', async (nrstWired) => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F407', nrstWired });
    await using(await rig.connect({ probe: { connect: 'under-reset' } }), async (device) => {
      expect(device.about.because.includes('NRST is not wired')).toBe(!nrstWired);
      await program(device, firmwareOf(6));
    });
    expect(holds(rig, firmwareOf(6))).toBe(true);
  });

  it('is erased as a whole', async () => {
    for (const chip of ['STM32F103', 'STM32L476']) {
      const rig = stlinkRig({ probe: 'v2-1', chip });
      await programmed(rig, firmwareOf(7));
      await using(await rig.connect(), async (device) => await eraseAll(device));
      expect(rig.chip.flash.peek(FLASH, 6_000).every((byte) => byte === 0xff)).toBe(true);
    }
  });

  it('is not there without a supply, and the error says what was measured', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F103', supplyMv: 0 });
    await expect(rig.connect()).rejects.toMatchObject({
      code: 'probe/no-target',
      facts: { tried: ['normal', 'under-reset'], volts: 0 },
    });
  });
});

describe.each(['STM32F103', 'STM32L476'])('a job on an %s behind an ST-LINK that is cut', (name) => {
  it('never claims success, and the next one completes it', async () => {
    const image = firmwareOf(8, 2_500);
    const clean = stlinkRig({ probe: 'v2-1', chip: name });
    await programmed(clean, image);
    const total = clean.transfers;
    expect(total).toBeGreaterThan(100);
    for (let cut = 1; cut < total - END_TRANSFERS; cut += Math.ceil(total / 12)) {
      const rig = stlinkRig({ probe: 'v2-1', chip: name });
      rig.cutAt = cut;
      await expect(programmed(rig, image)).rejects.toBeInstanceOf(Error);
      rig.cutAt = Number.POSITIVE_INFINITY;
      await programmed(rig, image);
      expect(holds(rig, image)).toBe(true);
    }
  });
});
