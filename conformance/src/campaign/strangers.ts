/** Devices that follow no model: a job on each must end in an error of ours, in bounded time, and never in a success. */

import { ANSWER_STYLES, type AnswerStyle, findScenario, randomAnswers, VirtualClock } from '@sureflash/virtual';
import { FLASH_START } from '../matrix-image.ts';
import { imageAt, noise } from '../rig.ts';
import { type Ending, hostOf, job, timed } from './workbench.ts';

export interface StrangerResult {
  readonly mood: string;
  readonly ending: Ending;
  readonly transfers: number;
}

/** Boards that lend their descriptors. */
export const DISGUISES = ['stm32f105-rom', 'stm32h743-rom', 'stm32f105-cubemx-stub'] as const;
/** Nothing that a clock of ours allows takes longer. */
export const STRANGER_LIMIT_MS = 30 * 60_000;
const IMAGE_BYTES = 10_000;

/** `seeds` of each mood behind each board's descriptors. */
export async function meetStrangers(seeds: number): Promise<StrangerResult[]> {
  const results: StrangerResult[] = [];
  for (const mood of ANSWER_STYLES) {
    for (const scenario of DISGUISES) {
      for (let seed = 1; seed <= seeds; seed++) results.push(await meetStranger(scenario, mood, seed));
    }
  }
  return results;
}

export async function meetStranger(scenario: string, mood: AnswerStyle, seed: number): Promise<StrangerResult> {
  const clock = new VirtualClock();
  // A vector table, so that the board with the application starts it.
  const flash = [{ address: FLASH_START, bytes: new Uint8Array(Uint32Array.of(0x2000_8000, 0x0800_0101).buffer) }];
  const board = findScenario(scenario)?.create(clock, { flash });
  if (!board?.device) throw new Error(`no device in ${scenario}`);
  const usb = hostOf(randomAnswers(board.device, seed, mood), clock);
  const image = imageAt(FLASH_START, noise(IMAGE_BYTES, seed));
  const ending = await timed(clock, STRANGER_LIMIT_MS, () => job(usb, { image, job: { force: true } }, clock));
  return { mood: mood.name, ending, transfers: usb.stats.transfers };
}
