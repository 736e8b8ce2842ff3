/** Causes in a DFU application's own functions for flash that show at addresses: all of them at once, or one place for all. */
import { type Cause, impossiblyQuick, loaderIs, noLoaderOfApplication, type Sign, sign } from '../cause.ts';
import { BY_PROBE, fixLoader, jumpToBootloader, READ_BY_PROBE, startBootloader, writeCallbacks } from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { AN2606, DFU_1_1, DFU_CLASS } from '../sources.ts';

const NO_APPLICATION = noLoaderOfApplication(8);
/** Somebody has written its functions. */
const KNOWN_LOADER = sign('loader', 8, { note: 'known as a finished bootloader', when: ({ known }) => known === true });
const SCRATCH_TIME = remedy(
  'State the chip and program a sector that nobody needs: flash takes time to program, an empty function takes none.',
  'try-scratch',
);
/** The generated map stands for a media interface that nobody has touched. */
const GENERATED_MAP = sign('map-default', 2);
/** What speaks against a loader that reads one place for every address. */
const SEES_ADDRESSES: readonly Sign[] = [
  noLoaderOfApplication(3),
  sign('reads-distinct', 6),
  GENERATED_MAP,
  impossiblyQuick(4),
  sign('reads-last-block', 8),
  sign('holds-file', 6),
];
/** Nothing at all arrived where it should: it may stand somewhere else. */
const WRITTEN_ELSEWHERE = sign('left-erased', 4, { note: 'everything that was read again', when: ({ all }) => all });

