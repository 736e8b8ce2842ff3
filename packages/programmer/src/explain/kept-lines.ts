/** Flash as it was when the lines of a cache were filled. It knows no deviation. */
import { copyCells } from './cell-states.ts';
import type { Cells } from './cells.ts';
import type { Primitive } from './primitive.ts';
import type { Step } from './steps.ts';

/** Indices of a read, and where its bytes come from: flash as it was kept, or as it is. */
export interface KeptPiece {
  readonly from: number;
  readonly to: number;
  readonly kept: Cells | undefined;
}

export interface KeptLines {
  readonly piecesOf: (step: Step) => readonly KeptPiece[] | undefined;
  /** To be called when a read is over, for lines that it fills. */
  readonly keep: (step: Step, cells: Cells) => void;
}

/** `undefined` where no read goes through such lines. */
export function keptLinesOf(chain: readonly Primitive[], steps: readonly Step[]): KeptLines | undefined {
  const plan = chain.find(({ hooks }) => hooks.lines)?.hooks.lines?.(steps);
  if (!plan) return undefined;
  const { pieces, filled } = plan;
  const kept = new Map<number, Cells>();
  return {
    piecesOf: ({ at }) =>
      pieces
        .get(at)
        ?.map(({ from, to, filledAt }) => ({ from, to, kept: filledAt === at ? undefined : kept.get(filledAt) })),
    keep: ({ at }, cells) => {
      const lines = filled.get(at);
      if (lines) kept.set(at, copyCells(cells, lines));
    },
  };
}
