/** Faults of a loader whose GETSTATUS does not tell the truth. */

import { DfuState, DfuStatus } from '../usb/dfu-words.ts';
import type { FaultKind } from './fault.ts';
import { isDownload, isGetStatus, restated, saysBusy, saysDone, stateOf } from './requests.ts';

const FOUR_HOURS_MS = 4 * 3_600_000;
/** No command of AN3156 §5. */
const UNKNOWN_COMMAND = 0x55;
/** bStatus from errTARGET to errSTALLEDPKT (DFU 1.1 §6.1.2). */
const ERRORS = DfuStatus.ERR_STALLEDPKT;

export const STATUS_FAULTS: readonly FaultKind[] = [
  {
    name: 'error-hidden',
    area: 'loader',
    title: 'A download fails, but the status says that all is well as long as the error lasts.',
    lasts: 'healing',
    applies: (transfer) => isDownload(transfer) && transfer.data.length > 0,
    begin: () => {
      let failing = true;
      return (request, bench) => {
        if (failing) {
          failing = false;
          const data = Uint8Array.of(UNKNOWN_COMMAND);
          return bench.deliver({ setup: { ...request.setup, value: 0, length: data.length }, data });
        }
        const reply = bench.deliver(request);
        const hides = isGetStatus(request) && stateOf(reply) === DfuState.ERROR;
        return hides ? restated(reply, { status: DfuStatus.OK, state: DfuState.DNLOAD_IDLE }) : reply;
      };
    },
  },
  {
    name: 'error-invented',
    area: 'loader',
    title: 'A status reports an error that did not happen.',
    lasts: 'once',
    applies: isGetStatus,
    begin: () => (request, bench) => {
      const status = 1 + Math.floor(bench.random() * ERRORS);
      return restated(bench.deliver(request), { status, state: DfuState.ERROR });
    },
  },
  {
    name: 'done-while-busy',
    area: 'loader',
    title: 'A status says that an operation is done when it has just begun.',
    lasts: 'once',
    applies: saysBusy,
    begin: () => (request, bench) => restated(bench.deliver(request), { state: DfuState.DNLOAD_IDLE, pollMs: 0 }),
  },
  {
    name: 'busy-when-done',
    area: 'loader',
    title: 'A status says once more that an operation is running when it is done.',
    lasts: 'once',
    applies: saysDone,
    begin: () => (request, bench) => restated(bench.deliver(request), { state: DfuState.DNBUSY }),
  },
  {
    name: 'busy-for-ever',
    area: 'loader',
    title: 'From one status on every status says that an operation is running, until the power is removed.',
    lasts: 'power',
    applies: saysDone,
    begin: () => (request, bench) => {
      const reply = bench.deliver(request);
      return isGetStatus(request) ? restated(reply, { status: DfuStatus.OK, state: DfuState.DNBUSY }) : reply;
    },
  },
  {
    name: 'poll-time-zero',
    area: 'loader',
    title: 'From one status on the host is told to wait no time at all.',
    lasts: 'healing',
    applies: saysBusy,
    begin: () => (request, bench) => {
      const reply = bench.deliver(request);
      return isGetStatus(request) ? restated(reply, { pollMs: 0 }) : reply;
    },
  },
  {
    name: 'poll-time-hours',
    area: 'loader',
    title: 'From one status on the host is told to wait for four hours.',
    lasts: 'healing',
    applies: saysBusy,
    begin: () => (request, bench) => {
      const reply = bench.deliver(request);
      return isGetStatus(request) ? restated(reply, { pollMs: FOUR_HOURS_MS }) : reply;
    },
  },
];
