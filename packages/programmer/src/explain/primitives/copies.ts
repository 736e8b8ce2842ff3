/** Deviations of reads that are answered from a copy: of what was written, or of what stood there at the start. */
import { bitsOfNumber } from '../grammar/condition.ts';
import type { Hooks, LinePiece, LinePlan, Primitive } from '../grammar/primitive.ts';
import type { Step } from '../recording/steps.ts';
import { once } from './once.ts';

/** Reads give what was last asked to be written there, whatever flash holds; other bytes are read. */
export function answered(): Primitive {
  const hooks: Hooks = { lines: once(writtenPlan) };
  return { kind: 'copied', stage: 'source', on: ['read'], parameters: { changes: 1 }, bits: 6, hooks };
}

/** As `answered`, and flash is neither erased nor written. */
export function copied(): Primitive {
  const hooks: Hooks = {
    runs: (runs, { kind }) => (kind === 'read' ? runs : []),
    box: (low, high) => [low, high],
    lines: once(writtenPlan),
  };
  return { kind: 'copied', stage: 'part', on: ['erase', 'write', 'read'], parameters: {}, bits: 5, hooks };
}

/** Reads of the first `bytes` bytes give what stood there before anything was changed. */
export function keptFromStart(bytes: number): Primitive {
  const hooks: Hooks = { lines: once((steps) => startPlan(steps, bytes)) };
  return { kind: 'copied', stage: 'source', on: ['read'], parameters: { bytes }, bits: 3 + bitsOfNumber(bytes), hooks };
}

function writtenPlan(steps: readonly Step[]): LinePlan {
  const pieces = new Map<number, readonly LinePiece[]>();
  let written: Step[] = [];
  for (const [n, step] of steps.entries()) {
    if (step.session !== steps[n - 1]?.session) written = [];
    if (step.kind === 'write') written.push(step);
    if (step.kind === 'read') pieces.set(step.at, piecesWritten(step, written));
  }
  return { pieces, filled: new Map() };
}

/** Stretches of a read between the ends of the blocks that were written there, with the bytes of the last one each. */
function piecesWritten({ address, length }: Step, written: readonly Step[]): LinePiece[] {
  const own = written.filter((write) => write.address < address + length && write.address + write.length > address);
  const ends = own.flatMap((write) => [write.address - address, write.address + write.length - address]);
  const cuts = [...new Set([0, ...ends.filter((at) => at > 0 && at < length), length])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, i): LinePiece => {
    const to = cuts[i + 1] ?? length;
    const at = address + from;
    const last = own.findLast((write) => write.address <= at && write.address + write.length > at);
    return { from, to, ...(last && { bytes: last.bytes.subarray(at - last.address, at - last.address + to - from) }) };
  });
}

function startPlan(steps: readonly Step[], bytes: number): LinePlan {
  const pieces = new Map<number, readonly LinePiece[]>();
  for (const { kind, at, address, length } of steps) {
    if (kind !== 'read') continue;
    const edge = Math.max(0, Math.min(length, bytes - address));
    const parts: LinePiece[] = [
      { from: 0, to: edge, isFromStart: true },
      { from: edge, to: length },
    ];
    pieces.set(
      at,
      parts.filter(({ from, to }) => from < to),
    );
  }
  return { pieces, filled: new Map(), keepsFirst: bytes };
}
