/** What is wrong with a chip behind a virtual debug probe, and the cause that is named for it. */
import { program } from '@sureflash/programmer';
import type { CauseId } from '@sureflash/programmer/diagnosis';
import type { VirtualStLinkOptions } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { causesOf, failureOf } from './failure.ts';
import { firmwareOf } from './firmware.ts';
import { dapRig, stlinkRig } from './probe-rig.ts';

const FLASH = 0x0800_0000;

/** Switches SWJ off (F1: AFIO clock, MAPR.SWJ_CFG = 100), and stays. */
function closingFirmware(): Uint8Array {
  const code = [0x4803, 0x2101, 0x6181, 0x4803, 0x4903, 0x6041, 0xe7fe, 0xbf00];
  const words = [0x4002_1000, 0x4001_0000, 0x0400_0000];
  const bytes = new Uint8Array(0x100 + 2 * code.length + 4 * words.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, FLASH + 0x101, true);
  for (const [at, half] of code.entries()) view.setUint16(0x100 + 2 * at, half, true);
  for (const [at, word] of words.entries()) view.setUint32(0x100 + 2 * code.length + 4 * at, word, true);
  return bytes;
}

const CLOSED = new Map([[FLASH, closingFirmware()]]);

type DeskOptions = Omit<VirtualStLinkOptions, 'clock' | 'onCommand' | 'probe' | 'chip'>;
const CASES: readonly (readonly [what: string, desk: DeskOptions, cause: CauseId])[] = [
  ['without power', { supplyMv: 0 }, 'target-unpowered'],
  ['with half of its supply', { supplyMv: 1200 }, 'target-unpowered'],
  ['whose firmware closes SWD, without NRST', { nrstWired: false, flash: CLOSED }, 'swd-closed'],
];

describe.each(['v2-1', 'v3e'] as const)('a chip behind an ST-LINK %s', (probe) => {
  it.each(CASES)('%s has its cause named', async (_, desk, cause) => {
    const rig = stlinkRig({ probe, chip: 'STM32F103', ...desk });
    rig.chip.run(5);
    const error = await failureOf(rig.connect());
    expect([error.code, causesOf(error)]).toEqual(['probe/no-target', expect.arrayContaining([cause])]);
  });

  it('whose firmware closes SWD is reached under reset where NRST is wired', async () => {
    const rig = stlinkRig({ probe, chip: 'STM32F103', flash: CLOSED });
    rig.chip.run(5);
    const device = await rig.connect();
    expect(device.about.because).toContain('it answers under reset only');
    await device.close();
  });

  it('locked at RDP level 2 is undecided between that, its firmware and its wires', async () => {
    const rig = stlinkRig({ probe, chip: 'STM32F407', protection: 2 });
    const error = await failureOf(rig.connect());
    expect(causesOf(error)).toEqual(expect.arrayContaining(['debug-locked', 'swd-closed', 'swd-unwired']));
    expect(error.diagnosis?.tellApart).not.toEqual([]);
  });

  it('on a disturbed line gets lower speeds, and the line is named when none of them helps', async () => {
    const rig = stlinkRig({ probe, chip: 'STM32F103' });
    const device = await rig.connect();
    rig.disturb = (command) =>
      command[0] === 0xf2 && command[1] === 0x07 ? { kind: 'status', code: 0x13 } : undefined;
    const error = await failureOf(program(device, firmwareOf(0)));
    expect(rig.desk.probe.khz).toBe(5);
    expect(causesOf(error)).toEqual(['debug-line-bad']);
    await device.close();
  });

  it('that is reset in the middle of a job is named, and the next job completes it', async () => {
    const rig = stlinkRig({ probe, chip: 'STM32F103' });
    const device = await rig.connect();
    let writes = 0;
    rig.disturb = (command) =>
      command[0] === 0xf2 && command[1] === 0x08 && ++writes === 6 ? { kind: 'target reset' } : undefined;
    const error = await failureOf(program(device, firmwareOf(0)));
    expect(causesOf(error)).toContain('reset-in-mid-run');
    rig.disturb = undefined;
    await device.close();
    const again = await rig.connect();
    expect(await program(again, firmwareOf(0))).toMatchObject({ outcome: 'programmed' });
    await again.close();
  });
});

describe('a chip behind a CMSIS-DAP probe', () => {
  it('on a disturbed line has the line named', async () => {
    const rig = dapRig({ probe: 'debugprobe', chip: 'STM32F103' });
    const device = await rig.connect();
    rig.disturb = ([code]) => (code === 5 || code === 6 ? { kind: 'transfers', acknowledge: 'parity' } : undefined);
    const error = await failureOf(program(device, firmwareOf(0)));
    expect(causesOf(error)).toEqual(['debug-line-bad']);
    await device.close();
  });
});
