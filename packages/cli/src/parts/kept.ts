/** Saves the bytes beside the image that a failed run has erased and not proven to be back. */
import { crc32, formatFirmware, MemoryImage, type Segment } from '@sureflash/image';
import type { Context } from '../render/context.ts';
import { rangeText } from '../render/plan.ts';
import { size } from '../render/words.ts';
import { labelled } from '../render/wrap.ts';

/** Collects it while a job runs; the last word on each place counts. */
export class Kept {
  readonly #segments = new Map<number, Segment>();

  readonly add = (segments: readonly Segment[]): void => {
    for (const segment of segments) this.#segments.set(segment.address, segment);
  };

  /** Into a file of the working folder, so that nothing is lost with the run; where that fails, onto the terminal. */
  async save(context: Context): Promise<void> {
    const image = new MemoryImage(this.#segments.values());
    const { range } = image;
    if (!range) return;
    const hex = formatFirmware(image, 'intel-hex');
    // Another content has another name: no earlier file is lost.
    const path = `sureflash-kept-${crc32(hex).toString(16).padStart(8, '0')}.hex`;
    const what = `${size(image.byteLength)} that stood beside the image at ${rangeText(range)}`;
    try {
      await context.io.writeFile(path, hex);
      tellKept(context, `${what} may be gone from the flash and are in ${path} now.`, `sureflash program ${path}`);
      context.emit({ type: 'kept', path, bytes: image.byteLength, ...range });
    } catch {
      const text = new TextDecoder().decode(hex);
      tellKept(context, `${what} may be gone from the flash, and no file can be written here. They are:`);
      if (context.json) context.emit({ type: 'kept', hex: text, bytes: image.byteLength, ...range });
      else context.io.err.write(text);
    }
  }
}

/** Also with `--quiet`: nobody else has these bytes. */
function tellKept({ io, style, json }: Context, text: string, command?: string): void {
  if (json) return;
  io.err.write(`${labelled(style.warn('Kept'), text, io.err)}\n`);
  if (command !== undefined)
    io.err.write(`${labelled('', `Put them back when the device answers again: ${command}`, io.err)}\n`);
}
