/** Flash as it was when the lines of a cache were filled, or before anything was changed. It knows no deviation. */

import type { Primitive } from '../grammar/primitive.ts';
import { copyCells } from '../memory/cell-states.ts';
import type { Cells } from '../memory/cells.ts';
import type { Step } from '../recording/steps.ts';

/** Indices of a read, and where its bytes come from: flash as it was kept, or as it is. */
export interface KeptPiece {
  readonly from: number;
  readonly to: number;
  readonly kept: Cells | undefined;
  /** Instead: just these. */
  readonly bytes: Uint8Array | undefined;
  /** From the address that was asked for, whatever else deviates. */
  readonly isAsAsked: boolean;
}

export interface KeptLines {
  readonly piecesOf: (step: Step) => readonly KeptPiece[] | undefined;
  /** To be called when a read is over, and before a change. */
  readonly keep: (step: Step, cells: Cells) => void;
}

/** `undefined` where no read goes through such lines. */
export function keptLinesOf(chain: readonly Primitive[], steps: readonly Step[]): KeptLines | undefined {
  const plan = chain.find(({ hooks }) => hooks.lines)?.hooks.lines?.(steps);
  if (!plan) return undefined;
  const { pieces, filled, keepsFirst } = plan;
  const kept = new Map<number, Cells>();
  const firsts = new Map<number, Cells>();
  return {
    piecesOf: ({ at, session }) =>
      pieces.get(at)?.map(({ from, to, filledAt = at, bytes, isFromStart = false }) => ({
        from,
        to,
        kept: isFromStart ? firsts.get(session) : filledAt === at ? undefined : kept.get(filledAt),
        bytes,
        isAsAsked: isFromStart,
      })),
    keep: ({ at, kind, session }, cells) => {
      const lines = filled.get(at);
      if (lines) kept.set(at, copyCells(cells, lines));
      if (keepsFirst !== undefined && kind !== 'read' && !firsts.has(session))
        firsts.set(session, copyCells(cells, [[0, keepsFirst]]));
    },
  };
}
