/** The examples do what they show: in Node against a virtual board, and in Chromium with one behind `navigator.usb`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';
const inRepository = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const FIRMWARE = inRepository('examples/firmware/out/dashboard-v2.elf');

/** Puts a board into the page before the example's own script runs. It lives on a clock of its own, which passes as the system's does. */
const BOARD = `
import { findScenario, RealClock, VirtualWebUsb } from '@sureflash/virtual';
const clock = new RealClock();
const usb = new VirtualWebUsb({ connectors: [findScenario('stm32f105-rom').create(clock)], clock, dialect: 'browser' });
Object.defineProperty(navigator, 'usb', { value: usb });
`;

/** @returns a script as a bundler makes it for a page */
async function bundled(source: { entryPoints: string[] } | { stdin: { contents: string; resolveDir: string } }) {
  const shared = { bundle: true, format: 'esm' as const, write: false as const, conditions: ['sureflash-source'] };
  const { outputFiles } = await build({ ...shared, ...source });
  return outputFiles[0]?.text ?? '';
}

it('the example for Node programs a virtual board and prints the number of bytes that were verified', async () => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const main = inRepository('examples/dist/node/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [main, FIRMWARE], { env });
  expect(stdout.trim()).toBe('programmed 119912');
});

it.skipIf(!existsSync(CHROMIUM))('the example page programs a board that its user chooses', async () => {
  const html = (await readFile(inRepository('examples/web/index.html'), 'utf8')).replace(
    '<script',
    '<script type="module" src="board.js"></script><script',
  );
  const files: Readonly<Record<string, string>> = {
    '/': html,
    '/board.js': await bundled({ stdin: { contents: BOARD, resolveDir: inRepository('conformance') } }),
    '/page.js': await bundled({ entryPoints: [inRepository('examples/web/page.ts')] }),
  };
  const server = createServer(({ url = '/' }, response) => {
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(url in files ? 200 : 404, { 'content-type': type }).end(files[url] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(600_000);
    const address = server.address();
    await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
    await page.setInputFiles('input', FIRMWARE);
    await page.click('button');
    const output = page.locator('output:not(:empty)');
    expect(await output.textContent()).toBe('programmed: 119912 bytes verified');
  } finally {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
  }
});
