/** OpenOCD judges the virtual ST-LINKs and the chips behind them: its own loaders run on the model's core. */

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random, type VirtualStLinkOptions } from '@sureflash/virtual';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, run, serveStLink } from './openocd.ts';

const OPENOCD = 'openocd';
const found = spawnSync(OPENOCD, ['--version'], { encoding: 'utf8' });
const LIMIT = 120_000;

interface Row {
  readonly chip: string;
  readonly probe: VirtualStLinkOptions['probe'];
  /** Its script of the chip, and the driver whose mass erase it has. */
  readonly script: string;
  readonly driver: string;
}

const ROWS: readonly Row[] = [
  { chip: 'STM32F103', probe: 'v2', script: 'stm32f1x', driver: 'stm32f1x' },
  { chip: 'STM32F407', probe: 'v2-1', script: 'stm32f4x', driver: 'stm32f2x' },
  { chip: 'STM32L476', probe: 'v2-1', script: 'stm32l4x', driver: 'stm32l4x' },
  { chip: 'STM32G431', probe: 'v3e', script: 'stm32g4x', driver: 'stm32l4x' },
  { chip: 'STM32H743', probe: 'v3e', script: 'stm32h7x', driver: 'stm32h7x' },
];

/** Runs OpenOCD with a probe behind TCP, and these commands after its configuration. */
async function openocd(bench: Bench, script: string, commands: readonly string[], before: readonly string[] = []) {
  const words = [
    'gdb_port disabled; tcl_port disabled; telnet_port disabled',
    'source [find interface/stlink.cfg]',
    `hla_stlink_backend tcp ${bench.port}`,
    `source [find target/${script}.cfg]`,
    ...before,
    ...commands,
    'shutdown',
  ];
  return await run(
    OPENOCD,
    words.flatMap((each) => ['-c', each]),
  );
}

/** What it prints, without what differs from run to run. */
function normalised(printed: string, folder: string): string {
  return printed
    .replaceAll(folder, 'FOLDER')
    .replaceAll(/\d+\.\d+s \(\d+\.\d+ KiB\/s\)/g, 'TIME')
    .replaceAll(/in \d+\.\d+s/g, 'in TIME')
    .replaceAll(/server:? .*\d+/g, 'SERVER')
    .replaceAll(/^Open On-Chip Debugger .*$/gm, 'Open On-Chip Debugger')
    .replaceAll(/\r/g, '');
}

describe.skipIf(found.error !== undefined)('OpenOCD', () => {
  let folder = '';
  let file = '';
  const image = imageOf(9000);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sureflash-openocd-'));
    file = join(folder, 'image.bin');
    await writeFile(file, image);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  for (const { chip, probe, script, driver } of ROWS) {
    test(
      `identifies, writes, verifies, reads and erases a ${chip} through a ${probe}`,
      async () => {
        await using bench = await serveStLink({ probe, chip });
        const { flash } = bench.desk.microcontroller;
        const back = join(folder, `${chip}.bin`);
        const { code, printed } = await openocd(bench, script, [
          'init',
          'reset halt',
          'flash probe 0',
          `flash write_image erase ${file} 0x08000000`,
          `verify_image ${file} 0x08000000`,
          `dump_image ${back} 0x08000000 9000`,
        ]);
        expect(bench.broken).toEqual([]);
        expect({ code, notModelled: bench.desk.target.notModelled, printed }).toMatchObject({
          code: 0,
          notModelled: [],
        });
        expect(flash.memories[0]?.bytes.slice(0, 9000)).toEqual(image);
        expect(new Uint8Array(await readFile(back))).toEqual(image);
        await expect(normalised(printed, folder)).toMatchFileSnapshot(`printed/${chip}-program.txt`);
        const erased = await openocd(bench, script, ['init', 'reset halt', `${driver} mass_erase 0`]);
        expect(erased.code, erased.printed).toBe(0);
        expect(flash.memories[0]?.bytes.every((byte) => byte === 0xff)).toBe(true);
      },
      LIMIT,
    );

    test(
      `connects to a ${chip} under reset although its program gives the SWD pins away`,
      async () => {
        await using bench = await serveStLink({ probe, chip });
        const { code, printed } = await openocd(
          bench,
          script,
          [`program ${file} 0x08000000 verify reset`],
          ['reset_config srst_only srst_nogate connect_assert_srst'],
        );
        expect({ code, notModelled: bench.desk.target.notModelled, printed }).toMatchObject({
          code: 0,
          notModelled: [],
        });
        expect(bench.desk.microcontroller.flash.memories[0]?.bytes.slice(0, 9000)).toEqual(image);
      },
      LIMIT,
    );
  }
});

/** A vector table and a loop that counts, and noise behind it. */
function imageOf(bytes: number): Uint8Array {
  const next = random(15);
  const image = Uint8Array.from({ length: bytes }, () => Math.floor(next() * 256));
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, 0x0800_0041, true);
  [0x2000, 0x3001, 0xe7fd].forEach((half, index) => {
    view.setUint16(0x40 + 2 * index, half, true);
  });
  return image;
}
