/** The bytes beside the image on disk: written before the first erase, gone after the proof, found by the next run. */
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatFirmware, ImageError, MemoryImage, parseFirmware, type Range, type Segment } from '@sureflash/image';
import type { EarlierBytes, KeptBytes } from '@sureflash/programmer';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { OpenDevice } from '../device/open.ts';
import { filesIn, removeDurably, writeDurably } from '../files/durable-file.ts';
import { fileError, readBytes } from '../files/file-access.ts';
import type { Context } from '../render/context.ts';
import { rangeText } from '../render/plan.ts';
import { size } from '../render/words.ts';
import { labelled } from '../render/wrap.ts';

/** More than the flash of any STM32 in Intel HEX: nothing that was written here is larger. */
const MOST_FILE_BYTES = 32 * 1024 * 1024;

/** One Intel HEX file for each device, in the user's state folder. */
export class Kept implements KeptBytes {
  readonly #context: Context;
  readonly #folder: string;
  readonly #path: string;
  /** Whether the file is surely of this very chip. */
  readonly #isOfThisChip: boolean;
  /** What the file holds by now; a virtual board ends with this process, and so does what it holds. */
  #image = new MemoryImage([]);
  readonly #outlives: boolean;

  constructor(context: Context, { about: { uid }, port: { identity }, outlives }: OpenDevice) {
    this.#context = context;
    this.#folder = join(context.io.stateFolder, 'kept');
    this.#isOfThisChip = uid !== undefined;
    this.#outlives = outlives;
    const { vendorId, productId, serial = '' } = identity;
    const ids = [vendorId, productId].map((id) => id.toString(16).padStart(4, '0')).join('-');
    const unsure = `${ids}-${serial.replaceAll(/[^0-9A-Za-z]+/g, '').slice(0, 32)}-${Date.now()}-${process.pid}`;
    this.#path = join(this.#folder, `${uid ?? unsure}.hex`);
  }

  readonly held = async (): Promise<readonly Segment[]> => {
    if (!this.#outlives || !this.#isOfThisChip) return [];
    const found = await stat(this.#path).catch(() => undefined);
    if (!found) return [];
    try {
      if (!found.isFile() || found.size > MOST_FILE_BYTES)
        throw new ImageError('image/unknown-format', 'not a file of ours');
      const { image } = parseFirmware(await readBytes(this.#context.io, this.#path), { format: 'intel-hex' });
      this.#image = image;
      return image.segments;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      await this.#moveAside(`${this.#path}.damaged`, 'is damaged, and nothing is taken from it');
      return [];
    }
  };

  readonly hold = async (segments: readonly Segment[]): Promise<void> => {
    const image = new MemoryImage(segments);
    if (!this.#outlives) return;
    if (segments.length === 0) await removeDurably(this.#path);
    else
      await writeDurably(this.#path, formatFirmware(image, 'intel-hex')).catch((cause: unknown) => this.#refuse(cause));
    this.#image = image;
  };

  /** Before the job: what an earlier run has left, and what becomes of it. */
  async tellEarlier(earlier: EarlierBytes | undefined, note: (line: string) => void): Promise<void> {
    const { restored, left } = earlier ?? { restored: [], left: [] };
    const tell = (text: string): void => note(this.#line(text));
    if (restored.length > 0) {
      tell(`${keptText(restored)}, from a run that broke off, go back from ${this.#path} into the flash.`);
      this.#emit('restored', restored);
    }
    if (left.length > 0) {
      tell(
        `${keptText(left)}, from a run that broke off, stay in ${this.#path}: the flash holds something else there by now. Delete the file when nobody needs it.`,
      );
      this.#emit('left', left);
    }
    if (!this.#outlives || this.#isOfThisChip) return;
    const prefix = /^[0-9a-f]{4}-[0-9a-f]{4}-[0-9A-Za-z]*-/.exec(this.#path.slice(this.#folder.length + 1))?.[0] ?? '';
    for (const name of (await filesIn(this.#folder)).filter((each) => each.startsWith(prefix))) {
      const path = join(this.#folder, name);
      tell(
        `A run on a device like this one broke off, and ${path} has what stood beside its image. Should it be this device: sureflash program ${path}`,
      );
    }
  }

  /** At the end of a run that failed: where the bytes are that it has not proven to be back. */
  tellHeld(): void {
    const { segments } = this.#image;
    if (segments.length === 0) return;
    const next = this.#isOfThisChip ? 'The next run puts them back.' : `Put them back: sureflash program ${this.#path}`;
    this.#tell(`${keptText(segments)}, beside the image, may be gone from the flash and are in ${this.#path}. ${next}`);
    this.#emit('held', segments);
  }

  /** What is erased on purpose is not to come back by itself: the file goes aside, and is named. */
  async giveUp(ranges: readonly Range[]): Promise<void> {
    const held = new MemoryImage(await this.held());
    if (!ranges.some((range) => held.within(range).length > 0)) return;
    await this.#moveAside(
      this.#path.replace(/hex$/, `${Date.now()}.old.hex`),
      `has ${keptText(held.segments)}, from a run that broke off, which the next run does not put back any more`,
    );
    this.#image = new MemoryImage([]);
  }

  async #moveAside(path: string, why: string): Promise<void> {
    await rename(this.#path, path);
    this.#tell(`${path} ${why}.`);
  }

  #refuse(cause: unknown): never {
    const { message, facts } = fileError(this.#path, 'written', cause);
    throw new CommandError({
      code: 'cli/not-kept',
      exitCode: EXIT.file,
      title: `The bytes beside the image cannot be saved to disk before they are erased: ${message}`,
      remedy: [
        'The device was not touched. Make room there, or name another folder with XDG_STATE_HOME (LOCALAPPDATA on Windows).',
        'Or give the bytes up: --keep none',
      ],
      facts,
      cause,
    });
  }

  #emit(state: 'restored' | 'left' | 'held', segments: readonly Segment[]): void {
    const { byteLength: bytes, range } = new MemoryImage(segments);
    this.#context.emit({ type: 'kept', state, path: this.#path, bytes, ...range });
  }

  /** Also with `--quiet`: nobody else has these bytes. */
  #tell(text: string): void {
    if (!this.#context.json) this.#context.io.err.write(`${this.#line(text)}\n`);
  }

  #line(text: string): string {
    const { io, style } = this.#context;
    return labelled(style.warn('Kept'), text, io.err);
  }
}

function keptText(segments: readonly Segment[]): string {
  const { byteLength, range = { start: 0, end: 0 } } = new MemoryImage(segments);
  return `${size(byteLength)} at ${rangeText(range)}`;
}
