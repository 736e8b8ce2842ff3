/** Programs a virtual STM32F105 from Node: `npm run example:node firmware.elf`. The board is a model; the rest is what a real one gets. */
import { readFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { explain } from '@sureflash/programmer';
import { findScenario, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';
import { programFile } from '../program-file.ts';

const clock = new VirtualClock();
const board = findScenario('stm32f105-rom');
if (!board) throw new Error('there is no virtual stm32f105-rom');
// For a board on USB: const usb = new WebUSB({ allowAllDevices: true }), of the npm package usb, and no clock.
const usb = new VirtualWebUsb({ connectors: [board.create(clock)], clock });

try {
  const { outcome, verifiedBytes } = await programFile(usb, await readFile(argv[2] ?? 'firmware.elf'), { clock });
  console.log(`${outcome} ${verifiedBytes}`);
} catch (error) {
  const { title, remedies } = explain(error);
  console.error([title, ...remedies.map(String)].join('\n'));
  process.exitCode = 1;
}
