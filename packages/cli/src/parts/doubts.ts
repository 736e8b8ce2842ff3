/** Says so where what a device gives cannot be the content of its memory. Reads only. */
import type { Range } from '@sureflash/image';
import { type Device, doubtsOfReading } from '@sureflash/programmer';
import { textOf } from '@sureflash/programmer/diagnosis';
import type { Context } from '../render/context.ts';

export async function remarkDoubts(context: Context, device: Device, ranges: readonly Range[]): Promise<void> {
  const doubts = await doubtsOfReading(device, ranges);
  if (doubts.length === 0) return;
  const texts = doubts.map(textOf);
  context.note(
    context.style.warn('Warning'),
    `what this device gives is not the content of its memory: ${texts.join('; ')}. "sureflash doctor" says more.`,
  );
  context.emit({ type: 'evidence', observations: doubts.map((each, i) => ({ ...each, text: texts[i] ?? '' })) });
}
