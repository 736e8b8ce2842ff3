/** Faults of cable, hub and host: transfers that are lost, late or never answered. CRCs keep wrong bits off the cable (USB 2.0 §8.3.5). */

import { type Reply, SILENT } from '../usb/model.ts';
import { anyTransfer, type FaultKind } from './fault.ts';

/** Within the time limit of every request that is answered at once. */
const LATE_MS = 3000;

export const LINK_FAULTS: readonly FaultKind[] = [
  {
    name: 'request-lost',
    area: 'link',
    title: 'A request never reaches the device, and the host waits for an answer.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => () => SILENT,
  },
  {
    name: 'answer-lost',
    area: 'link',
    title: 'A request is carried out, and its answer is lost.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => (request, bench) => {
      bench.deliver(request);
      return SILENT;
    },
  },
  {
    name: 'answer-late',
    area: 'link',
    title: 'An answer comes three seconds late.',
    lasts: 'once',
    applies: ({ reply }) => reply.kind !== 'silent',
    begin: () => (request, bench) => {
      const reply: Reply = bench.deliver(request);
      return reply.kind === 'silent' ? reply : { ...reply, heldUntil: bench.now() + bench.busyMs() + LATE_MS };
    },
  },
  {
    name: 'nak-for-ever',
    area: 'link',
    title: 'From one request on nothing is answered until the power is removed.',
    lasts: 'power',
    applies: anyTransfer,
    begin: () => () => SILENT,
  },
];
