/** A plan in a few lines, before anything is touched. */
import { type Firmware, FORMAT_TITLES, type MemoryImage } from '@sureflash/image';
import type { Plan, Report, Sector, SectorPlan } from '@sureflash/programmer';
import { hex } from '@sureflash/programmer/basics';
import { statedDeviceText } from './stated-device.ts';
import { BY_CRC, count, duration, size } from './words.ts';

/** `0x08000000..0x0801D466` */
export function rangeText({ start, end }: { readonly start: number; readonly end: number }): string {
  return `${hex(start)}..${hex(end)}`;
}

export function imageText(image: MemoryImage): string {
  const { range, segments } = image;
  const place = range ? ` at ${rangeText(range)}` : '';
  return `${size(image.byteLength)}${place}${segments.length > 1 ? ` in ${segments.length} segments` : ''}`;
}

/** `app.elf: ELF, 117.1 KB at 0x08000000..0x0801D468`, `app.dfu: DfuSe for 0483:df11, …` */
export function fileText(path: string, firmware: Firmware): string {
  const { format, image } = firmware;
  const stated = statedDeviceText(firmware);
  return `${path}: ${FORMAT_TITLES[format]}${stated === undefined ? '' : ` ${stated}`}, ${imageText(image)}`;
}

export function planText(plan: Plan): string {
  const kept = plan.sectors.filter(({ action }) => action === 'keep').length;
  const replaced = plan.sectors.filter(({ action }) => action === 'replace').length;
  if (kept === plan.sectors.length)
    return `${count(kept, 'sector')} already ${kept === 1 ? 'holds' : 'hold'} the image: nothing to erase or write`;
  const parts = [
    ...(kept > 0 ? [`keep ${count(kept, 'sector')}`] : []),
    ...(replaced > 0 ? [`erase ${count(replaced, 'sector')} (${size(plan.eraseBytes)})`] : []),
    `write ${size(plan.writeBytes)}`,
    `verify ${size(plan.expected.byteLength)}`,
  ];
  return `${parts.join(', ')}; about ${duration(plan.estimateMs)}`;
}

/** `55 kept, 4 erased and written, all 59 verified`: a plan that was carried out and proven. */
export function outcomeText({ sectors }: Plan): string {
  const having = (action: SectorPlan['action']): number => sectors.filter((each) => each.action === action).length;
  const [kept, replaced, written] = [having('keep'), having('replace'), having('fill')];
  return [
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(replaced > 0 ? [`${replaced} erased and written`] : []),
    ...(written > 0 ? [`${written} written`] : []),
    sectors.length === 1 ? 'verified' : `all ${sectors.length} verified`,
  ].join(', ');
}

/** Neighbours with the same action as one line each. */
export function planLines(plan: Plan): string[] {
  const runs: { action: SectorPlan['action']; first: Sector; last: Sector; bytes: number }[] = [];
  for (const { sector, action, writes } of plan.sectors) {
    const bytes = writes.reduce((sum, write) => sum + write.bytes.length, 0);
    const run = runs.at(-1);
    if (run && run.action === action && run.last.end === sector.start) {
      run.last = sector;
      run.bytes += bytes;
    } else {
      runs.push({ action, first: sector, last: sector, bytes });
    }
  }
  return runs.map(({ action, first, last, bytes }) => {
    const sectors = first === last ? `sector ${first.index}` : `sectors ${first.index}–${last.index}`;
    const what = action === 'keep' ? 'keep' : `${action === 'replace' ? 'erase and write' : 'write'} ${size(bytes)}`;
    return `  ${rangeText({ start: first.start, end: last.end })}  ${sectors.padEnd(16)}  ${what}`;
  });
}

export function planJson(plan: Plan): { type: 'plan' } & Record<string, unknown> {
  return {
    type: 'plan',
    eraseBytes: plan.eraseBytes,
    writeBytes: plan.writeBytes,
    verifyBytes: plan.expected.byteLength,
    estimateMs: Math.round(plan.estimateMs),
    ...(plan.slowBecause !== undefined && { slowBecause: plan.slowBecause }),
    sectors: plan.sectors.map(({ sector, action, writes }) => ({
      index: sector.index,
      start: sector.start,
      end: sector.end,
      action,
      writeBytes: writes.reduce((sum, write) => sum + write.bytes.length, 0),
    })),
  };
}

/** `3 sectors erased, 5.1 KB written, 118 KB read back and equal`: flash that was changed, and how that is proven. */
export function changedText({ sectorsErased, bytesWritten, verifiedBytes, provenByCrc }: Report): string {
  const proof = provenByCrc ? BY_CRC : 'read back and equal';
  return `${count(sectorsErased, 'sector')} erased, ${size(bytesWritten)} written, ${size(verifiedBytes)} ${proof}`;
}

/** What became of a job, for a line among others: `3 sectors erased, 5.1 KB written, 118 KB read back and equal (312 ms)`. */
export function briefOutcome(report: Report, tookMs: number): string {
  const { outcome, verifiedBytes, provenByCrc, startedAt } = report;
  const what =
    outcome === 'unchanged'
      ? `the flash holds this build already, ${size(verifiedBytes)} ${provenByCrc ? BY_CRC : 'read back'}`
      : changedText(report);
  return `${what} (${duration(tookMs)})${startedAt === undefined ? '' : '; started'}`;
}
