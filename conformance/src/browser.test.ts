import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The core packages as they are built, by the names under which they are published. */
const IMPORT_MAP = {
  imports: Object.fromEntries(
    [
      ['image', ''],
      ['chips', ''],
      ['chips', '/table'],
      ['virtual', ''],
      ['programmer', ''],
      ['programmer', '/transports'],
    ].map(([name, part]) => [`@sureflash/${name}${part}`, `/packages/${name}/dist${part}/index.js`]),
  ),
};

const PAGE = `<!doctype html><script type="importmap">${JSON.stringify(IMPORT_MAP)}</script>
<script type="module">
import { parseFirmware } from '@sureflash/image';
import { connect, program, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import { findScenario, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';

window.run = async () => {
  const file = new Uint8Array(await (await fetch('/examples/firmware/out/dashboard-v2.elf')).arrayBuffer());
  const { image } = parseFirmware(file);
  const clock = new VirtualClock();
  const board = findScenario('stm32f105-rom').create(clock);
  const usb = new VirtualWebUsb({ connectors: [board], clock, dialect: 'browser' });
  const [{ device }] = await listWebUsb(usb, USB_FILTERS);
  const connected = await connect(await openWebUsb(device, USB_FILTERS, { clock, usb }), { clock });
  const report = await program(connected, image);
  await connected.close();
  const holds = image.segments.every(({ address, bytes }) => {
    const found = board.flash.peek(address, bytes.length);
    return bytes.every((byte, i) => byte === found[i]);
  });
  return { outcome: report.outcome, verifiedBytes: report.verifiedBytes, holds };
};
</script>`;

/** Runs where Debian's Chromium is installed, and needs the packages built. */
describe.skipIf(!existsSync(CHROMIUM))('the core packages in a browser', () => {
  let server: Server;
  let origin = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const type = path.endsWith('.js') ? 'text/javascript' : path === '/' ? 'text/html' : 'application/octet-stream';
      const body = path === '/' ? Promise.resolve(PAGE) : readFile(`${ROOT}${path.slice(1)}`);
      body.then(
        (content) => response.writeHead(200, { 'content-type': type }).end(content),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    origin = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
  });

  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  it('program a virtual board with the real ELF, byte for byte, as they do in Node', async () => {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('requestfailed', (request) => problems.push(request.url()));
      await page.goto(origin);
      await page.waitForFunction('window.run !== undefined');
      const result: unknown = await page.evaluate('window.run()');
      expect(problems).toEqual([]);
      expect(result).toEqual({ outcome: 'programmed', verifiedBytes: 119_912, holds: true });
    } finally {
      await browser.close();
    }
  });
});
