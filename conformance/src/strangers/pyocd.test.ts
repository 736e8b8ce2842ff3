/** pyOCD judges the virtual ST-LINK: it walks the ROM table, and its own flash algorithm runs on the model's core. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '@sureflash/virtual';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachStLink, buildStandIn } from './attached.ts';

const isMissing = [
  ['pyocd-flashtool', '--version'],
  ['pyocd-tool', '--version'],
  ['gcc', '--version'],
].some(([program = '', option = '']) => spawnSync(program, [option]).error !== undefined);
const FLASH = 0x0800_0000;
const BYTES = 3000;
/** The chips of its tables that are modelled. It knows no V3. */
const ROWS = [
  { chip: 'STM32F103', target: 'stm32f103rc' },
  { chip: 'STM32L476', target: 'stm32l475xg' },
] as const;

describe.skipIf(isMissing)('pyOCD', () => {
  let folder = '';
  const image = randomBytes(19, BYTES);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sureflash-pyocd-'));
    buildStandIn(folder);
    new DataView(image.buffer).setUint32(0, 0x2000_0400, true);
    new DataView(image.buffer).setUint32(4, FLASH + 0x101, true);
    await writeFile(join(folder, 'image.bin'), image);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ROWS)('identifies, writes, reads and erases a $chip through a v2-1', async ({ chip, target }) => {
    await attachStLink(folder, { probe: 'v2-1', chip }, async ({ desk, run }) => {
      const { flash } = desk.microcontroller;
      const back = join(folder, `${chip}.bin`);
      const pyocd = async (program: string, ...operands: readonly string[]): Promise<string> => {
        const { code, printed } = await run(program, operands);
        // Of a failure what it printed tells why.
        expect({ code, printed: code === 0 ? '' : printed }).toEqual({ code: 0, printed: '' });
        return printed;
      };
      const flashtool = ['-hp', '-t', target, '-a', `${FLASH}`];
      const written = await pyocd('pyocd-flashtool', ...flashtool, join(folder, 'image.bin'), 'bin');
      expect(flash.peek(FLASH, BYTES)).toEqual(image);
      const read = await pyocd('pyocd-tool', '-t', target, 'savemem', `${FLASH}`, `${BYTES}`, back);
      expect(new Uint8Array(await readFile(back))).toEqual(image);
      await pyocd('pyocd-flashtool', ...flashtool, '--sector_erase', '-n', '1');
      expect(flash.peek(FLASH, 1024).every((byte) => byte === 0xff)).toBe(true);
      expect(desk.target.notModelled).toEqual([]);
      const printed = [written, read]
        .join('\n')
        .replaceAll(folder, 'FOLDER')
        .replaceAll(/at [\d.]+ kB/g, 'at N kB');
      await expect(printed).toMatchFileSnapshot(`printed/${chip}-pyocd.txt`);
    });
  });
});