export const ADDRESSES = [
  {
    id: 'stub-media',
    area: 'media interface',
    title: 'An application answers here, and its DFU functions that should erase, write and read flash do nothing.',
    explanation:
      'STM32CubeMX generates the "Download Firmware Update" class with an empty media interface: MEM_If_Erase and MEM_If_Write return OK, MEM_If_Read returns a null pointer. The device enumerates, accepts everything at the speed of the bus, and answers every read with the start of the running program (from class V2.11.2 on, it refuses reads). The ROM bootloader of the chip plays no part in this.',
    for: [
      loaderIs(2, 'cubemx-application'),
      loaderIs(1, 'custom'),
      sign('reads-same', 4),
      sign('reads-refused', 3, { note: 'by a stall', when: ({ answer }) => answer === 'stall' }),
      GENERATED_MAP,
      sign('map-foreign', 1),
      impossiblyQuick(3),
      sign('unchanged', 1),
      sign('not-erased', 1),
      sign('commands-missing', 1),
      sign('no-wait-asked', 1),
    ],
    against: [
      NO_APPLICATION,
      sign('reads-distinct', 5),
      sign('time-plausible', 5),
      sign('holds-file', 5),
      sign('changed', 8),
      sign('scratch-holds', 8),
      sign('left-erased', 5),
      sign('stuck-busy', 3),
      sign('left-bus', 3),
      sign('refused', 3),
      KNOWN_LOADER,
      sign('refused-beyond', 5),
      sign('refused-below', 5),
      sign('no-upload', 8),
    ],
    remedies: (chip) => [...startBootloader(chip), BY_PROBE, jumpToBootloader(chip), writeCallbacks(chip)],
    tellApart: {
      'read-address-ignored': SCRATCH_TIME,
      'address-ignored': SCRATCH_TIME,
    },
    sources: [
      DFU_CLASS,
      AN2606,
      {
        title: 'The thread: STM32F105, "Data mismatch found at address 0x080001E4"',
        url: 'https://community.st.com/t5/-/-/td-p/621282',
      },
    ],
  },
  {
    id: 'no-upload',
    area: 'media interface',
    title: 'The loader says that it cannot be read back: it can be programmed, but nothing can be proven.',
    explanation:
      'bitCanUpload of the DFU functional descriptor is 0, as in the DfuSe example of libopencm3 and loaders that were made from it. Erase and write may work well, but only the running program shows it.',
    for: [sign('no-upload', 6)],
    against: [sign('reads-distinct', 6)],
    remedies: (chip) => [
      remedy('Program it without proof, and see whether the program runs.', 'go-on-unproven'),
      fixLoader('answer UPLOAD from flash, and set bitCanUpload.'),
      ...startBootloader(chip),
    ],
    sources: [
      DFU_1_1,
      {
        title: 'libopencm3-examples #233',
        url: 'https://github.com/libopencm3/libopencm3-examples/issues/233',
      },
    ],
  },
  {
    id: 'reads-disabled',
    area: 'media interface',
    title: 'The loader does not let this flash be read, so writes to it cannot be proven.',
    explanation:
      'Some bootloaders refuse reads: those that accept only encrypted images, and those that protect their own sectors. They answer a read with a status, and some add a message.',
    for: [
      sign('reads-refused', 6, { note: 'with a status', when: ({ answer }) => answer !== 'stall' }),
      sign('refused-below', 4, { note: 'where the image goes', when: ({ isWanted }) => isWanted }),
    ],
    against: [noLoaderOfApplication(6), sign('reads-same', 4), sign('no-upload', 6)],
    remedies: (chip) => [
      'If the bootloader protects its own sectors, build the program for the address after it.',
      'If it accepts only encrypted images, use the tool and the image format of its maker.',
      ...startBootloader(chip),
    ],
    sources: [
      DFU_1_1,
      { title: 'MicroPython mboot', url: 'https://github.com/micropython/micropython/tree/master/ports/stm32/mboot' },
    ],
  },
  {
    id: 'read-address-ignored',
    area: 'media interface',
    title: 'The loader writes flash and reads the same place for every address.',
    explanation:
      'The read callback forgets to add the address, or returns a pointer to the start of flash. Programming may have worked, but the bytes that are read back cannot show it.',
    for: [
      sign('reads-same', 4),
      loaderIs(1, 'cubemx-application', 'custom'),
      sign('commands-missing', 1),
      sign('time-plausible', 2),
      sign('scratch-holds', 1),
    ],
    against: SEES_ADDRESSES,
    remedies: () => [
      fixLoader('let the read callback copy from the address that it is given and return its buffer.'),
      READ_BY_PROBE,
    ],
    tellApart: {
      'address-ignored': `${READ_BY_PROBE} If it holds the image, only reading is broken.`,
      'stub-media': SCRATCH_TIME,
    },
    sources: [DFU_CLASS],
  },
  {
    id: 'address-ignored',
    area: 'media interface',
    title: 'The loader ignores the address when it writes and when it reads.',
    explanation:
      'Set Address has no effect, or the callbacks use one fixed address: every block lands at the same place, and every read returns that place.',
    for: [
      sign('reads-same', 4),
      loaderIs(1, 'cubemx-application', 'custom'),
      sign('commands-missing', 1),
      sign('time-plausible', 2),
      sign('first-block-only', 1),
    ],
    against: SEES_ADDRESSES,
    remedies: () => [
      fixLoader('use the address argument in Erase, Write and Read; the class computes it from Set Address and block.'),
      READ_BY_PROBE,
    ],
    tellApart: { 'stub-media': SCRATCH_TIME },
    sources: [DFU_CLASS],
  },
  {
    id: 'write-address-ignored',
    area: 'media interface',
    title: 'Every block is written to the same place.',
    explanation:
      'The write callback uses a fixed address or forgets to add the offset of the block. That place holds the first block, or several blocks on top of one another. The flash after it is erased.',
    for: [sign('first-block-only', 5), WRITTEN_ELSEWHERE, sign('reads-distinct', 1), sign('time-plausible', 1)],
    against: [noLoaderOfApplication(5), sign('reads-same', 5), sign('part-of-blocks', 4)],
    remedies: () => [fixLoader('let the write callback program at the address that it is given.')],
    tellApart: {
      'writes-stop':
        'Write two blocks with different content to a scratch sector: if their bytes are combined at one place, the loader uses one address.',
    },
    sources: [DFU_CLASS],
  },
  {
    id: 'wrong-base',
    area: 'media interface',
    title: 'The loader writes to an address that is off by a constant.',
    explanation:
      'The write callback adds the start of its application area (or forgets to subtract it), so the image ends up at another address.',
    for: [sign('content-moved', 6), WRITTEN_ELSEWHERE, sign('time-plausible', 1)],
    // Strings are no proof of a ROM; what stands at a wrong place, again and again, no ROM does.
    against: [
      noLoaderOfApplication(3),
      sign('reads-last-block', 6),
      sign('content-wraps', 5),
      sign('reads-same', 5),
      // What stood there before the run was moved by nobody: an older version holds the same bytes elsewhere.
      sign('unchanged', 5),
    ],
    remedies: () => [fixLoader('use the address that the class passes: it is already absolute.')],
    sources: [DFU_CLASS],
  },
  {
    id: 'block-arithmetic',
    area: 'media interface',
    title: 'The loader computes addresses from a different block size than it announces.',
    explanation:
      "ST's class multiplies the block number by the constant USBD_DFU_XFER_SIZE, whatever the length of the blocks and whatever its descriptor says. If the two differ, blocks land with gaps between them or on top of one another; reads use the same arithmetic and look right.",
    for: [sign('reads-depend-on-block', 6)],
    against: [sign('reads-unstable', 4), sign('reads-same', 4)],
    remedies: () => [
      fixLoader('announce USBD_DFU_XFER_SIZE as wTransferSize in the functional descriptor, and nothing else.'),
      'Everything that it wrote is at a wrong address: correct the loader, then program again.',
    ],
    sources: [DFU_CLASS],
  },
] as const satisfies readonly Cause[];
