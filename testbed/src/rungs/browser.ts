/**
 * A real Chromium on a real kernel's USB: the example page programs a chip through an ST-LINK, which is one interface of four of
 * its device, over the WebUSB of the browser itself.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createVirtualStLink } from '@sureflash/virtual';
import { build } from 'esbuild';
import type { Bench } from '../lib/bench.ts';
import { assertSame, FLASH_START } from '../lib/bytes.ts';
import type { Checks } from '../lib/checks.ts';
import { FOLDER, handOver, imageWithStart } from '../lib/files.ts';
import { quote } from '../lib/guest.ts';
import { here } from '../lib/here.ts';
import { intelHexOf } from '../lib/intel-hex.ts';

const CHROMIUM = '/usr/bin/chromium';
const IMAGE_BYTES = 6000;
/** Of a core that waits by the wall; see the rung `probe`. */
const CORE_LOOK_MS = 20;
/** 531 s were measured, with an emulated processor on a busy machine. */
const PAGE_LIMIT_MS = 1_700_000;
/** Ends up on the host, to be looked at. */
const PICTURE = here('testbed/dist/browser.png');

interface PageTold {
  readonly version: string;
  readonly seen: string;
  readonly said: string;
}

export async function browser(bench: Bench, checks: Checks): Promise<void> {
  checks.area('Chromium and an ST-LINK');
  if (!existsSync(CHROMIUM)) {
    console.log(`left out: there is no ${CHROMIUM}`);
    return;
  }
  const { guest } = bench;
  const image = imageWithStart(IMAGE_BYTES, 4);
  const desk = createVirtualStLink({
    probe: 'v2-1',
    chip: 'STM32F103',
    clock: bench.rack.clock,
    longestRunMs: CORE_LOOK_MS,
  });
  bench.rack.place('1-1').show(desk.connector);
  await bench.attach();
  await handOver(guest, {
    'index.html': readFileSync(here('examples/web/index.html')),
    'page.js': await bundledPage(),
    'image.hex': intelHexOf(FLASH_START, image),
  });
  const told = await checks.check('runs to its end', async () => {
    const words = [process.execPath, here('testbed/dist/guest/browser.js'), FOLDER];
    const files = [`${FOLDER}/image.hex`, `${FOLDER}/browser.png`];
    const { status, out, err } = await guest.run([...words, ...files].map(quote).join(' '), { limitMs: PAGE_LIMIT_MS });
    assert.equal(status, 0, `${out.slice(-1500)}${err.slice(-1500)}`);
    mkdirSync(here('testbed/dist'), { recursive: true });
    writeFileSync(PICTURE, await guest.read(`${FOLDER}/browser.png`));
    return JSON.parse(out.trim().split('\n').at(-1) ?? '') as PageTold;
  });
  await checks.check('the browser shows the page a device with four interfaces', () => {
    assert.equal(told?.seen, 'STM32 STLink, 4 interfaces');
  });
  await checks.check('the page says how much it has verified', () => {
    assert.equal(told?.said, `programmed: ${IMAGE_BYTES} bytes verified`);
  });
  await checks.check('the flash holds the image', () => {
    assertSame(desk.microcontroller.flash.peek(FLASH_START, IMAGE_BYTES), image);
  });
  await bench.unplug();
}

async function bundledPage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [here('examples/web/page.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    conditions: ['sureflash-source'],
  });
  const [page] = outputFiles;
  if (!page) throw new Error('esbuild made no page');
  return page.contents;
}
