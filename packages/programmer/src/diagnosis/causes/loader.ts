/** Causes that are found by simulation alone: a loader whose mistake no row has. */
import { type Cause, sign } from '../cause.ts';
import { fixLoader, startBootloader } from '../remedies.ts';
import { DFU_CLASS } from '../sources.ts';

export const LOADER = [
  {
    id: 'loader-deviates',
    area: 'media interface',
    title: 'The loader does not do what it was asked to do.',
    explanation:
      'The run remembers every request, and every byte that was read before and after it. Loaders with one or two mistakes are simulated; the explanation is the simplest one that gives every byte as it was read. If several such loaders are about as simple, all of them are named.',
    for: [sign('loader-simulated', 6, { note: 'one loader alone', when: ({ isCertain }) => isCertain })],
    against: [],
    remedies: (chip) => [fixLoader('correct what the explanation names.'), ...startBootloader(chip)],
    sources: [DFU_CLASS],
  },
] as const satisfies readonly Cause[];
