/** What would tell loaders apart that all give what was read, in words. */
import type { LoaderModel } from '../../diagnosis/loader-model.ts';
import { type CellsApart, cellsApart, type Model, type Recording, wordsOf } from '../../explain/index.ts';
import { hex } from '../../target/geometry.ts';

const ANOTHER_RUN =
  'Program another file, longer and from another address: these loaders may differ in what they do with it.';

const REST = 'Where that leaves more than one: program another file, longer and from another address.';

interface ToTellApart {
  /** What each loader does, in the order of `apart.bytes`. */
  readonly sentences: readonly string[];
  /** Where they leave other bytes in flash; absent where none does. */
  readonly apart?: CellsApart | undefined;
  /** Flash was changed since then. */
  readonly isChanged: boolean;
}

/**
 * The same loader, with what a person can do where others would have done the same.
 * @param run what the job asked, without trials
 */
export function withTellApart(
  loader: LoaderModel,
  models: readonly Model[],
  run: Recording,
  isChanged: boolean,
): LoaderModel {
  if (loader.rivals.length === 0) return loader;
  const sentences = models.map((model) => wordsOf(model, run.shape.start).sentence);
  return { ...loader, tellApart: tellApartText({ sentences, apart: cellsApart(run, models), isChanged }) };
}

/** Two loaders that are said alike are one. */
export function tellApartText({ sentences, apart, isChanged }: ToTellApart): string {
  if (!apart) return ANOTHER_RUN;
  const byByte = new Map<number | undefined, Set<string>>();
  for (const [i, sentence] of sentences.entries()) {
    const byte = apart.bytes[i];
    byByte.set(byte, (byByte.get(byte) ?? new Set()).add(sentence));
  }
  const known = [...byByte].sort(([a], [b]) => Number(a === undefined) - Number(b === undefined));
  const cases = known.map(([byte, loaders]) => {
    const held = byte === undefined ? 'anything' : hex(byte, 2);
    return `${held} if ${[...loaders].join(', or if ')}`;
  });
  const read = `ead ${hex(apart.address)} through a debug probe or the ROM bootloader. It holds ${cases.join('; ')}.`;
  const text = isChanged ? `Program the file once more, then r${read}` : `R${read}`;
  const isTold = !byByte.has(undefined) && byByte.size === new Set(sentences).size;
  return isTold ? text : `${text} ${REST}`;
}
