import { readFileSync } from 'node:fs';
import { type AwaitReturn, carryOut, type Device, isFlashError, type JobOptions, prepare } from '@sureflash/programmer';
import { unseenScenarios } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

const PAGE = readFileSync(new URL('../../docs/unseen.md', import.meta.url), 'utf8');
const FLASH = 0x0800_0000;
const KB = 1024;
const AT = FLASH + 16 * KB;

/** What the page says of each board: how a run ends, and how one with `--leave-and-check`. */
const ROWS = PAGE.split('\n').flatMap((line) => {
  const [, name = '', , alone = '', checked = ''] = line.split('|').map((cell) => cell.trim());
  return name.startsWith('`unseen-') ? [{ name: name.replaceAll('`', ''), alone, checked }] : [];
});

/** The image has a vector table, so that it is started. */
function program(): Uint8Array {
  const bytes = noise(24 * KB, 6);
  new DataView(bytes.buffer).setUint32(0, 0x2001_0000, true);
  new DataView(bytes.buffer).setUint32(4, AT + 0x201, true);
  return bytes;
}

const rigOf = (name: string): Rig => new Rig(name, { flash: [{ address: FLASH, bytes: noise(256 * KB, 5) }] });

/** Somebody holds BOOT0 high and resets the board, three seconds after its program was started. */
function byHand(rig: Rig, found: Device[] = []): AwaitReturn {
  return async ({ isBack }) => {
    await rig.clock.sleep(3_000);
    rig.board.reset();
    await rig.clock.sleep(20_000);
    const device = await rig.connect();
    found.push(device);
    expect(isBack(device)).toBe(true);
    return device;
  };
}

async function endOf(rig: Rig, options: JobOptions = {}): Promise<string> {
  const device = await rig.connect();
  try {
    const { outcome } = await carryOut(device, await prepare(device, imageAt(AT, program()), options), options);
    return outcome === 'programmed' ? 'Verified' : outcome;
  } catch (error) {
    return isFlashError(error) ? `\`${error.code}\` (${error.diagnosis?.cause})` : String(error);
  }
}

describe('docs/unseen.md', () => {
  it('lists every board that is not found out', () => {
    expect(ROWS.map(({ name }) => name)).toEqual(unseenScenarios.map(({ name }) => name));
  });

  it.each(ROWS)('says how a run on $name ends, without and with another look after it has left', async (row) => {
    expect(await endOf(rigOf(row.name))).toBe(row.alone);
    const rig = rigOf(row.name);
    expect(await endOf(rig, { leaveAndCheck: byHand(rig) })).toBe(row.checked);
  });
});

describe('a look after the device has left its bootloader', () => {
  it('finds on an honest ROM that every byte of the image has held', async () => {
    const rig = rigOf('stm32f105-rom');
    const device = await rig.connect();
    const options = { leaveAndCheck: byHand(rig) };
    const report = await carryOut(device, await prepare(device, imageAt(AT, program()), options), options);
    expect(report).toMatchObject({ outcome: 'programmed', checkedAgainBytes: 24 * KB });
    expect(report.startedAt).toBeUndefined();
    expect(rig.board.program).toBe('rom');
  });

  it('is followed by another start where that is asked for', async () => {
    const rig = rigOf('stm32f105-rom');
    const device = await rig.connect();
    const options = { leave: true, leaveAndCheck: byHand(rig) };
    const report = await carryOut(device, await prepare(device, imageAt(AT, program()), options), options);
    await rig.clock.sleep(1_000);
    expect(report).toMatchObject({ startedAt: AT, checkedAgainBytes: 24 * KB });
    expect(rig.board.program).toBe('application');
  });

  it('does not take a program with a DFU class for the bootloader', async () => {
    const rig = rigOf('stm32f105-rom');
    const stub = await new Rig('stm32f105-cubemx-stub').connect();
    const device = await rig.connect();
    const leaveAndCheck: AwaitReturn = async ({ isBack }) => {
      expect(isBack(stub)).toBe(false);
      return await byHand(rig)({ isBack });
    };
    const options = { leaveAndCheck };
    const report = await carryOut(device, await prepare(device, imageAt(AT, program()), options), options);
    expect(report.checkedAgainBytes).toBe(24 * KB);
  });
});
