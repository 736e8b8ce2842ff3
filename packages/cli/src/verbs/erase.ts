/** `erase`: everything, a list of sectors, or a range. The bytes of a sector beside a range stay. */
import type { Range } from '@sureflash/image';
import {
  type Device,
  type ErasePlan,
  erase,
  eraseAll,
  joined,
  planErase,
  type Sector,
  type SupplyChoice,
  sectorsTouched,
} from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { type IndexRange, parseIndexes, parseRange } from '../base/numbers.ts';
import { choice, flag, parsed, verb, withInitial } from '../declare/verb.ts';
import type { OpenDevice } from '../device/open.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { Kept } from '../parts/kept.ts';
import { announceSupply, SUPPLY_OPTIONS, watchedSupply } from '../parts/supply.ts';
import { TRIAL_OPTIONS, trialsFor } from '../parts/trials.ts';
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
    keep: withInitial(
      choice('<what>', 'bytes of a sector beside the range: keep them, or none of them', ['rest', 'none']),
      'rest',
    ),
    ...TRIAL_OPTIONS,
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
      const plan = planErase(device, sectors ? sectorsNumbered(device, sectors) : (range ?? flashRegions(device)), {
        keepBeside: keep === 'rest',
        supply: options.supply,
      });
      const supply = announceSupply(context, plan.supply, options.supply);
      if (supply) context.note(context.style.strong('Supply'), supply);
      await carryOutErase(context, device, { plan, all, supply: options.supply, scratch: options.scratch });
    });
  },
});

interface EraseJob {
  readonly plan: ErasePlan;
  readonly all: boolean;
  readonly supply: SupplyChoice | undefined;
  readonly scratch: Range | true | undefined;
}

async function carryOutErase(
  context: Context,
  device: OpenDevice,
  { plan, all, supply, scratch }: EraseJob,
): Promise<void> {
  const { clock, target } = device;
  const { sectors, parts } = plan;
  tellErasePlan(context, plan);
  const started = clock.now();
  const touched = parts.flatMap((part) => target.geometry.flatMap((region) => sectorsTouched(region, part)));
  const view = progressView(context, clock, [...touched, ...sectors]);
  const kept = new Kept(context, device);
  const trials = trialsFor(context, device, { scratch, end: () => view.end() });
  const onProgress = watchedSupply(context, view);
  const options = { supply, signal: context.io.signal, onProgress, keptBytes: kept, trials };
  try {
    await kept.giveUp(sectors);
    await (all ? eraseAll(device, options) : erase(device, plan, options));
  } catch (error) {
    view.end();
    kept.tellHeld();
    throw error;
  }
  view.end();
  const bytes = byteTotal([...sectors, ...parts]);
  const what = parts.length === 0 ? count(sectors.length, 'sector') : partsText(plan);
  const took = duration(clock.now() - started);
  context.result(context.style.ok('Erased'), `${what}, ${size(bytes)}, read back and blank (${took})`);
  context.emit({ type: 'result', ok: true, sectorsErased: sectors.length, erasedBytes: bytes });
}

function tellErasePlan(context: Context, plan: ErasePlan): void {
  const { sectors, parts } = plan;
  const all = [...sectors, ...parts].sort((a, b) => a.start - b.start);
  const kept = parts.length === 0 ? '' : '; the bytes beside it are read before and written back';
  const place = joined(all).map(rangeText).join(', ');
  const what = `erase ${partsText(plan)}, ${size(byteTotal(all))} at ${place}${kept}`;
  context.note(context.style.strong('Plan'), what);
  context.emit({ type: 'plan', eraseBytes: byteTotal(all), sectors, parts });
}

function partsText({ sectors, parts }: ErasePlan): string {
  const texts = [
    ...(sectors.length > 0 ? [count(sectors.length, 'sector')] : []),
    ...(parts.length > 0 ? [`a part of ${count(parts.length, 'sector')}`] : []),
  ];
  return texts.join(' and ');
}

/** Sectors by their numbers, counted through all of the flash. @throws CommandError `usage` for a number that is none */
function sectorsNumbered(device: Device, wanted: readonly IndexRange[]): Sector[] {
  const all = flashRegions(device).flatMap((region) => region.sectors);
  const last = all.length - 1;
  return wanted.flatMap((range) => {
    if (range.last > last) {
      throw usage(
        `There is no sector ${range.last}.`,
        `This flash has the sectors 0 to ${last}; "sureflash info" shows them.`,
      );
    }
    return all.slice(range.first, range.last + 1);
  });
}

const flashRegions = ({ target }: Device) => target.geometry.filter(({ kind }) => kind === 'flash');

function byteTotal(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
