/** Where models leave other bytes in flash though reads came out alike: who reads it another way knows which it is. */
import { check } from '../check/check.ts';
import type { Model } from '../grammar/primitive.ts';
import { type Cells, unknownCells } from '../memory/cells.ts';
import type { Recording } from '../recording/record.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { machineOf } from '../simulate/machine.ts';

export interface CellsApart {
  readonly address: number;
  /** What flash holds there by each model, in their order; `undefined` where a model leaves it open. */
  readonly bytes: readonly (number | undefined)[];
}

/**
 * The address after all that was done at which most models leave another byte than the first, the lowest where several do.
 * @returns `undefined` where none does
 */
export function cellsApart(
  { shape, blockSize, operations, known }: Recording,
  models: readonly Model[],
): CellsApart | undefined {
  const ground = groundOf(shape, blockSize, operations, known);
  const steps = stepsOf(operations, shape, blockSize);
  const [first, ...others] = models.map((model) => {
    const cells: Cells = unknownCells([[0, ground.size]], ground);
    // What was read tells of cells that nothing else tells of.
    check(machineOf(model, ground), steps, { limit: Number.POSITIVE_INFINITY, cells });
    return byteOf(cells);
  });
  let best: { readonly offset: number; readonly told: number } | undefined;
  for (let offset = 0; first && offset < ground.size && (best?.told ?? 0) < others.length; offset++) {
    const byte = first(offset);
    if (byte === undefined) continue;
    let told = 0;
    for (const other of others) if ((other(offset) ?? byte) !== byte) told++;
    if (told > (best?.told ?? 0)) best = { offset, told };
  }
  if (!first || !best) return undefined;
  const { offset } = best;
  return { address: shape.start + offset, bytes: [first, ...others].map((of) => of(offset)) };
}

/** What is known of single cells. */
function byteOf(cells: Cells): (offset: number) => number | undefined {
  const [span] = cells;
  const { start = 0, value, unknown } = span ?? {};
  return (offset) => (unknown?.[offset - start] === 0 ? value?.[offset - start] : undefined);
}
