/** How the control register of a flash controller names a sector. Pure. */
import type { FlashController } from './flash-controllers.ts';

const fieldOf = ({ control }: FlashController, name: string): number => control[name] ?? 0;

/**
 * @param number of the sector in its bank
 * @returns the sector as the control register takes it, and how much the next one adds
 */
export function sectorCode(controller: FlashController, bank: number, number: number): { first: number; step: number } {
  switch (controller.kind) {
    case 'half-word':
    case 'word-line':
      return { first: 0, step: 0 };
    case 'sector':
      // Bank 2 begins at 0b10000 (RM0090 §3.9.10).
      return {
        first: (16 * bank + number) << fieldOf(controller, 'SNB'),
        step: 1 << fieldOf(controller, 'SNB'),
      };
    case 'page': {
      const shift = fieldOf(controller, 'PNB');
      return {
        first: ((number << shift) | (bank === 1 ? fieldOf(controller, 'BKER') : 0)) >>> 0,
        step: 1 << shift,
      };
    }
    case 'flash-word': {
      const shift = fieldOf(controller, 'SNB');
      return {
        first: ((number << shift) | (bank === 1 ? fieldOf(controller, 'BKSEL') : 0)) >>> 0,
        step: 1 << shift,
      };
    }
  }
}
