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
import { MemoryImage, parseFirmware } from '@sureflash/image';
import { connect, program, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import { createVirtualStLink, findScenario, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';

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

window.runProbe = async () => {
  const clock = new VirtualClock();
  const desk = createVirtualStLink({ probe: 'v2-1', chip: 'STM32F103', clock });
  const usb = new VirtualWebUsb({ connectors: [desk.connector], clock, dialect: 'browser' });
  const [{ device }] = await listWebUsb(usb, USB_FILTERS);
  const classes = device.configuration.interfaces.map(({ alternate }) => alternate.interfaceClass);
  const interfaces = classes.sort((a, b) => a - b).join();
  const connected = await connect(await openWebUsb(device, USB_FILTERS, { clock, usb }), { clock });
  const bytes = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7) & 0xff);
  new DataView(bytes.buffer).setUint32(0, 0x20000400, true);
  new DataView(bytes.buffer).setUint32(4, 0x08000101, true);
  const report = await program(connected, new MemoryImage([{ address: 0x08000000, bytes }]));
  await connected.close();
  const found = desk.microcontroller.flash.peek(0x08000000, bytes.length);
  const holds = bytes.every((byte, i) => byte === found[i]);
  return { interfaces, isReleased: !device.opened, outcome: report.outcome, verifiedBytes: report.verifiedBytes, holds };
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
    const result = await evaluated('window.run()');
    expect(result).toEqual({ outcome: 'programmed', verifiedBytes: 119_912, holds: true });
  });

  it('program a chip through an ST-LINK, which is one interface of four of its device', async () => {
    const result = await evaluated('window.runProbe()');
    expect(result).toEqual({
      interfaces: '2,8,10,255',
      isReleased: true,
      outcome: 'programmed',
      verifiedBytes: 3000,
      holds: true,
    });
  });

  /** @returns what the expression gives in the page */
  async function evaluated(expression: string): Promise<unknown> {
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
      const result: unknown = await page.evaluate(expression);
      expect(problems).toEqual([]);
      return result;
    } finally {
      await browser.close();
    }
  }
});
