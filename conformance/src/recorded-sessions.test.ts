import type { Target } from '@sureflash/programmer';
import { connectByDescriptors } from '@sureflash/programmer/dfu';
import { describe, expect, it } from 'vitest';
import { type RecordedPort, recordedPort, sessionNamed } from './recorded-port.ts';
import { imageAt, noise, Rig } from './rig.ts';

const FLASH = 0x0800_0000;

interface Replay {
  readonly target: Target;
  readonly port: RecordedPort;
  /** Milliseconds since the device was met. */
  readonly elapsed: () => number;
}

/** Our client meets the device of a recording: its descriptors are the model's, its answers are recorded. */
async function meet(id: string, polite = false): Promise<Replay> {
  const session = sessionNamed(id);
  const rig = new Rig(session.board);
  const port = recordedPort(session, await rig.openPort(), rig.clock);
  const from = rig.clock.now();
  return {
    target: connectByDescriptors(port, { clock: rig.clock, polite }),
    port,
    elapsed: () => rig.clock.now() - from,
  };
}

const sectorAt = ({ geometry }: Target, address: number) => {
  const sector = geometry.flatMap(({ sectors }) => sectors).find(({ start }) => start === address);
  if (!sector) throw new Error(`no sector at ${address}`);
  return sector;
};

async function readAll(target: Target, start: number, end: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of target.read({ start, end })) bytes += chunk.bytes.length;
  return bytes;
}

describe.each([
  ['at once', false],
  ['politely', true],
])('our client, which polls %s,', (_, polite) => {
  it('erases, writes and leaves the F401 of the recording, which begins with errFIRMWARE', async () => {
    const { target, port } = await meet('an F401 of 256 KB with dfu-util', polite);
    await target.erase([sectorAt(target, FLASH)]);
    await target.write(FLASH, noise(2048, 1));
    await target.leave(FLASH);
    expect(port.sent[0]).toBe('CLRSTATUS');
    expect(port.sent.filter((name) => name === 'erase of 4100000008')).toHaveLength(1);
    expect(port.sent.at(-1)).toBe('leave');
  });

  it('erases a sector of the recorded F745 and writes many blocks behind one Set Address', async () => {
    const { target, port, elapsed } = await meet('an F745 with fwupd', polite);
    await target.erase([sectorAt(target, 0x0800_8000)]);
    expect(elapsed()).toBeGreaterThanOrEqual(351);
    await target.write(0x0801_0000, noise(16 * 2048, 2));
    expect(port.sent.filter((name) => name === 'block')).toHaveLength(16);
    expect(port.sent.filter((name) => name === 'command 21')).toHaveLength(1);
  });

  it('takes an erase of the recorded H743 as done when its first GETSTATUS, held for 903 ms, and the next have come', async () => {
    const { target, port, elapsed } = await meet('an H743 of revision V with CubeProgrammer', polite);
    await target.erase([sectorAt(target, FLASH), sectorAt(target, 0x0802_0000)]);
    expect(port.sent.filter((name) => name === 'CLRSTATUS')).toEqual([]);
    expect(elapsed()).toBeGreaterThanOrEqual(903 + 905);
    expect(elapsed()).toBeLessThan(polite ? 4500 : 2500);
  });

  it('frees the recorded H743, which stays busy for ever behind an erase in bank 2, with two CLRSTATUS', async () => {
    const { target, port, elapsed } = await meet('an H743 of revision V with CubeProgrammer', polite);
    await target.erase([sectorAt(target, 0x0810_0000)]);
    expect(port.sent.filter((name) => name === 'CLRSTATUS')).toHaveLength(2);
    expect(elapsed()).toBeLessThan(polite ? 4500 : 2500);
  });

  it('asks the recorded L43x again that stalls a GETSTATUS behind its seventh erase', async () => {
    const { target, port } = await meet('an L43x with dfu-util and blocks of 2048 bytes', polite);
    for (let page = 0; page < 7; page += 1) {
      await target.erase([sectorAt(target, FLASH + page * 2048)]);
      if (page < 6) await target.write(FLASH + page * 2048, noise(2048, page));
    }
    expect(port.sent.filter((name) => name.startsWith('erase'))).toHaveLength(7);
  });

  it('reads the recorded F7', async () => {
    const { target } = await meet('an F7 that is read with CubeProgrammer', polite);
    expect(await readAll(target, FLASH, FLASH + 4096)).toBe(4096);
  });
});

describe('a ROM that crashes where it is read beyond its memory', () => {
  it.each([
    ['stm32f105-rom', 256],
    ['gd32vf103-rom', 128],
  ])('%s is read to its end and programmed there, and answers still', async (board, kb) => {
    const end = FLASH + kb * 1024;
    const rig = new Rig(board);
    const image = imageAt(end - 3001, noise(3001, 5));
    await rig.program(image);
    expect(rig.holds(image)).toBe(true);
    const { target } = await rig.connect();
    expect(await readAll(target, FLASH, end)).toBe(kb * 1024);
    expect(await readAll(target, end - 1000, end)).toBe(1000);
  });
});
