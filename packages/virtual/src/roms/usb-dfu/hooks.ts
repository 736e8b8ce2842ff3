/** How a ROM's deviations from AN3156 are put around it. The ROM itself (`rom.ts`) knows none of them by name. */

import type { BoardAccess } from '../../board-access.ts';
import type { Chip } from '../../chip/chip.ts';
import type { Reply, Setup } from '../../usb/model.ts';
import type { CommandContext, Download, Outcome } from './commands.ts';

/** The ROM as a hook sees it. */
export interface RomView {
  readonly chip: Chip;
  readonly board: BoardAccess;
  readonly state: number;
  readonly pointer: number;
  /** Clock time in ms at which the operation under way is done. */
  readonly endsAt: number;
  /** bwPollTimeout of the operation under way. */
  readonly pollMs: number;
  enter(state: number, status?: number): void;
}

/** Where a ROM does something else. An absent member leaves AN3156's behaviour. */
export interface RomHooks {
  /** Around each DFU request; `next` gives the ROM's own answer. */
  request?(request: HookedRequest, rom: RomView, next: () => Reply): Reply;
  /** Around the operation that a download starts. */
  operation?(download: Download, context: CommandContext, next: () => Outcome): Outcome;
  /** The address of a block; AN3156 §§4.1, 5.1: by the length of the transfer. */
  blockAddress?(pointer: number, block: number, length: number): number;
  /** Whether the next request is held until the operation is done; absent, it is. */
  holds?(): boolean;
  /** Around each standard request. */
  standard?(setup: Setup, next: () => Reply): Reply;
}

export interface HookedRequest {
  readonly setup: Setup;
  readonly data: Uint8Array;
}

/** Makes the hooks of one ROM of one board: they may remember what they have seen. */
export type RomDeviation = () => RomHooks;

/** All of them as one; the first stands outermost. */
export function combined(deviations: readonly RomDeviation[]): Required<RomHooks> {
  const hooks = deviations.map((make) => make());
  return {
    request: (request, rom, next) =>
      hooks.reduceRight((inner, hook) => () => hook.request?.(request, rom, inner) ?? inner(), next)(),
    operation: (download, context, next) =>
      hooks.reduceRight((inner, hook) => () => hook.operation?.(download, context, inner) ?? inner(), next)(),
    blockAddress: (pointer, block, length) =>
      hooks.reduce<number | undefined>(
        (found, hook) => found ?? hook.blockAddress?.(pointer, block, length),
        undefined,
      ) ?? pointer + (block - 2) * length,
    holds: () => hooks.every((hook) => hook.holds?.() ?? true),
    standard: (setup, next) =>
      hooks.reduceRight((inner, hook) => () => hook.standard?.(setup, inner) ?? inner(), next)(),
  };
}
