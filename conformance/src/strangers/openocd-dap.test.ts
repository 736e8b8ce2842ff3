/** OpenOCD judges the virtual CMSIS-DAP probes: its own client of the protocol, its own loaders on the model's core. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualCmsisDap, RealClock, randomBytes } from '@sureflash/virtual';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachDevice, buildStandIn, STRANGER_RUN_MS } from './attached.ts';
import { openocdPrinted } from './openocd.ts';

const isMissing = ['openocd', 'gcc'].some((program) => spawnSync(program, ['--version']).error !== undefined);
const FLASH = 0x0800_0000;
const BYTES = 3000;
const ROWS = [
  { chip: 'STM32F103', probe: 'debugprobe', script: 'stm32f1x' },
  { chip: 'STM32F407', probe: 'mcu-link', script: 'stm32f4x' },
  { chip: 'STM32L476', probe: 'debugprobe', script: 'stm32l4x' },
  { chip: 'STM32G431', probe: 'mcu-link', script: 'stm32g4x' },
  { chip: 'STM32H743', probe: 'mcu-link', script: 'stm32h7x' },
] as const;

describe.skipIf(isMissing)('OpenOCD over CMSIS-DAP', () => {
  let folder = '';
  const image = randomBytes(18, BYTES);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sureflash-dap-'));
    buildStandIn(folder);
    await writeFile(join(folder, 'image.bin'), image);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ROWS)('identifies, writes, verifies, reads and erases a $chip through a $probe', async (row) => {
    const { chip, probe, script } = row;
    const clock = new RealClock();
    const desk = createVirtualCmsisDap({ probe, chip, clock, longestRunMs: STRANGER_RUN_MS });
    const { flash } = desk.microcontroller;
    await attachDevice(folder, { connector: desk.connector, clock }, async (run) => {
      const [file, back] = [join(folder, 'image.bin'), join(folder, `${chip}.bin`)];
      const openocd = async (...commands: readonly string[]): Promise<string> => {
        const words = [
          'gdb_port disabled; tcl_port disabled; telnet_port disabled',
          'source [find interface/cmsis-dap.cfg]; cmsis_dap_backend usb_bulk; transport select swd',
          `source [find target/${script}.cfg]`,
          'init; reset halt',
          ...commands,
          'shutdown',
        ];
        const operands = words.flatMap((each) => ['-c', each]);
        const { code, printed } = await run('openocd', operands);
        // Of a failure what it printed tells why.
        expect({ code, printed: code === 0 ? '' : printed }).toEqual({ code: 0, printed: '' });
        return printed;
      };
      const written = await openocd(
        'flash probe 0',
        `flash write_image erase ${file} ${FLASH}`,
        `verify_image ${file} ${FLASH}`,
        `dump_image ${back} ${FLASH} ${BYTES}`,
      );
      expect(flash.peek(FLASH, BYTES)).toEqual(image);
      expect(new Uint8Array(await readFile(back))).toEqual(image);
      await expect(openocdPrinted(written, folder)).toMatchFileSnapshot(`printed/${chip}-dap.txt`);
      await openocd('flash erase_sector 0 0 0');
      expect(flash.peek(FLASH, 1024).every((byte) => byte === 0xff)).toBe(true);
      expect(desk.target.notModelled).toEqual([]);
    });
  });
});
