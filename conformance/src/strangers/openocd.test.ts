/** OpenOCD judges the virtual ST-LINKs and the chips behind them: its own loaders run on the model's core. */

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random, type VirtualStLinkOptions } from '@sureflash/virtual';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openocdPrinted, runStranger, type ServedStLink, serveStLink } from './openocd.ts';

const OPENOCD = 'openocd';
const found = spawnSync(OPENOCD, ['--version'], { encoding: 'utf8' });
const FLASH = 0x0800_0000;

interface Row {
  readonly chip: string;
  readonly probe: VirtualStLinkOptions['probe'];
  /** Its script of the chip, and the driver whose mass erase it has. */
  readonly script: string;
  readonly driver: string;
  /** What the program in flash writes to give the SWD pins away: addresses and values. */
  readonly closing: readonly (readonly [number, number])[];
}

const ROWS: readonly Row[] = [
  {
    chip: 'STM32F103',
    probe: 'v2',
    script: 'stm32f1x',
    driver: 'stm32f1x',
    closing: [
      [0x4002_1018, 1],
      [0x4001_0004, 0x0400_0000],
    ],
  },
  {
    chip: 'STM32F407',
    probe: 'v2-1',
    script: 'stm32f4x',
    driver: 'stm32f2x',
    closing: [
      [0x4002_3830, 1],
      [0x4002_0000, 0],
    ],
  },
  {
    chip: 'STM32L476',
    probe: 'v2-1',
    script: 'stm32l4x',
    driver: 'stm32l4x',
    closing: [
      [0x4002_104c, 1],
      [0x4800_0000, 0],
    ],
  },
  {
    chip: 'STM32G431',
    probe: 'v3e',
    script: 'stm32g4x',
    driver: 'stm32l4x',
    closing: [
      [0x4002_104c, 1],
      [0x4800_0000, 0],
    ],
  },
  {
    chip: 'STM32H743',
    probe: 'v3e',
    script: 'stm32h7x',
    driver: 'stm32h7x',
    closing: [
      [0x5802_44e0, 1],
      [0x5802_0000, 0],
    ],
  },
];

const HIGH_LEVEL = ['source [find interface/stlink.cfg]', 'hla_stlink_backend tcp'];
/** Debug port and access ports one by one, and in batches. */
const DIRECT = ['source [find interface/stlink-dap.cfg]', 'st-link backend tcp'];
const UNDER_RESET = 'reset_config srst_only srst_nogate connect_assert_srst';

/** Runs OpenOCD with a probe behind TCP, and these commands after its configuration. */
async function openocd(
  bench: ServedStLink,
  script: string,
  commands: readonly string[],
  [adapter, backend] = HIGH_LEVEL,
) {
  const words = [
    'gdb_port disabled; tcl_port disabled; telnet_port disabled',
    `${adapter}; ${backend} ${bench.port}`,
    `source [find target/${script}.cfg]`,
    ...commands,
    'shutdown',
  ];
  return await runStranger(
    OPENOCD,
    words.flatMap((each) => ['-c', each]),
  );
}

/** It ended well, and asked for nothing that the models do not have. */
function succeeded({ desk, broken }: ServedStLink, code: number, printed: string): void {
  const { notModelled } = desk.target;
  // Of a failure what it printed tells why.
  const failure = code === 0 ? '' : printed;
  expect({ failure, notModelled, broken }).toEqual({ failure: '', notModelled: [], broken: [] });
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

  for (const { chip, probe, script, driver, closing } of ROWS) {
    test(`identifies, writes, verifies, reads and erases a ${chip} through a ${probe}`, () =>
      serveStLink({ probe, chip }, async (bench) => {
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
        succeeded(bench, code, printed);
        expect(flash.memories[0]?.bytes.slice(0, 9000)).toEqual(image);
        expect(new Uint8Array(await readFile(back))).toEqual(image);
        await expect(openocdPrinted(printed, folder)).toMatchFileSnapshot(`printed/${chip}-program.txt`);
        const erased = await openocd(bench, script, ['init', 'reset halt', `${driver} mass_erase 0`]);
        succeeded(bench, erased.code, erased.printed);
        expect(flash.memories[0]?.bytes.every((byte) => byte === 0xff)).toBe(true);
      }));

    test(`reaches a ${chip} whose program gives the SWD pins away under reset alone`, () =>
      serveStLink({ probe, chip, flash: new Map([[FLASH, closingProgram(closing)]]) }, async (bench) => {
        const normal = await openocd(bench, script, ['init']);
        expect(normal.code).toBe(1);
        expect(normal.printed).toContain('unable to connect to the target');
        // H7's bus is in reset too; its script says that only AP2 reaches DBGMCU then, which the high-level adapter cannot.
        const way = chip === 'STM32H743' ? DIRECT : HIGH_LEVEL;
        const commands = [UNDER_RESET, `program ${file} 0x08000000 verify`];
        const { code, printed } = await openocd(bench, script, commands, way);
        succeeded(bench, code, printed);
        expect(bench.desk.microcontroller.flash.memories[0]?.bytes.slice(0, 9000)).toEqual(image);
      }));

    test(`writes a ${chip} through its debug port and access ports`, () =>
      serveStLink({ probe, chip }, async (bench) => {
        const { code, printed } = await openocd(bench, script, [`program ${file} 0x08000000 verify reset`], DIRECT);
        succeeded(bench, code, printed);
        expect(bench.desk.microcontroller.flash.memories[0]?.bytes.slice(0, 9000)).toEqual(image);
      }));
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

/** Writes these words and loops: ADR R2, then LDMIA R2!, {R0, R1} and STR R1, [R0] for each. */
function closingProgram(writes: readonly (readonly [number, number])[]): Uint8Array {
  const image = new Uint8Array(0x100);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, FLASH + 0x41, true);
  const code = [0xa20f, ...writes.flatMap(() => [0xca03, 0x6001]), 0xe7fe];
  code.forEach((half, index) => {
    view.setUint16(0x40 + 2 * index, half, true);
  });
  writes.flat().forEach((word, index) => {
    view.setUint32(0x80 + 4 * index, word, true);
  });
  return image;
}
