/** The facts about the loader behind a DFU target that a diagnosis needs. */
import type { Loader } from '../diagnosis/index.ts';
import type { DfuTarget } from './target.ts';

const KIND = {
  'st-rom': 'rom',
  'cubemx-application': 'cubemx-application',
  custom: 'other',
  'not-st': 'foreign-rom',
} as const;

export function loaderOf(target: DfuTarget): Loader {
  const { identification, transferSize, description } = target;
  return {
    kind: KIND[identification.loader],
    title: description,
    blockSize: transferSize,
    commands: async () => await target.readCommands(),
    waits: () => target.waits,
  };
}
