/** The plug is pulled at a chosen moment of a run: the right error and code, nothing hangs, and the next run completes. */
import assert from 'node:assert/strict';
import type { Setup } from '@sureflash/virtual';
import type { Bench } from '../lib/bench.ts';
import { assertFlash } from '../lib/bytes.ts';
import type { Checks } from '../lib/checks.ts';
import { FOLDER, handOver, imageOf, small } from '../lib/files.ts';
import { assertEnd, sureflash } from '../lib/programmer.ts';
import type { Intercept } from '../lib/rack.ts';

/** What a request is, by AN3156 §5. */
type Fits = (setup: Setup, data: Uint8Array) => boolean;

const isRequest =
  (requestType: number, request: number): Fits =>
  (setup) =>
    setup.requestType === requestType && setup.request === request;
const isDownload = isRequest(0x21, 1);
const isUpload = isRequest(0xa1, 2);
const isStatus = isRequest(0xa1, 3);
const isAbort = isRequest(0x21, 6);
const isErase: Fits = (setup, data) => isDownload(setup, data) && setup.value === 0 && data[0] === 0x41;
const isPointer: Fits = (setup, data) => isDownload(setup, data) && setup.value === 0 && data[0] === 0x21;
const isBlock: Fits = (setup, data) => isDownload(setup, data) && setup.value >= 2 && setup.length > 0;
const isLeave: Fits = (setup, data) => isDownload(setup, data) && setup.length === 0;

interface End {
  readonly exitCode: number;
  readonly code: string | undefined;
}

const GONE: End = { exitCode: 6, code: 'usb/gone' };
/** The image is proven by then, and a device that goes when it is told to leave has left. */
const LEFT: End = { exitCode: 0, code: undefined };

interface Moment {
  readonly title: string;
  readonly at: Fits;
  readonly after?: Fits;
  readonly nth?: number;
  readonly laterMs?: number;
  readonly end?: End;
}

/**
 * The plug is pulled at the `nth` request that fits, of those after one that fits `after`: before it reaches the device,
 * or `laterMs` after it did.
 */
const MOMENTS: readonly Moment[] = [
  { title: 'before the first request of the session', at: isStatus },
  { title: 'in the survey', at: isUpload, nth: 3 },
  { title: 'before the first erase', at: isErase },
  { title: 'while a page is erased', after: isErase, at: isStatus, laterMs: 10 },
  { title: 'between erase and write, at Set Address', after: isErase, at: isPointer },
  { title: 'inside the data stage of a block', at: isBlock, nth: 4 },
  { title: 'while a block is programmed', after: isBlock, at: isStatus, laterMs: 25 },
  { title: 'in an ABORT after the last write', after: isBlock, at: isAbort },
  { title: 'at the first block of the verification', after: isBlock, at: isUpload },
  { title: 'in the middle of the verification', after: isBlock, at: isUpload, nth: 6 },
  { title: 'at the last Set Address, before it leaves', after: isBlock, at: isPointer, nth: 2 },
  { title: 'at the request to leave', at: isLeave, end: LEFT },
];

const FIRST: Moment = { title: 'while descriptors are read', at: isRequest(0x80, 6) };

export async function unplug(bench: Bench, checks: Checks): Promise<void> {
  const { guest } = bench;
  await handOver(guest, { 'small.bin': small });
  checks.area('the plug is pulled in the middle of a run');
  await bench.inPlaces(MOMENTS, async (moment, busid) => {
    const { title, end = GONE } = moment;
    await checks.check(`${title}: exit ${end.exitCode}, and the next run completes`, () => pull(bench, moment, busid));
  });
  // Alone: whoever lists devices reads the descriptors of all.
  await checks.check(`${FIRST.title}: exit 6, and the next run completes`, () => pull(bench, FIRST, '1-1'));
  await checks.check(
    'the device stays and answers nothing any more: exit 6 within a minute, and the next run completes',
    () => fallSilent(bench, '1-1'),
  );
  await checks.check('no process of sureflash is left', async () => {
    assert.equal((await guest.run('pgrep -f "[s]ureflash.mjs"')).out, '');
  });
}

async function pull(bench: Bench, moment: Moment, busid: string): Promise<void> {
  const { board, place, path } = await bench.plug('stm32f105-rom', { busid, flash: imageOf(small.length, 3) });
  let pulled = false;
  place.intercept = watchFor(moment, () => {
    pulled = true;
    board.unplug();
  });
  const program = (where: string): string => `program ${FOLDER}/small.bin --at 0x08000000 --leave --usb ${where}`;
  const ended = await sureflash(bench.guest, program(path));
  assert.ok(pulled, `that moment never came\n${ended.out.slice(-500)}`);
  const { exitCode, code } = moment.end ?? GONE;
  assertEnd(ended, exitCode, code);
  await bench.gone(busid);
  place.forget();
  board.plug();
  const again = await bench.attach(busid);
  assertEnd(await sureflash(bench.guest, program(again.path)), 0);
  assertFlash(board, small);
  await bench.unplug(busid);
}

const MOST_MS = 60_000;

async function fallSilent(bench: Bench, busid: string): Promise<void> {
  const { board, place, path } = await bench.plug('stm32f105-rom', { busid, flash: imageOf(small.length, 3) });
  let isSilent = false;
  place.intercept = (setup, data) => {
    isSilent ||= isBlock(setup, data);
    return isSilent;
  };
  const program = `program ${FOLDER}/small.bin --at 0x08000000 --usb`;
  const ended = await sureflash(bench.guest, `${program} ${path}`);
  assertEnd(ended, 6, 'usb/timeout');
  assert.ok(ended.ms < MOST_MS, `it took ${(ended.ms / 1000).toFixed(0)} s`);
  board.unplug();
  await bench.gone(busid);
  place.forget();
  board.plug();
  const again = await bench.attach(busid);
  assertEnd(await sureflash(bench.guest, `${program} ${again.path}`), 0);
  assertFlash(board, small);
  await bench.unplug(busid);
}

/** @returns what watches each request, and says whether it shall never be answered */
function watchFor({ after, at, nth = 1, laterMs = 0 }: Moment, pullNow: () => void): Intercept {
  let armed = after === undefined;
  let left = nth;
  return (setup, data) => {
    if (!armed) {
      armed = after?.(setup, data) ?? true;
      return false;
    }
    if (left === 0 || !at(setup, data)) return false;
    left -= 1;
    if (left > 0) return false;
    if (laterMs > 0) setTimeout(pullNow, laterMs);
    else queueMicrotask(pullNow);
    return laterMs === 0;
  };
}
