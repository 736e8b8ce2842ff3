/** What is known of the program that a loader was told to start. */
import type { About } from '@sureflash/programmer';
import { hex } from '@sureflash/programmer/basics';

/** A ROM jumps where it is told (AN3156 §5.6); others may reset the chip, or start a program that they know. */
export function startedText({ kind }: About, address: number): string {
  if (kind === 'debug-port') return `the chip runs the program at ${hex(address)}`;
  if (kind === 'st-rom') return `the bootloader has handed over to the program at ${hex(address)}`;
  return `the loader was told to start the program at ${hex(address)}, and has left; which one it starts is its own choice`;
}
