/** st-info and st-flash judge the virtual ST-LINKs and the chips behind them: their own loaders run on the model's core. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random, type VirtualStLinkOptions } from '@sureflash/virtual';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachStLink, buildStandIn } from './attached.ts';

const [ST_FLASH, ST_INFO, COMPILER] = ['st-flash', 'st-info', 'gcc'] as const;
const isMissing = [ST_FLASH, ST_INFO, COMPILER].some(
  (program) => spawnSync(program, ['--version']).error !== undefined,
);
const FLASH = '0x08000000';
const BYTES = 3000;

interface Row {
  readonly chip: string;
  readonly probe: VirtualStLinkOptions['probe'];
  /** What it asks for that the model does not have. */
  readonly beyond?: readonly string[];
}

const ROWS: readonly Row[] = [
  { chip: 'STM32F103', probe: 'v2-1' },
  { chip: 'STM32F407', probe: 'v2-1' },
  { chip: 'STM32L476', probe: 'v2-1' },
  { chip: 'STM32G431', probe: 'v2-1' },
  // It looks for DMA in RCC_C1_AHB1ENR, the same register once more (RM0433 §8.7).
  { chip: 'STM32H743', probe: 'v3e', beyond: ['a register of RCC that is at 0x58024538 is not modelled'] },
];

/** What it prints, without what differs from run to run. */
function normalised(printed: string, folder: string): string {
  return (
    printed
      .replaceAll(folder, 'FOLDER')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+ /g, '')
      // It prints a dot for each look.
      .replaceAll(/^Mass erasing\.*/gm, 'Mass erasing')
      .replaceAll('\r', '\n')
  );
}

describe.skipIf(isMissing)('st-flash and st-info', () => {
  let folder = '';
  const next = random(16);
  const image = Uint8Array.from({ length: BYTES }, () => Math.floor(next() * 256));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sureflash-stlink-'));
    buildStandIn(folder);
    new DataView(image.buffer).setUint32(0, 0x2000_0400, true);
    new DataView(image.buffer).setUint32(4, 0x0800_0101, true);
    await writeFile(join(folder, 'image.bin'), image);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ROWS)(
    'identify, write, verify, read and erase a $chip through a $probe',
    async ({ chip, probe, beyond = [] }) => {
      await attachStLink(folder, { chip, probe }, async ({ desk, run }) => {
        const { flash } = desk.microcontroller;
        const info = await run(ST_INFO, ['--probe']);
        const written = await run(ST_FLASH, ['--reset', 'write', join(folder, 'image.bin'), FLASH]);
        // Of a failure what it printed tells why.
        expect({ code: written.code, printed: written.code === 0 ? '' : written.printed }).toEqual({
          code: 0,
          printed: '',
        });
        expect(flash.peek(0x0800_0000, BYTES)).toEqual(image);
        const back = join(folder, `${chip}.bin`);
        const read = await run(ST_FLASH, ['read', back, FLASH, `${BYTES}`]);
        expect(new Uint8Array(await readFile(back))).toEqual(image);
        expect(desk.target.notModelled).toEqual(beyond);
        const erased = await run(ST_FLASH, ['erase']);
        expect(flash.memories.every(({ bytes }) => bytes.every((byte) => byte === 0xff))).toBe(true);
        expect([info, read, erased].map(({ code }) => code)).toEqual([0, 0, 0]);
        const printed = normalised([info, written, read, erased].map((each) => each.printed).join('\n'), folder);
        await expect(printed).toMatchFileSnapshot(`printed/${chip}-st-flash.txt`);
      });
    },
  );
});
