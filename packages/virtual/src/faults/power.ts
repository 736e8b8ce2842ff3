/** Faults of plug, supply and reset. A chip that loses its power in mid-operation keeps half-done cells. */

import { SILENT } from '../usb/model.ts';
import { anyTransfer, type Disturbance, type FaultBench, type FaultKind, type Transfer } from './fault.ts';

const IN_THE_MIDDLE_MS = 3;

const isLong = (kind?: 'erase' | 'program') => (transfer: Transfer) =>
  transfer.begins !== undefined && transfer.busyMs > 0 && (kind === undefined || transfer.begins === kind);

/** At some moment of the operation that the request begins. */
const within =
  (act: (bench: FaultBench) => void): Disturbance =>
  (request, bench) => {
    const reply = bench.deliver(request);
    bench.later(bench.random() * bench.busyMs(), () => act(bench));
    return reply;
  };

const unplug = ({ board }: FaultBench): void => board.unplug();
const reset = ({ board }: FaultBench): void => board.reset();

export const POWER_FAULTS: readonly FaultKind[] = [
  {
    name: 'unplugged-before',
    area: 'power',
    title: 'The plug is pulled before a request reaches the device.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => (_, bench) => {
      unplug(bench);
      return SILENT;
    },
  },
  {
    name: 'unplugged-after',
    area: 'power',
    title: 'The plug is pulled when a request has just reached the device.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => (request, bench) => {
      bench.deliver(request);
      unplug(bench);
      return SILENT;
    },
  },
  {
    name: 'unplugged-3-ms-later',
    area: 'power',
    title: 'The plug is pulled three milliseconds after a request.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => (request, bench) => {
      const reply = bench.deliver(request);
      bench.later(IN_THE_MIDDLE_MS, () => unplug(bench));
      return reply;
    },
  },
  {
    name: 'power-cut-in-erase',
    area: 'power',
    title: 'The power fails during an erase: cells are old, erased or undefined.',
    lasts: 'once',
    applies: isLong('erase'),
    begin: () => within(unplug),
  },
  {
    name: 'power-cut-in-write',
    area: 'power',
    title: 'The power fails during programming: one unit is half done.',
    lasts: 'once',
    applies: isLong('program'),
    begin: () => within(unplug),
  },
  {
    name: 'reset-before',
    area: 'power',
    title: 'The chip is reset before a request reaches it, and comes back.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => (_, bench) => {
      reset(bench);
      return SILENT;
    },
  },
  {
    name: 'reset-in-operation',
    area: 'power',
    title: 'The chip is reset during an erase or a write, and comes back.',
    lasts: 'once',
    applies: isLong(),
    begin: () => within(reset),
  },
  {
    name: 'restart-unseen',
    area: 'power',
    title: 'The loader restarts without leaving the bus: its state and its address pointer are gone.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => (request, bench) => {
      bench.board.device?.reset();
      return bench.deliver(request);
    },
  },
];
