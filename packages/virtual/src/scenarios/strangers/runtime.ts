/** Boards whose program runs and has a DFU run-time interface: it may be sent to its bootloader, or is none of ours. */

import { DfuseLoader } from '../../applications/dfuse-loader.ts';
import { RuntimeDfu, type RuntimeManners } from '../../applications/runtime-dfu.ts';
import type { Chip } from '../../chip/chip.ts';
import { KB } from '../../table/row.ts';
import { bootloaderBoard } from '../bootloader-board.ts';
import type { Scenario } from '../scenario.ts';
import { PLAIN_LOADER } from './loaders.ts';
import { CHIP_F103 } from './make-loader.ts';

interface RuntimeBoard extends Pick<Scenario, 'name' | 'title' | 'description' | 'source'> {
  readonly manners: RuntimeManners;
}

/** Others than those of its bootloader. */
const PROGRAM_IDS = { vendorId: 0x1209, productId: 0x0002, bcdDevice: 0x0100 } as const;
const PROGRAM: RuntimeManners = {
  ids: PROGRAM_IDS,
  strings: { manufacturer: 'Example', product: 'Board program', serial: '0001' },
  ownClass: 0xff,
  detaches: 'itself',
};

const RUNTIME_BOARDS: readonly RuntimeBoard[] = [
  {
    name: 'runtime-detaches-itself',
    title: 'A running program that restarts in its bootloader when it is asked to',
    description: 'bitWillDetach is 1; the bootloader has a product id of its own.',
    source: 'DFU 1.1 §5.1, AIOC #21, libopencm3 dfu run-time examples',
    manners: PROGRAM,
  },
  {
    name: 'runtime-detaches-at-reset',
    title: 'A running program that goes to its bootloader at a bus reset',
    description: 'bitWillDetach is 0: it waits a second for the reset of the bus.',
    source: 'DFU 1.1 §5.1 and §A.2.2',
    manners: { ...PROGRAM, detaches: 'at-reset' },
  },
  {
    name: 'runtime-refuses',
    title: 'A running program that does not let itself be sent to a bootloader',
    description: 'It stalls DFU_DETACH.',
    source: 'made up',
    manners: { ...PROGRAM, detaches: 'never' },
  },
  {
    name: 'runtime-wireless',
    title: 'A wireless adapter with a DFU run-time interface',
    description: 'Its other interface is a wireless controller, as in Bluetooth adapters; it is no board of ours.',
    source: "made up after Bluetooth adapters of CSR's, whose first interfaces are E0/01/01",
    manners: {
      ids: { vendorId: 0x1209, productId: 0x0003, bcdDevice: 0x0100 },
      strings: { manufacturer: 'Example', product: 'Wireless adapter', serial: '0002' },
      ownClass: 0xe0,
      detaches: 'itself',
    },
  },
];

/** What RAM holds through a reset: that the next start is that of the bootloader. */
function detachableBoard(manners: RuntimeManners) {
  const detached = new WeakSet<Chip>();
  return bootloaderBoard({
    profile: CHIP_F103,
    bytes: 6 * KB,
    deviceOf: ({ chip, board }) =>
      detached.delete(chip)
        ? new DfuseLoader(PLAIN_LOADER, chip, board)
        : new RuntimeDfu(manners, { board, onDetach: () => detached.add(chip) }),
  });
}

export const runtimeScenarios: readonly Scenario[] = RUNTIME_BOARDS.map(({ manners, ...told }) => ({
  ...told,
  create: detachableBoard(manners),
}));
