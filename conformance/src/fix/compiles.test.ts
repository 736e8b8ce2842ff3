import { bootloaderEntryOf, CHIPS, type Chip } from '@sureflash/chips';
import { hasCode } from '@sureflash/programmer';
import {
  applicationCheck,
  bootloaderJump,
  CORE_FLAGS,
  dfuMedia,
  type GeneratedModule,
} from '@sureflash/programmer/fix';
import { describe, expect, it } from 'vitest';
import { compile, noCompiler, OPTIMISATIONS } from './toolchain.ts';

const DFU_CHIPS = CHIPS.filter(({ usbDfu }) => usbDfu);

/** The first chip of each family. */
const FAMILIES = DFU_CHIPS.filter(({ family }, i) => DFU_CHIPS.findIndex((each) => each.family === family) === i);

interface Wanted {
  readonly what: string;
  /** What differs from another one by an option alone is built once for each family. */
  readonly chips: readonly Chip[];
  readonly make: (chip: Chip) => GeneratedModule;
}

const WANTED: readonly Wanted[] = [
  { what: 'a jump when PA9 is high', chips: DFU_CHIPS, make: (chip) => bootloaderJump({ chip, when: 'vbus:PA9' }) },
  {
    what: 'a jump on request, with the HAL',
    chips: FAMILIES,
    make: (chip) => bootloaderJump({ chip, when: 'magic', style: 'hal' }),
  },
  {
    what: 'a jump when a button is held, with the HAL',
    chips: FAMILIES,
    make: (chip) => bootloaderJump({ chip, when: 'button-hold:PB8=low:1500ms', style: 'hal' }),
  },
  { what: 'a jump by call alone', chips: FAMILIES, make: (chip) => bootloaderJump({ chip, when: 'never' }) },
  {
    what: 'a media file for class 2.5.3',
    chips: FAMILIES,
    make: (chip) => dfuMedia({ chip, classVersion: 'before-2.11.2' }),
  },
  { what: 'a media file for class 2.11.4', chips: DFU_CHIPS, make: (chip) => dfuMedia({ chip, port: 'HS' }) },
  { what: 'an application check', chips: DFU_CHIPS, make: (chip) => applicationCheck({ chip }) },
  {
    what: 'an application check with signatures',
    chips: FAMILIES,
    make: (chip) => applicationCheck({ chip, proof: 'ed25519' }),
  },
];

/** @returns the module, or why there is none */
function moduleOr(make: Wanted['make'], chip: Chip): GeneratedModule | string {
  try {
    return make(chip);
  } catch (error) {
    if (hasCode(error, 'fix/impossible')) return `${error.facts.reason} (${error.facts.source})`;
    if (hasCode(error, 'fix/option')) return `expected ${error.facts.expected}`;
    throw error;
  }
}

describe.skipIf(noCompiler !== undefined)('every chip with USB DFU in its ROM', () => {
  it.each(WANTED)(
    'gets $what that compiles without a warning, or a refusal with its reason',
    ({ make, chips }) => {
      const complaints: string[] = [];
      const refusals: string[] = [];
      for (const chip of chips) {
        const made = moduleOr(make, chip);
        if (typeof made === 'string') {
          refusals.push(`${chip.id}: ${made}`);
          continue;
        }
        const entry = bootloaderEntryOf(chip);
        const flags = CORE_FLAGS[entry?.possible ? entry.core : 'cortex-m0plus']?.split(' ') ?? [];
        for (const optimisation of OPTIMISATIONS) {
          const said = compile({ flags, optimisation, files: [...made.files, ...made.headers] });
          if (said !== '') complaints.push(`${chip.id} ${optimisation}: ${said}`);
        }
      }
      expect(complaints).toEqual([]);
      expect(refusals.length).toBeLessThan((3 * chips.length) / 4);
    },
    300_000,
  );
});
