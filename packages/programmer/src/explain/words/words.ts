/** What a model says to a person: what the loader does, what to do about it, and the code that such a mistake usually is. */
import type { Model, Primitive, PrimitiveKind } from '../grammar/primitive.ts';
import type { StepKind } from '../recording/steps.ts';
import { conditionWords } from './conditions.ts';
import { DATA_WORDS } from './data.ts';
import { ERASE_WORDS, SOURCE_WORDS } from './erases-reads.ts';
import { PLACE_WORDS } from './places.ts';
import { offsetText, type PlaceText, type WordsRow } from './say.ts';

export interface ModelWords {
  /** The simplest loader that does all of this, in one sentence. */
  readonly sentence: string;
  /** What to change in the loader, one for each deviation. */
  readonly remedies: readonly string[];
  /** The place in the code, and what it usually forgets there; for CubeMX's class by the names of its functions. */
  readonly code: readonly string[];
}

const WORDS_OF: Readonly<Record<PrimitiveKind, WordsRow>> = {
  ...PLACE_WORDS,
  ...DATA_WORDS,
  ...ERASE_WORDS,
  ...SOURCE_WORDS,
};

const SUBJECTS: Readonly<Record<StepKind, string>> = { erase: 'erases', write: 'writes', read: 'reads' };

/** The functions of STM32CubeMX's DFU media interface (usbd_dfu_if.c) that do this. */
const FUNCTIONS: Readonly<Record<StepKind, string>> = {
  erase: 'MEM_If_Erase_FS',
  write: 'MEM_If_Write_FS',
  read: 'MEM_If_Read_FS',
};

/** @param start where the flash begins, so that places are said as addresses; without it as offsets */
export function wordsOf(model: Model, start = 0): ModelWords {
  const at = offsetText(start);
  return {
    sentence: model.map((primitive) => clauseOf(primitive, at)).join('; '),
    remedies: [...new Set(model.map(({ kind }) => WORDS_OF[kind].remedy))],
    code: [
      ...new Set(
        model.map(
          (primitive) =>
            `${primitive.on.map((kind) => FUNCTIONS[kind]).join(', ')}: ${WORDS_OF[primitive.kind].remedy}`,
        ),
      ),
    ],
  };
}

function clauseOf({ kind, on, parameters, condition }: Primitive, at: PlaceText): string {
  const subject = listed(on.map((each) => SUBJECTS[each]));
  const clause = `${subject} ${WORDS_OF[kind].says(parameters, at)}${togetherWords(parameters)}`;
  return condition ? `${clause} (${conditionWords(condition, at)})` : clause;
}

/** How a deviation acts together with another one, where that matters. */
function togetherWords({ grain, ahead, left }: Primitive['parameters']): string {
  if (ahead !== undefined) return ', and nothing behind knows of them';
  if (left !== undefined) return ', counted in what is left of a block';
  return grain === undefined ? '' : `, in each piece of a block that is cut at multiples of ${grain} bytes`;
}

const listed = (all: readonly string[]): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
