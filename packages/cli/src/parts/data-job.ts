/** The job of `write` and `fill`, on a device that is open: bytes at an address that are proven to be there. */
import {
  planSupply,
  type Range,
  type Report,
  type SupplyChoice,
  sectorsTouched,
  type WriteOptions,
} from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import type { OpenDevice } from '../device/open.ts';
import type { Context } from '../render/context.ts';
import { rangeText } from '../render/plan.ts';
import { progressView } from '../render/progress.ts';
import { count, duration, size } from '../render/words.ts';
import { Kept } from './kept.ts';
import { announceSupply, watchedSupply } from './supply.ts';

export interface DataJob {
  readonly place: Range;
  /** What the bytes are, for people: `0x12345678 0x00000001`. */
  readonly what: string;
  readonly supply: SupplyChoice | undefined;
  readonly write: (options: WriteOptions) => Promise<Report>;
}

/** @throws CommandError `usage` for memories that are set by other verbs; what `write` throws */
export async function writeData(context: Context, device: OpenDevice, job: DataJob): Promise<void> {
  const { place, what, supply, write } = job;
  const { target, clock } = device;
  checkPlace(device, place);
  context.note(context.style.strong('Data'), `${size(place.end - place.start)} at ${rangeText(place)}: ${what}`);
  const told = announceSupply(context, planSupply(device, supply), supply);
  if (told) context.note(context.style.strong('Supply'), told);
  const touched = target.geometry.flatMap((region) => sectorsTouched(region, place));
  const view = progressView(context, clock, touched);
  const kept = new Kept(context, device);
  const started = clock.now();
  let report: Report;
  try {
    report = await write({
      supply,
      signal: context.io.signal,
      onProgress: watchedSupply(context, view),
      keptBytes: kept,
    });
  } catch (error) {
    view.end();
    kept.tellHeld();
    throw error;
  }
  view.end();
  tellWritten(context, report, { place, tookMs: clock.now() - started });
}

/** @throws CommandError `usage` that names the verb for this memory */
function checkPlace({ target }: OpenDevice, place: Range): void {
  const region = target.geometry.find(({ start, end }) => place.start >= start && place.start < end);
  if (region?.kind === 'option-bytes') {
    throw usage(
      `${rangeText(place)} are option bytes: they are set by name, which checks the values. Nothing was written.`,
      'See them: sureflash option-bytes show',
      'Set one: sureflash option-bytes set NAME=VALUE',
    );
  }
  if (region?.kind === 'device-feature') {
    throw usage(
      `${rangeText(place)} tells the bootloader the supply voltage. Nothing was written.`,
      'State it with the job that needs it: sureflash program FILE --supply 3.3',
    );
  }
}

interface Written {
  readonly place: Range;
  readonly tookMs: number;
}

function tellWritten(context: Context, report: Report, { place, tookMs }: Written): void {
  const { style } = context;
  const { byteMemory, sectorsErased } = report;
  const verifiedBytes = report.verifiedBytes + (byteMemory?.verifiedBytes ?? 0);
  const bytesWritten = report.bytesWritten + (byteMemory?.bytesWritten ?? 0);
  const unchanged = report.outcome === 'unchanged';
  const erased = sectorsErased === 0 ? '' : `${count(sectorsErased, 'sector')} erased and written anew, `;
  const text = unchanged
    ? `${rangeText(place)} holds it already; ${size(verifiedBytes)} read`
    : `${rangeText(place)}: ${erased}${size(verifiedBytes)} read back and equal`;
  context.result(style.ok(unchanged ? 'Unchanged' : 'Written'), `${text} (${duration(tookMs)})`);
  const { outcome } = report;
  context.emit({ type: 'result', ok: true, outcome, ...place, sectorsErased, bytesWritten, verifiedBytes, tookMs });
}
