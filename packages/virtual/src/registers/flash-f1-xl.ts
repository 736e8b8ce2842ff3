/** The flash controller of F1 XL-density: two of F1, each with its bank, the second without option bytes (PM0068 §2.3, §3). */

import type { Device } from '../core/index.ts';
import { createF1Flash } from './flash-f1.ts';
import type { FlashController, FlashPort } from './flash-port.ts';

/** KEYR2 is 0x40 behind KEYR, and so are SR2, CR2 and AR2 (PM0068 §3.8). */
const SECOND = 0x40;

export function createF1XlFlash(
  port: FlashPort,
  { sectorsInBank1 }: { readonly sectorsInBank1: number },
): FlashController {
  const { flash } = port;
  const facts = { acr: 0x30, hasOptionLaunch: false } as const;
  const first = createF1Flash(port, { ...facts, bank: [0, sectorsInBank1] });
  const second = createF1Flash(port, { ...facts, bank: [sectorsInBank1, flash.sectors.length] });
  const secondStart = flash.sectors[sectorsInBank1]?.start ?? 0;
  const at = (offset: number) => (offset > SECOND ? ([second, offset - SECOND] as const) : ([first, offset] as const));
  const registers: Device = {
    read(offset, width) {
      const [bank, own] = at(offset);
      return bank.registers.read(own, width);
    },
    write(offset, width, value) {
      const [bank, own] = at(offset);
      bank.registers.write(own, width, value);
    },
  };
  return {
    name: 'FLASH',
    start: first.start,
    registers,
    get isBusy() {
      return first.isBusy || second.isBusy;
    },
    write: (address, width, value) => (address < secondStart ? first : second).write(address, width, value),
    writeOption: (offset, width, value) => first.writeOption?.(offset, width, value),
    reset() {
      first.reset();
      second.reset();
    },
  };
}
