/** Causes that lie in the flash cells themselves and in what feeds them. */
import { type Cause, sign } from '../cause.ts';
import { POWER_CYCLE, SUPPLY } from '../remedies.ts';
import { PM0075 } from '../sources.ts';

const MUCH_IS_WRONG = sign('mismatch', 4, {
  note: 'more than one byte in fifty',
  when: ({ differing, compared }) => differing * 50 > compared,
});

export const CELLS = [
  {
    id: 'stuck-bits',
    area: 'cells',
    title: 'Some bits of the flash no longer change.',
    explanation:
      'Worn or damaged cells: after an erase a bit stays 0, or after programming it stays 1. Everything around it is right. STM32 flash is specified for 10,000 erase cycles or more.',
    for: [sign('bits-stuck', 6)],
    against: [MUCH_IS_WRONG, sign('unchanged', 2), sign('reads-unstable', 4), sign('reads-same', 4)],
    remedies: () => [
      'Program again: bits that fail at the same address are worn. Replace the chip, or keep the firmware out of that sector.',
      SUPPLY,
    ],
    tellApart: {
      'write-protected': 'Check whether anything in the sector changes: in a protected sector nothing does.',
      'operation-lost':
        'Program again: a worn cell fails at the same address, a byte that was damaged on its way does not.',
    },
    sources: [PM0075],
  },
  {
    id: 'dead-sector',
    area: 'cells',
    title: 'One sector of the flash no longer changes; the others do.',
    explanation:
      'Worn or damaged cells, or a charge pump that is too weak for them: the chip erases and writes the sector without an error, and its content stays the same. STM32 flash is specified for 10,000 erase cycles or more.',
    for: [
      sign('one-operation', 4, { note: 'one sector', when: ({ sectors }) => sectors === 1 }),
      sign('unchanged', 2, { note: 'it was not blank', when: ({ blank }) => !blank }),
      sign('bits-only-cleared', 2),
    ],
    against: [
      sign('bits-stuck', 5),
      sign('changed', 5),
      sign('left-erased', 5),
      sign('option-wrp', 5),
      sign('reads-unstable', 4),
      sign('reads-same', 5),
      sign('part-of-blocks', 4),
      sign('content-moved', 4),
      sign('neighbours-lost', 5),
    ],
    remedies: () => [
      'Program again: sectors that are right are kept, and a sector that fails again is worn or protected.',
      'Keep the firmware out of that sector, or replace the chip.',
      SUPPLY,
    ],
    tellApart: {
      'operation-lost': 'Program again: a dead sector fails again; a request is rarely lost twice.',
      'write-protected': 'Read the option bytes (WRP): a protected sector does not change either.',
      'erase-ignored':
        'Look at other sectors that have to be erased: a loader that does not erase changes none of them.',
    },
    sources: [PM0075],
  },
  {
    id: 'unstable-content',
    area: 'cells',
    title: 'The flash does not hold what was written: two reads of the same place differ.',
    explanation:
      'Cells that were programmed at too low a supply voltage, a failing chip, or a program in the device that goes on writing: bytes that were right a moment ago are wrong now.',
    for: [
      sign('reads-unstable', 4),
      sign('reads-unstable', 3, { note: 'it goes on changing', when: ({ again }) => again }),
    ],
    against: [sign('reads-depend-on-block', 5)],
    remedies: () => [SUPPLY, POWER_CYCLE, 'If it happens again at the same addresses, the chip is worn: replace it.'],
    tellApart: {
      'usb-link': 'Read that place ten times: with a bad link, other addresses fail each time.',
    },
    sources: [PM0075],
  },
  {
    id: 'cells-fade',
    area: 'cells',
    title: 'Some cells lost what was written to them soon after it had been proven.',
    explanation:
      'Cells that were programmed at too low a supply voltage, or are worn, read right for a moment and lose their charge.',
    for: [sign('changed-after-leave', 6, { note: 'single cells', when: ({ extent }) => extent === 'cells' })],
    against: [],
    remedies: () => [
      SUPPLY,
      'Program again with the same check: cells that fail at the same address are worn. Replace the chip.',
    ],
    sources: [PM0075],
  },
] as const satisfies readonly Cause[];
