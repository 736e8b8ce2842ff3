import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** What a reader would add: a device and a file. */
const USE = `
import { readFile } from 'node:fs/promises';
import { findScenario, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';
const clock = new VirtualClock();
const usb = new VirtualWebUsb({ connectors: [findScenario('stm32f105-rom').create(clock)], clock });
const report = await programFirst(usb, new Uint8Array(await readFile(process.argv[2])), clock);
console.log(report.outcome, report.verifiedBytes);
`;

it('the example in the README of the programmer programs a board with what is built', async () => {
  const text = await readFile(path('packages/programmer/README.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? 'no example';
  const folder = path('node_modules/.cache/sureflash');
  const file = `${folder}/readme-example.mjs`;
  await mkdir(folder, { recursive: true });
  await writeFile(file, code + USE);
  try {
    const firmware = path('examples/firmware/out/dashboard-v2.elf');
    const { NODE_OPTIONS: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, [file, firmware], { env });
    expect(stdout.trim()).toBe('programmed 119912');
  } finally {
    await rm(file, { force: true });
  }
});
