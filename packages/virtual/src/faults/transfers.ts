/** Faults of a loader that mishandles transfers: refused, cut, lengthened, changed, lost, repeated, or taken for another. */

import { ACK, STALL } from '../usb/model.ts';
import { anyTransfer, type Disturbance, type FaultKind, type Request } from './fault.ts';
import {
  isAnswered,
  isDataBlock,
  isDownload,
  isIn,
  isSilentOut,
  isUpload,
  rewritten,
  withFlippedBit,
} from './requests.ts';

const hasData = (request: Request): boolean => isDownload(request) && request.data.length > 0;

/** The request with its block number changed. */
const renumbered =
  (step: 1 | -1): Disturbance =>
  (request, bench) =>
    bench.deliver({ ...request, setup: { ...request.setup, value: request.setup.value + step } });

const isBlock = (request: Request): boolean => (isDownload(request) || isUpload(request)) && isDataBlock(request);

export const TRANSFER_FAULTS: readonly FaultKind[] = [
  {
    name: 'stall',
    area: 'loader',
    title: 'A request is stalled, for no reason.',
    lasts: 'once',
    applies: anyTransfer,
    begin: () => () => STALL,
  },
  {
    name: 'stall-for-ever',
    area: 'loader',
    title: 'From one request on everything is stalled until the power is removed.',
    lasts: 'power',
    applies: anyTransfer,
    begin: () => () => STALL,
  },
  {
    name: 'answer-short',
    area: 'loader',
    title: 'An answer breaks off.',
    lasts: 'once',
    applies: isAnswered,
    begin: () => (request, bench) =>
      rewritten(bench.deliver(request), (bytes) => bytes.subarray(0, Math.floor(bench.random() * bytes.length))),
  },
  {
    name: 'answer-long',
    area: 'loader',
    title: 'An answer has more bytes than were asked for.',
    lasts: 'once',
    applies: isAnswered,
    begin: () => (request, bench) =>
      rewritten(bench.deliver(request), (bytes) => {
        const longer = new Uint8Array(bytes.length + 1 + Math.floor(bench.random() * 64)).fill(0xff);
        longer.set(bytes);
        return longer;
      }),
  },
  {
    name: 'answer-flipped',
    area: 'loader',
    title: 'One bit of an answer is wrong.',
    lasts: 'once',
    applies: isAnswered,
    begin: () => (request, bench) =>
      rewritten(bench.deliver(request), (bytes) => withFlippedBit(bytes, () => bench.random())),
  },
  {
    name: 'answer-stale',
    area: 'loader',
    title: 'An answer repeats the one before it.',
    lasts: 'once',
    applies: isAnswered,
    begin: () => (request, bench) => {
      const stale = bench.lastAnswer(request.setup.request);
      const reply = bench.deliver(request);
      return stale?.kind === 'data' ? rewritten(reply, () => stale.bytes.slice(0, request.setup.length)) : reply;
    },
  },
  {
    name: 'data-flipped',
    area: 'loader',
    title: 'One bit of a block or command that the host sends is wrong.',
    lasts: 'once',
    applies: hasData,
    begin: () => (request, bench) =>
      bench.deliver({ ...request, data: withFlippedBit(request.data, () => bench.random()) }),
  },
  {
    name: 'data-short',
    area: 'loader',
    title: 'The end of a block or command that the host sends is missing.',
    lasts: 'once',
    applies: hasData,
    begin: () => (request, bench) => {
      const length = Math.max(1, Math.floor(bench.random() * request.data.length));
      return bench.deliver({ setup: { ...request.setup, length }, data: request.data.slice(0, length) });
    },
  },
  {
    name: 'request-swallowed',
    area: 'loader',
    title: 'A DNLOAD, CLRSTATUS or ABORT is acknowledged and forgotten.',
    lasts: 'once',
    applies: isSilentOut,
    begin: () => () => ACK,
  },
  {
    name: 'request-doubled',
    area: 'loader',
    title: 'A DNLOAD, CLRSTATUS or ABORT reaches the device twice.',
    lasts: 'once',
    applies: (request) => isSilentOut(request) && !isIn(request),
    begin: () => (request, bench) => {
      const reply = bench.deliver(request);
      bench.deliver(request);
      return reply;
    },
  },
  {
    name: 'block-number-high',
    area: 'loader',
    title: 'A block is taken for the next one.',
    lasts: 'once',
    applies: isBlock,
    begin: () => renumbered(1),
  },
  {
    name: 'block-number-low',
    area: 'loader',
    title: 'A block is taken for the one before.',
    lasts: 'once',
    applies: isBlock,
    begin: () => renumbered(-1),
  },
];
