/** Causes that are found by simulation alone: a loader whose mistake no row has. */
import { type Cause, sign } from '../cause.ts';
import { fixLoader, startBootloader } from '../remedies.ts';
import { DFU_CLASS } from '../sources.ts';

export const LOADER = [
  {
    id: 'loader-deviates',
    area: 'media interface',
    title: 'The loader does something else than it was asked.',
    explanation:
      'Everything that was asked for is known, and what the reads gave before and after. Loaders with one mistake, or two, are simulated; the simplest one that gives every byte as it was read is the explanation. Nothing counts but equality to the byte: where several such loaders are about as simple, all are named.',
    for: [sign('loader-simulated', 6, { note: 'one loader alone', when: ({ isCertain }) => isCertain })],
    against: [],
    remedies: (chip) => [fixLoader('correct what the explanation names.'), ...startBootloader(chip)],
    sources: [DFU_CLASS],
  },
] as const satisfies readonly Cause[];
