/** What a simulation has found as plain data, in words: the model that is named, its rivals, and how much it explains. Pure. */
import type { LoaderModel } from '../../diagnosis/loader-model.ts';
import type { Model, ModelWords, Primitive, RecordingExplanation } from '../../explain/index.ts';

export function loaderModelOf(
  { models, certainty, isComplete, bytesDiffering, bytesExplained, example }: RecordingExplanation,
  model: Model,
  say: (model: Model) => ModelWords,
): LoaderModel {
  const { sentence, code, remedies } = say(model);
  // Two that are said alike differ where only a machine sees it.
  const others = new Map<string, LoaderModel['parts']>();
  for (const rival of models.slice(1)) {
    const said = say(rival).sentence;
    if (said !== sentence && !others.has(said)) others.set(said, modelPartsOf(rival));
  }
  const rivals = [...others.keys()];
  return {
    isCertain: certainty === 'certain' && isComplete,
    isComplete,
    sentence,
    code,
    remedies,
    parts: modelPartsOf(model),
    bytesDiffering,
    bytesExplained,
    ...(example && { example }),
    rivals,
    rivalParts: [...others.values()],
  };
}

const modelPartsOf = (model: Model): LoaderModel['parts'] =>
  model.map((primitive) => ({
    kind: primitive.kind,
    on: primitive.on,
    isConditional: primitive.condition !== undefined,
    ...(takesInstead(primitive) && { isInstead: true }),
  }));

function takesInstead({ kind, parameters: { instead = 0, from = 0 } }: Primitive): boolean {
  return (kind === 'erase-neighbour' && instead === 1) || (kind === 'erase-sectors' && from !== 0);
}
