/** `erase`: everything, a list of sectors, or a range. What a sector holds beside a range stays. */

import { MemoryImage, type Range } from '@sureflash/image';
import { joined, type Region, type Sector, sectorsTouched } from '@sureflash/programmer';
import { carryOut, eraseAllFlash, eraseSectors, planErase, prepare, refusal } from '@sureflash/programmer/engine';
import { usage } from '../base/command-error.ts';
import { type IndexRange, parseIndexes, parseRange } from '../base/numbers.ts';
import { choice, flag, parsed, verb, withInitial } from '../declare/verb.ts';
import type { Device } from '../device/open.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { Kept } from '../parts/kept.ts';
import { applySupply, SUPPLY_OPTIONS } from '../parts/supply.ts';
import { withDevice } from '../parts/with-device.ts';
import type { Context } from '../render/context.ts';
import { rangeText } from '../render/plan.ts';
import { progressView } from '../render/progress.ts';
import { count, duration, size } from '../render/words.ts';

export const eraseVerb = verb({
  options: {
    all: flag('the whole flash'),
    sectors: parsed('<numbers>', 'some sectors, such as 0-3,7', parseIndexes),
    range: parsed('<range>', 'this range', parseRange),
    keep: withInitial(choice('<what>', 'what a sector holds beside the range', ['rest', 'none']), 'rest'),
    ...SUPPLY_OPTIONS,
    ...DEVICE_OPTIONS,
  },
  examples: [
    ['sureflash erase --range 0x08004000+16K', '16 KB: whole sectors'],
    ['sureflash erase --range 0x08004000..0x08008000', 'the same, by its end'],
    ['sureflash erase --sectors 0-3,7', 'by their numbers'],
    ['sureflash erase --all', 'the whole flash'],
  ],
  run: async (context, _, { range, sectors, all = false, keep, ...options }) => {
    if ([range, sectors, all || undefined].filter((each) => each !== undefined).length !== 1) {
      throw usage(
        'This does not say what to erase.',
        'Give one of: --all for the whole flash, --sectors 0-3,7, or --range 0x08004000+16K.',
      );
    }
    await withDevice(context, options, async (device) => {
      const flash = device.target.geometry.filter(({ kind }) => kind === 'flash');
      const wanted = sectors ? sectorsNumbered(flash, sectors) : planErase(flash, range ?? extentOf(flash));
      const isWhole = (sector: Sector): boolean =>
        !range || keep === 'none' || (sector.start >= range.start && sector.end <= range.end);
      const parts = range ? wanted.filter((sector) => !isWhole(sector)).map((sector) => overlap(sector, range)) : [];
      await applySupply(context, device, options);
      await erase(context, device, { whole: wanted.filter(isWhole), parts, all });
    });
  },
});

interface EraseJob {
  /** Sectors that are erased as they are. */
  readonly whole: readonly Sector[];
  /** Ranges inside sectors whose rest is kept. */
  readonly parts: readonly Range[];
  readonly all: boolean;
}

async function erase(context: Context, device: Device, { whole, parts, all }: EraseJob): Promise<void> {
  const { target, clock } = device;
  tellPlan(context, whole, parts);
  const started = clock.now();
  for (const part of parts) await erasePart(context, device, part);
  if (whole.length > 0) {
    const view = progressView(context, clock, whole);
    const work = all ? eraseAllFlash : eraseSectors;
    await work(target, whole, { signal: context.io.signal, onProgress: view.onProgress }).finally(() => view.end());
  }
  const bytes = bytesOf(whole) + bytesOf(parts);
  const what = parts.length === 0 ? count(whole.length, 'sector') : partsText(whole, parts);
  const took = duration(clock.now() - started);
  context.result(context.style.ok('Erased'), `${what}, ${size(bytes)}, read back and blank (${took})`);
  context.emit({ type: 'result', ok: true, sectorsErased: whole.length, erasedBytes: bytes });
}

function tellPlan(context: Context, whole: readonly Sector[], parts: readonly Range[]): void {
  const all = [...whole, ...parts].sort((a, b) => a.start - b.start);
  const kept = parts.length === 0 ? '' : '; what these hold beside it is read before and written back';
  const place = joined(all).map(rangeText).join(', ');
  const what = `erase ${partsText(whole, parts)}, ${size(bytesOf(all))} at ${place}${kept}`;
  context.note(context.style.strong('Plan'), what);
  context.emit({ type: 'plan', eraseBytes: bytesOf(all), sectors: whole, parts });
}

function partsText(whole: readonly Sector[], parts: readonly Range[]): string {
  const texts = [
    ...(whole.length > 0 ? [count(whole.length, 'sector')] : []),
    ...(parts.length > 0 ? [`a part of ${count(parts.length, 'sector')}`] : []),
  ];
  return texts.join(' and ');
}

/** A part of a sector becomes erased as it would become anything else: by a job that keeps the rest, and proves it. */
async function erasePart(context: Context, device: Device, part: Range): Promise<void> {
  const region = device.target.geometry.find(({ start, end }) => part.start >= start && part.end <= end);
  const bytes = new Uint8Array(part.end - part.start).fill(region?.erasedValue ?? 0xff);
  const subject = device.subject(new MemoryImage([{ address: part.start, bytes }]));
  const view = progressView(context, device.clock, region ? sectorsTouched(region, part) : []);
  const kept = new Kept();
  const options = { signal: context.io.signal, onProgress: view.onProgress, onUnproven: kept.add };
  try {
    const preparation = await prepare(subject, options);
    const refused = refusal(preparation);
    if (refused) throw refused;
    await carryOut(subject, preparation, options);
  } catch (error) {
    view.end();
    await kept.save(context);
    throw error;
  }
  view.end();
}

/** Sectors by their numbers, counted through all of the flash. */
function sectorsNumbered(flash: readonly Region[], wanted: readonly IndexRange[]): Sector[] {
  const all = flash.flatMap((region) => region.sectors);
  const last = all.length - 1;
  const found = new Set<Sector>();
  for (const range of wanted) {
    if (range.last > last) {
      throw usage(
        `There is no sector ${range.last}.`,
        `This flash has the sectors 0 to ${last}; "sureflash info" shows them.`,
      );
    }
    for (const sector of all.slice(range.first, range.last + 1)) found.add(sector);
  }
  const sectors = [...found].sort((a, b) => a.start - b.start);
  // The map may mark some as read-only: that is found out before anything is erased.
  for (const { start, end } of sectors) planErase(flash, { start, end });
  return sectors;
}

function extentOf(flash: readonly Region[]): Range {
  return { start: Math.min(...flash.map((r) => r.start)), end: Math.max(...flash.map((r) => r.end)) };
}

function overlap(a: Range, b: Range): Range {
  return { start: Math.max(a.start, b.start), end: Math.min(a.end, b.end) };
}

function bytesOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
