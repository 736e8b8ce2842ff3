/** Where the cells of a flash can be seen: at their own addresses, at aliases, and at 0 while a chip shows them there. */

import type { Flash } from '../flash/flash.ts';
import type { ChipFacts } from './chip.ts';

/** A place at which cells can be seen: from `start` on, those of the flash from `cells` on. */
export interface View {
  readonly start: number;
  readonly cells: number;
  readonly bytes: Uint8Array;
}

export interface FlashViews {
  /** The flash where it begins. */
  readonly first: View;
  /** Those that are always there, `first` among them. */
  readonly fixed: readonly View[];
  atZero: View | undefined;
}

export function newFlashViews({ aliases = [], trustZone }: ChipFacts, flash: Flash): FlashViews {
  const own = flash.memories.map(({ start, bytes }) => ({ start, cells: start, bytes }));
  const first = own[0];
  if (!first) throw new RangeError('a chip without flash');
  const others = aliases.filter(({ of }) => of === 'flash').map(({ at }) => ({ ...first, start: at }));
  const secure = trustZone ? own.map((view) => ({ ...view, start: view.start + SECURE_FLASH })) : [];
  return { first, fixed: [...own, ...others, ...secure], atZero: undefined };
}

/** From the addresses of flash and system memory to those of the secure world (RM0438 §2.3, RM0456 §2.3, RM0481 §2.3). */
const SECURE_FLASH = 0x0400_0000;

export function allViews({ fixed, atZero }: FlashViews): readonly View[] {
  return atZero ? [...fixed, atZero] : fixed;
}

export function viewAt(views: FlashViews, address: number): View | undefined {
  return allViews(views).find(({ start, bytes }) => address >= start && address < start + bytes.length);
}

/** The address at which cells are seen in a view. */
export function seenAt({ start, cells }: View, address: number): number {
  return address - cells + start;
}

/** The cells that are seen at an address in a view. */
export function cellsAt({ start, cells }: View, address: number): number {
  return address - start + cells;
}
