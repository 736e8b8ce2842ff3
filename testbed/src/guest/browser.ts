/**
 * `browser.js FOLDER FILE PICTURE`: serves a page, has Chromium open it and program a file, and prints what the page says. The
 * user's choice in the dialog of `requestDevice` is a policy of the browser; everything else is Chromium's own. It knows no device.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const PORT = 8123;
const ORIGIN = `http://127.0.0.1:${PORT}`;
const ST = 0x0483;
/** An emulated processor starts a browser in a minute or two. */
const START_MS = 900_000;
const POLICIES = '/etc/chromium/policies/managed';
const ARGUMENTS =
  '--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync'.split(' ');

/** The dialog needs a person; what it would have given is what the policy has granted. */
const CHOICE = `USB.prototype.requestDevice = async function () {
  const [device] = await this.getDevices();
  if (!device) throw new DOMException('No device selected.', 'NotFoundError');
  return device;
};`;

/** How far it came, for a run that does not come to its end. */
const step = (what: string): void => console.error(`${what} after ${Math.round(performance.now() / 1000)} s`);

const [folder = '', file = '', picture = ''] = process.argv.slice(2);
mkdirSync(POLICIES, { recursive: true });
const granted = { WebUsbAllowDevicesForUrls: [{ devices: [{ vendor_id: ST }], urls: [ORIGIN] }] };
writeFileSync(join(POLICIES, 'testbed.json'), JSON.stringify(granted));

const server = createServer(({ url = '/' }, response) => {
  const name = url === '/' ? 'index.html' : url.slice(1);
  const type = name.endsWith('.js') ? 'text/javascript' : 'text/html';
  const isServed = name === 'index.html' || name === 'page.js';
  response.writeHead(isServed ? 200 : 404, { 'content-type': type });
  response.end(isServed ? readFileSync(join(folder, name)) : '');
});
await new Promise<void>((resolve) => server.listen(PORT, '127.0.0.1', resolve));
const chromiumHere = await chromium.launch({ executablePath: '/usr/bin/chromium', timeout: START_MS, args: ARGUMENTS });
step('browser started');
try {
  const page = await chromiumHere.newPage({ viewport: { width: 640, height: 240 } });
  page.setDefaultTimeout(START_MS);
  await page.addInitScript(CHOICE);
  await page.goto(ORIGIN, { timeout: START_MS });
  const seen = await page.evaluate(
    'navigator.usb.getDevices().then(([it]) => it && it.productName + ", " + it.configuration.interfaces.length + " interfaces")',
  );
  step('page opened');
  await page.setInputFiles('input', file);
  await page.click('button');
  const said = await page.locator('output:not(:empty)').textContent();
  step('page has said how it went');
  await page.screenshot({ path: picture, timeout: START_MS });
  console.log(JSON.stringify({ version: chromiumHere.version(), seen, said }));
} finally {
  await chromiumHere.close();
  server.close();
}
