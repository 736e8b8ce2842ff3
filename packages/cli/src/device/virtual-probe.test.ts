/** The verbs through a virtual ST-LINK: boards in this process, and boards that outlive a run over USB/IP. */
import { formatFirmware, MemoryImage } from '@sureflash/image';
import { UsbIpServer } from '@sureflash/usbip';
import {
  createVirtualStLink,
  ProbedBoard,
  RealClock,
  type UsbConnector,
  type VirtualStLinkOptions,
} from '@sureflash/virtual';
import { afterEach, describe, expect, it } from 'vitest';
import { type Ended, fakeIo, sureflash } from '../testing/harness.ts';

const FLASH = 0x0800_0000;
const ON_F103 = '--virtual nucleo-f103rb --instant --load old.hex';

/** A program whose stack and reset vector are where they should be: MOVS R0, #42; B . and a pattern. */
function firmware(seed: number, bytes = 3_000): MemoryImage {
  const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8) * 13 + seed) & 0xff);
  const view = new DataView(data.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, FLASH + 0x101, true);
  view.setUint32(0x100, 0xe7fe_202a, true);
  return new MemoryImage([{ address: FLASH, bytes: data }]);
}

const FILES = [
  ['old.hex', formatFirmware(firmware(1), 'intel-hex')],
  ['new.hex', formatFirmware(firmware(2), 'intel-hex')],
] as const;

const run = async (words: string): Promise<Ended> => await sureflash(words, fakeIo({ files: FILES }));
const onF103 = async (words: string): Promise<Ended> => await run(`${words} ${ON_F103}`);

describe('through an ST-LINK', () => {
  it('info tells the chip, the probe with its firmware, and the supply of the chip', async () => {
    const { code, out } = await onF103('info');
    expect(code).toBe(0);
    expect(out).toMatch(/^Device +STM32F103x8 behind ST-LINK V2J37M27$/m);
    expect(out).toMatch(/^Probe +ST-LINK V2J37M27, 3\.30 V at the chip$/m);
    expect(out).toMatch(/^DEV_ID +0x410, read from the chip$/m);
  });

  it('program writes what differs, and plan then has nothing to do', async () => {
    const { code, out } = await onF103('program new.hex');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Verified .*3 sectors erased, .*read back and equal/)]);
    expect((await onF103('plan old.hex')).out).toMatch(/already hold the image: nothing to erase or write/);
  });

  it('program says of a flash that holds the image already that nobody has read it', async () => {
    const { code, out } = await onF103('program old.hex');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Unchanged .* equal by the CRC-32 that the chip computes: the flash already holds the image \(/,
    );
    expect(out).not.toMatch(/read back/);
    expect((await onF103('program old.hex --json')).json.at(-1)).toMatchObject({ ok: true, provenByCrc: true });
  });

  it('program proves by the CRC of the chip only where that is asked for, and says so', async () => {
    const { code, out } = await onF103('program new.hex --quick-proof');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Verified .*equal by the CRC-32 that the chip computes/)]);
  });

  it('verify tells equal from different by its exit code', async () => {
    expect((await onF103('verify old.hex')).code).toBe(0);
    const { code, err } = await onF103('verify new.hex');
    expect([code, err]).toEqual([7, expect.stringContaining('[verify/mismatch]')]);
  });

  it('read gives flash, RAM and registers', async () => {
    expect((await onF103('read 0x08000000+16')).out).toMatch(/^0x08000000 {2}00 04 00 20 01 01 00 08 /);
    expect((await onF103('read 0x20000000+16')).code).toBe(0);
    expect((await onF103('read 0xE000ED00+4')).out).toMatch(/^0xE000ED00 {2}[0-9A-F]{2} C2 [0-9A-F]{2} 41/);
  });

  it('write, fill and blank-check change and prove parts of the flash', async () => {
    expect((await onF103('write 0x08000800 0x12345678')).out).toMatch(/^Written .*1 sector erased and written anew/);
    expect((await onF103('fill 0x08001000+1K 0x55')).out).toMatch(/^Written .*read back and equal/);
    expect((await onF103('blank-check 0x08002000+4K')).code).toBe(0);
    expect((await onF103('blank-check 0x08000000+4K')).code).toBe(7);
  });

  it('erase --all leaves a blank chip', async () => {
    const { code, out } = await onF103('erase --all');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Erased +128 sectors, 128 KB, read back and blank/)]);
  });

  it('reset and leave start the program', async () => {
    expect((await onF103('reset')).out).toBe('Reset        the chip runs\n');
    expect((await onF103('leave')).out).toBe('Left         the chip runs the program at 0x08000000\n');
  });

  it('doctor finds nothing against a sound chip', async () => {
    const { code, out } = await onF103('doctor');
    expect([code, out]).toEqual([0, expect.stringContaining('no fault found in this device')]);
  });

  it('option-bytes shows and sets them by name, and info tells the protection', async () => {
    expect((await onF103('option-bytes show')).out).toMatch(/^RDP +level 0/m);
    const { code, out, err } = await onF103('option-bytes set Data0=0x5A --yes');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Set +Data0 = 0x5A: read back$/m)]);
    expect(err).toContain('then the chip resets itself');
    expect((await onF103('info')).out).toMatch(/^Protection +read-out protection level 0/m);
  });

  it('a sector that is closed against writing is found before anything is erased', async () => {
    const clock = new RealClock();
    const desk = createVirtualStLink({ probe: 'v2-1', chip: 'STM32F103', clock, longestRunMs: 20 });
    const server = new UsbIpServer({ ports: new Map([['1-1', desk.connector]]), clock });
    const { host, port } = await server.listen({ port: 0 });
    try {
      const at = `--usbip ${host}:${port}/1-1`;
      expect((await run(`option-bytes set WRP=0xFFFFFFFE --yes ${at}`)).code).toBe(0);
      const { code, err } = await run(`program new.hex ${at}`);
      expect([code, err]).toEqual([8, expect.stringContaining('[plan/protected]')]);
      expect(desk.microcontroller.flash.statistics.erases).toBe(0);
    } finally {
      await server.close();
    }
  });

  it.each(['--connect under-reset', '--connect hot-plug', '--connect normal', '--speed 480'])(
    'program with %s ends as without it',
    async (options) => {
      expect((await onF103(`program new.hex ${options}`)).code).toBe(0);
    },
  );

  it('another chip than stated is refused before anything is written', async () => {
    const { code, err } = await onF103('program new.hex --chip STM32F407');
    expect([code, err]).toEqual([3, expect.stringContaining('[device/other-chip]')]);
  });

  it.each(['discovery-f407', 'nucleo-l476rg', 'nucleo-g431rb'])('program works on the virtual %s', async (board) => {
    expect((await run(`program new.hex --virtual ${board} --instant --stlink`)).code).toBe(0);
  });
});

