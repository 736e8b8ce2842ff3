/** Poll times of a media file: what the datasheet says that the slowest sector and one block take. */
import type { Chip, FlashController } from '@sureflash/chips';
import type { Partition } from '../partition.ts';

export interface PollTimes {
  readonly eraseMs: number;
  readonly programMs: number;
  readonly source: string;
  /** Whether no document that we have states them. */
  readonly guessed: boolean;
}

/** What ST's own examples announce for everything (STM32CubeF1, STM3210C_EVAL, DFU_Standalone). */
const EXAMPLE_MS = 50;

/** GetStatus is asked with the address of the command before: it cannot tell sectors apart, so the slowest counts. */
export function pollTimes(
  chip: Chip,
  controller: FlashController,
  { groups }: Partition,
  transferSize: number,
): PollTimes {
  const { timing } = chip;
  const largest = Math.max(...groups.filter(({ application }) => application).map(({ size }) => size));
  const erase = timing?.erase[largest];
  const eraseMs = erase?.typMs ?? erase?.maxMs;
  if (!timing || eraseMs === undefined) {
    const source = "no datasheet figures at hand: the times of ST's examples";
    return { eraseMs: EXAMPLE_MS, programMs: EXAMPLE_MS, source, guessed: true };
  }
  const units = Math.ceil(transferSize / Math.max(controller.unit, timing.programBytes));
  const programMs = Math.ceil((units * timing.programTypUs) / 1000);
  return { eraseMs: Math.ceil(eraseMs), programMs, source: timing.source, guessed: false };
}
