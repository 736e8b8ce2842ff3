/** Says when the device, or the way to it, is why a job took long, or would have. It waits for nothing. */
import type { AskedWait } from '@sureflash/programmer';
import type { Context } from '../render/context.ts';
import { count, duration } from '../render/words.ts';

/** In ms, for all operations of one kind together: below this nobody asks why. */
const WORTH_A_WORD_MS = 20_000;

/** What has turned out on the way: a line that had to be slowed down. */
export function tellRemarks(context: Context, remarks: readonly string[] = []): void {
  for (const text of remarks) context.note(context.style.strong('Link'), `${text}.`);
}

/** Nothing where the device asked for little. */
export function tellAskedWaits(context: Context, waits: ReadonlyMap<string, AskedWait> | undefined): void {
  const [longest] = [...(waits ?? [])].sort(([, a], [, b]) => b.times * b.mostMs - a.times * a.mostMs);
  if (!longest) return;
  const [name, { times, mostMs }] = longest;
  if (times * mostMs < WORTH_A_WORD_MS) return;
  const text = `the device asked for up to ${duration(mostMs)} after each ${name} (${count(times, 'time')}); where that is longer than the operation may take, it is not waited for`;
  context.note(context.style.strong('Waits'), `${text}.`);
}
