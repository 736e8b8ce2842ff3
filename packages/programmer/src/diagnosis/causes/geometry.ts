/** Causes that lie in the map of flash: sectors, size, place. */
import { type Cause, loaderIs, noLoaderOfApplication, sign } from '../cause.ts';
import { fixLoader, startBootloader } from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { AN2606, AN3156, DFU_CLASS } from '../sources.ts';

export const GEOMETRY = [
  {
    id: 'neighbours-erased',
    area: 'geometry',
    title: 'The real sectors are larger than the announced ones: erasing one also erased its neighbours.',
    explanation:
      'The map has smaller sectors than the chip, as in projects that were copied from a smaller chip. Each erase takes more than was asked for, and everything that was written or kept there is lost.',
    for: [
      sign('neighbours-lost', 6),
      sign('erased-beyond', 6),
      sign('lost-elsewhere', 8, { note: 'beside them', when: ({ isBeside }) => isBeside }),
      sign('map-foreign', 1),
    ],
    // A ROM knows the sectors of its own chip.
    against: [sign('reads-same', 4), noLoaderOfApplication(4)],
    remedies: () => [
      remedy(
        'State the chip: its own sectors are compared with the announced ones before anything is written.',
        'state-chip',
      ),
      fixLoader("give FLASH_DESC_STR the sectors of the chip's reference manual."),
      remedy(
        'Program again and replace every sector. Bytes beside the image that were lost must come from a backup.',
        'replace-all',
      ),
    ],
    sources: [AN3156, DFU_CLASS],
  },
  {
    id: 'erases-another',
    area: 'geometry',
    title: 'An erase erased another sector instead of the one that was asked for.',
    explanation:
      'The erase callback counts sectors from another one, forgets bits of the number or of the bank, or computes it for other sectors. The sector that was asked for keeps what it held, and what the other one held is lost.',
    for: [sign('erased-instead', 8)],
    against: [sign('reads-same', 4)],
    remedies: (chip) => [
      'Bring back from a backup what the other sector held.',
      fixLoader('compute the number of the sector and its bank from the address, for the sectors of this chip.'),
      ...startBootloader(chip),
    ],
    sources: [AN3156, DFU_CLASS],
  },
  {
    id: 'erases-elsewhere',
    area: 'geometry',
    title: 'An erase of a sector also erased flash elsewhere, perhaps all of it.',
    explanation:
      'The erase callback sets the bit for a mass erase where that for one sector belongs (MER, PER), computes a second sector from the address, or goes to both banks. The image itself is right if everything was erased before it was written; what stood elsewhere is lost. A few places outside the sectors of a job are read before and after it for this reason.',
    for: [sign('lost-elsewhere', 6)],
    against: [sign('reads-same', 4), sign('reads-last-block', 4)],
    remedies: (chip) => [
      'Bring back from a backup what the flash held beside the program: settings, calibration, a second program.',
      fixLoader('select one sector, start its erase alone, and return the result of the HAL.'),
      'No ROM bootloader does this: if this device calls itself one, it is a program with borrowed ids and strings.',
      ...startBootloader(chip),
    ],
    sources: [DFU_CLASS],
  },
  {
    id: 'writes-elsewhere',
    area: 'geometry',
    title: 'What was written also changed flash at another place.',
    explanation:
      'The loader ignores a line of the address, writes to both banks, or keeps a copy of blocks in flash. The image reads back right, and what stood at the other place is lost. A few places outside the sectors of a job are read before and after it for this reason.',
    for: [sign('written-elsewhere', 6)],
    // Where the image itself is wrong, what is wrong with it says more.
    against: [sign('reads-same', 4), sign('mismatch', 4), sign('reads-wrap', 6)],
    remedies: (chip) => [
      'Bring back from a backup what the flash held beside the program: settings, calibration, a second program.',
      fixLoader('use the whole address, and write to one place.'),
      'No ROM bootloader does this: if this device calls itself one, it is a program with borrowed ids and strings.',
      ...startBootloader(chip),
    ],
    sources: [DFU_CLASS],
  },
  {
    id: 'flash-smaller',
    area: 'geometry',
    title: 'The flash is smaller than the map says: addresses beyond its end are refused, or wrap around to its start.',
    explanation:
      'The map announces more flash than there is. If the loader ignores the high address bits, the end of an image overwrites its beginning; a careful loader refuses addresses beyond the end.',
    for: [
      sign('content-wraps', 6),
      sign('reads-wrap', 5),
      sign('refused-beyond', 5, {
        note: 'where the image goes, or without one',
        when: ({ isUnwanted }) => !isUnwanted,
      }),
      sign('short-read', 3),
      sign('map-foreign', 1),
    ],
    // Two slots with one firmware in them read alike, too, and a ROM knows how much flash its chip has.
    against: [sign('reads-same', 5), sign('content-moved', 3), noLoaderOfApplication(5)],
    remedies: () => [
      'Look at the marking of the chip: the letter before the package letter gives the flash size, as the B in STM32F105RBT6 (docs/chips.md).',
      fixLoader('correct the size in FLASH_DESC_STR.'),
      'The firmware may be too large for this part.',
    ],
    sources: [AN2606],
  },
  {
    id: 'no-map',
    area: 'geometry',
    title: 'The device does not describe its memory.',
    explanation:
      'DfuSe describes memory in the string of each alternate setting (UM0424 §10.3.2). That string is missing, says something else, or could not be read this time.',
    for: [sign('no-map', 6)],
    against: [],
    remedies: (chip) => [
      'Plug it in again, without a hub, and try once more: a string can get lost.',
      remedy('State the chip: the table knows its sectors.', 'state-chip'),
      fixLoader('give the interface a string with its map (FLASH_DESC_STR).'),
      ...startBootloader(chip),
    ],
    sources: [DFU_CLASS],
  },
  {
    id: 'foreign-map',
    area: 'geometry',
    title: "The announced map is not this chip's.",
    explanation:
      "A map proves nothing: even ST's examples announce wrong ones. With a wrong map, an erase takes more or less than planned.",
    for: [
      sign('partly-erased', 8),
      sign('map-foreign', 3),
      sign('map-default', 1),
      sign('refused', 1, { note: 'errTARGET', when: ({ status }) => status === 'errTARGET' }),
    ],
    against: [
      sign('reads-same', 4),
      sign('reads-refused', 3),
      sign('unchanged', 2),
      loaderIs(1, 'cubemx-application'),
      sign('neighbours-lost', 4),
    ],
    remedies: (chip) => [
      fixLoader("give FLASH_DESC_STR the sectors of the chip's reference manual, or erase every sector whole."),
      ...startBootloader(chip),
    ],
    sources: [DFU_CLASS],
  },
] as const satisfies readonly Cause[];