describe('through a CMSIS-DAP probe', () => {
  it.each(['debugprobe-f407', 'mcu-link-l476'])('program proves every byte on the virtual %s', async (board) => {
    const { code, out } = await run(`program new.hex --virtual ${board} --instant --cmsis-dap`);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Verified .*read back and equal/)]);
  });

  it('info tells the chip and the probe', async () => {
    const { code, out } = await run('info --virtual debugprobe-f407 --instant');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Device +STM32F405 behind CMSIS-DAP 2\.0\.0$/m)]);
  });

  it('is an error of usage where the probe of the board is of another kind, or with a serial number', async () => {
    expect((await run('info --virtual nucleo-f103rb --cmsis-dap')).err).toContain(
      'has no CMSIS-DAP probe. [cli/usage]',
    );
    expect((await run('info --virtual debugprobe-f407 --stlink')).err).toContain('has no ST-LINK. [cli/usage]');
    expect((await run('info --virtual debugprobe-f407 --cmsis-dap E661')).err).toContain('takes no serial number');
  });
});

describe('a chip with read protection behind an ST-LINK', () => {
  it('is refused before a plan is made, in the words of a debugger', async () => {
    const { code, out, err } = await run('program new.hex --virtual nucleo-f103rb-rdp1 --instant');
    expect([code, out, err]).toEqual([8, '', expect.stringContaining('a debugger may not read its flash')]);
    expect(err).not.toMatch(/^Plan|bootloader answers/m);
  });
});

describe('--stlink with --virtual', () => {
  it('takes the probe of a board that has a USB plug of its own as well', async () => {
    const board = '--virtual stm32f105-cubemx-stub-stlink --instant';
    expect((await run(`info ${board}`)).out).toMatch(/^Device +application with the USB DFU class of STM32CubeMX/);
    expect((await run(`info ${board} --stlink`)).out).toMatch(/^Device +STM32F105 behind ST-LINK V2J37M27/);
  });

  it('is an error of usage where the board has no probe, or with a serial number', async () => {
    expect((await run('info --virtual stm32f105-rom --stlink')).err).toContain('has no ST-LINK. [cli/usage]');
    expect((await run('info --virtual nucleo-f103rb --stlink 066D')).err).toContain('takes no serial number');
  });
});

describe('a virtual ST-LINK over USB/IP', () => {
  let server: UsbIpServer | undefined;
  afterEach(async () => await server?.close());

  async function serve(clock: RealClock, ...connectors: readonly UsbConnector[]): Promise<string> {
    const ports = new Map(connectors.map((connector, i) => [`1-${i + 1}`, connector]));
    server = new UsbIpServer({ ports, clock });
    const { host, port } = await server.listen({ port: 0 });
    return `${host}:${port}`;
  }
  const serveChip = async (options: Partial<VirtualStLinkOptions>): Promise<string> => {
    const clock = new RealClock();
    const desk = createVirtualStLink({ probe: 'v2-1', chip: 'STM32F103', clock, longestRunMs: 20, ...options });
    return await serve(clock, desk.connector);
  };

  it('is listed with the chip behind it, its firmware and the supply of the chip', async () => {
    const { out } = await sureflash(`list --usbip ${await serveChip({ supplyMv: 3000 })}`);
    expect(out).toMatch(/^1-1 {2}0483:374b .* STM32F103x8 behind ST-LINK V2J37M27, 3\.00 V at the chip, serial /);
  });

  it('without a chip that has power ends in exit code 3 and says what was measured', async () => {
    const { code, err } = await sureflash(`info --usbip ${await serveChip({ supplyMv: 0 })}/1-1`);
    expect([code, err]).toEqual([3, expect.stringMatching(/0\.0\d? V.*\[probe\/no-target\]/s)]);
  });

  it('and the USB of its board are one chip: what the probe erases is gone from USB', async () => {
    const clock = new RealClock();
    const { board, desk } = new ProbedBoard(clock, { longestRunMs: 20 });
    const address = await serve(clock, board, desk.connector);
    expect((await sureflash(`erase --sectors 0 --usbip ${address}/1-2`)).code).toBe(0);
    expect([board.program, board.device]).toEqual(['starting', undefined]);
    expect((await sureflash(`info --usbip ${address}/1-1`)).err).toContain('[usbip/no-such-device]');
  });
});
