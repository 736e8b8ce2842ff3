/** Causes in single functions of a DFU application: its erase, its write, its read, each on its own. */
import { type Cause, impossiblyQuick, loaderIs, noLoaderOfApplication, sign } from '../cause.ts';
import { fixLoader, startBootloader } from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { DFU_CLASS, PM0075 } from '../sources.ts';

const DEBUG_PROBE = remedy(
  'State the chip: then the time shows whether anything was written. Or read the whole flash and look for the image there.',
  'state-chip',
);
/** Whether only the erase is missing. */
const TRY_BLANK_SECTOR = remedy(
  'Program a blank sector that nobody needs: if that works, only the erase is missing.',
  'try-scratch',
);

export const CALLBACKS = [
  {
    id: 'writes-stop',
    area: 'media interface',
    title: 'The loader writes the first block and nothing after it, but reports OK.',
    explanation:
      'A write callback that locks the flash again, or meets an error flag that nobody clears, fails from the second block on. The loader ignores its return value.',
    for: [sign('first-block-only', 4), sign('reads-distinct', 1)],
    against: [noLoaderOfApplication(5), sign('reads-same', 5), sign('part-of-blocks', 4)],
    remedies: () => [
      fixLoader('unlock the flash in Init or in every call, clear the error flags, and return the result of the HAL.'),
    ],
    tellApart: {
      'write-address-ignored': 'Look at the first bytes: several blocks on top of one another mean one address.',
    },
    sources: [DFU_CLASS],
  },
  {
    id: 'erase-ignored',
    area: 'media interface',
    title: 'The loader reports that it has erased, but does not erase.',
    explanation:
      'Writes work, so blank flash can be programmed. A sector that is not blank keeps its content (F1, L4) or loses more of its bits (F2, F4).',
    for: [
      sign('blank-sectors-hold', 5),
      sign('bits-only-cleared', 5),
      sign('unchanged', 3),
      sign('not-erased', 3),
      sign('reads-distinct', 2),
      loaderIs(1, 'cubemx-application', 'custom'),
    ],
    against: [
      sign('written-elsewhere', 8),
      sign('lost-elsewhere', 8),
      noLoaderOfApplication(4),
      sign('left-erased', 5),
      sign('reads-same', 5),
      sign('option-wrp', 3),
    ],
    remedies: () => [
      fixLoader('let the erase callback unlock the flash, erase the page at the address and return the result.'),
      'Erase the flash through the ROM bootloader or a debug probe, then program again.',
    ],
    tellApart: {
      'write-protected': 'Read the option bytes (WRP): a protected sector does not erase either.',
      'changes-ignored': TRY_BLANK_SECTOR,
    },
    sources: [DFU_CLASS, PM0075],
  },
  {
    id: 'writes-ignored',
    area: 'media interface',
    title: 'The loader writes nothing: the bytes that it should have written are erased.',
    explanation:
      'The write callback is empty or fails silently: after the run the sectors are blank, and the old program is gone.',
    for: [
      sign('left-erased', 5, { note: 'all of the image that was read again', when: ({ all }) => all }),
      impossiblyQuick(2),
      sign('reads-distinct', 1),
    ],
    against: [
      sign('time-plausible', 3),
      noLoaderOfApplication(4),
      sign('first-block-only', 5),
      sign('part-of-blocks', 5),
      sign('neighbours-lost', 4),
      sign('reads-same', 4),
    ],
    remedies: (chip) => [
      fixLoader('let the write callback program the words and return the result of the HAL.'),
      ...startBootloader(chip),
    ],
    tellApart: {
      'write-protected': 'Read the option bytes: a write-protected sector would not have been erased.',
      'wrong-base': DEBUG_PROBE,
      'write-address-ignored': DEBUG_PROBE,
    },
    sources: [DFU_CLASS],
  },
  {
    id: 'changes-ignored',
    area: 'media interface',
    title: 'The loader reads flash, but its erase and write functions do nothing.',
    explanation:
      'Reads come from the right addresses, and the old content is still there: the erase and write callbacks are empty, the flash stays locked, or all of it is protected.',
    for: [
      sign('unchanged', 4),
      impossiblyQuick(2),
      sign('reads-distinct', 2),
      loaderIs(1, 'cubemx-application', 'custom'),
    ],
    against: [
      sign('written-elsewhere', 8),
      sign('lost-elsewhere', 8),
      noLoaderOfApplication(4),
      sign('reads-same', 5),
      sign('blank-sectors-hold', 4),
      sign('option-wrp', 3),
      sign('sectors-differ', 3, {
        note: 'some of the sectors are right',
        when: ({ count, touched }) => count < touched,
      }),
    ],
    remedies: (chip) => [
      fixLoader('unlock the flash, and return what HAL_FLASHEx_Erase and HAL_FLASH_Program return.'),
      ...startBootloader(chip),
    ],
    tellApart: {
      'write-protected': 'Read the option bytes (WRP) through the ROM bootloader or a debug probe.',
      'erase-ignored': TRY_BLANK_SECTOR,
    },
    sources: [DFU_CLASS],
  },
  {
    id: 'part-of-blocks',
    area: 'media interface',
    title: 'Only part of every block is written.',
    explanation:
      'The loop of the write callback counts words where it should count bytes, or ends early: the rest of each block stays erased.',
    for: [sign('part-of-blocks', 6)],
    against: [sign('reads-same', 4)],
    remedies: () => [
      fixLoader('let the write loop run over all bytes of the block, in steps of the unit that it programs.'),
    ],
    sources: [DFU_CLASS],
  },
  {
    id: 'echo',
    area: 'media interface',
    title: 'Reads do not come from flash: the loader returns what it was sent.',
    explanation:
      'A buffer or a cache in RAM answers reads, so reading back proves nothing. The written bytes are lost when the power goes off.',
    for: [sign('reads-last-block', 7), impossiblyQuick(3), sign('holds-file', 2)],
    against: [sign('mismatch', 2), noLoaderOfApplication(4), sign('unchanged', 4), sign('time-plausible', 2)],
    remedies: (chip) => [
      remedy(
        'Disconnect the power, start the device again and verify: bytes that were only in RAM are then gone.',
        'verify',
      ),
      fixLoader('let the read callback read the flash, not the buffer.'),
      ...startBootloader(chip),
    ],
    sources: [DFU_CLASS],
  },
  {
    id: 'not-flushed',
    area: 'media interface',
    title: 'The loader read back what it had not written: it was in a copy, and is gone since the loader ended.',
    explanation:
      'A loader that collects bytes in RAM until a page is full answers reads from there. What it does not write when it is told to leave is lost, and no read before that shows it.',
    for: [sign('changed-after-leave', 6, { note: 'more than some bytes', when: ({ extent }) => extent === 'blocks' })],
    against: [],
    remedies: (chip) => [
      fixLoader(
        'write what is left in the buffer when the download of length 0 comes, and read flash, not the buffer.',
      ),
      ...startBootloader(chip),
      'If the program itself changes its image when it starts, read it before it has run.',
    ],
    sources: [DFU_CLASS],
  },
  {
    id: 'changed-at-start',
    area: 'media interface',
    title: 'Some bytes of the program were changed when it was started, or by itself.',
    explanation:
      'The image was right before the device left its bootloader. Then the program ran: it may keep settings or a counter inside its own image, and a loader may mark a program that it has started.',
    for: [sign('changed-after-leave', 6, { note: 'some bytes', when: ({ extent }) => extent === 'bytes' })],
    against: [],
    remedies: () => [
      'Look into the program for what it writes at this address, and keep settings outside the image.',
      fixLoader('keep its marks in a sector of its own.'),
    ],
    sources: [DFU_CLASS],
  },
  {
    id: 'bytes-swapped',
    area: 'media interface',
    title: 'The loader puts the bytes of each word in the wrong order.',
    explanation: 'The write callback builds words with the most significant byte first. STM32 are little-endian.',
    for: [sign('bytes-swapped', 6)],
    against: [sign('reads-same', 4)],
    remedies: () => [
      fixLoader('build words with the least significant byte first.'),
      'Or the file was made for a tool that swaps bytes: make it again in the right order.',
    ],
    sources: [DFU_CLASS],
  },
] as const satisfies readonly Cause[];
