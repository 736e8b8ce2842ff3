/** `program` and `plan`: from a file to a proven flash, or to what that would take. */
import {
  carryOut,
  type JobOptions,
  type Plan,
  type Preparation,
  prepare,
  type Report,
  refusal,
} from '@sureflash/programmer/engine';
import type { Context } from '../context.ts';
import { type Device, withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { type LoadedFirmware, type LoadOptions, loadFirmware } from '../firmware-file.ts';
import { outcomeText, planJson, planLines, planText } from '../render/plan.ts';
import { diagnosisLines, Refused } from '../render/problem.ts';
import type { ProgressView } from '../render/progress.ts';
import { count, duration, size } from '../render/words.ts';
import { bullet, labelled } from '../render/wrap.ts';
import { announceFile } from './announce.ts';
import { preflight } from './check.ts';

export interface ProgramOptions extends DeviceOptions, LoadOptions {
  /** Start the program afterwards. */
  readonly leave?: boolean;
  readonly force?: boolean;
  /** Which sectors are erased: those that must be, or all of the image. */
  readonly erase?: 'auto' | 'always';
  /** What a partly covered sector holds beside the image is kept. */
  readonly keep?: 'rest' | 'none';
}

export async function programCommand(context: Context, path: string, options: ProgramOptions): Promise<void> {
  const firmware = await loadFirmware(context.io, path, options);
  announceFile(context, path, firmware);
  await withDevice(context, options, async (device) => {
    await programDevice(context, device, firmware, options);
  });
}

/** The job itself, on a device that is open. */
export async function programDevice(
  context: Context,
  device: Device,
  firmware: LoadedFirmware,
  options: ProgramOptions,
): Promise<Report> {
  const { leave = false, force } = options;
  preflight(context, firmware, { chip: device.chip, force });
  const started = device.clock.now();
  const subject = device.subject(firmware.image);
  const view = jobView(context, device, firmware);
  const job = jobOptions(context, view, options);
  let report: Report;
  let plan: Plan;
  try {
    const preparation = await prepare(subject, job);
    judge(context, preparation, { view, options });
    plan = preparation.plan;
    context.emit(planJson(plan));
    view.note(labelled(context.style.strong('Plan'), planText(plan), context.io.err));
    report = await carryOut(subject, preparation, job);
  } finally {
    view.end();
  }
  if (leave) await device.target.leave(firmware.image.range?.start ?? 0);
  tell(context, report, { plan, ms: device.clock.now() - started, left: leave });
  return report;
}

/** What `program` would do. Reads only. */
export async function planCommand(context: Context, path: string, options: ProgramOptions): Promise<void> {
  const firmware = await loadFirmware(context.io, path, options);
  announceFile(context, path, firmware);
  await withDevice(context, options, async (device) => {
    preflight(context, firmware, { chip: device.chip, force: options.force });
    const view = jobView(context, device, firmware);
    const job = jobOptions(context, view, options);
    const preparation = await prepare(device.subject(firmware.image), job).finally(() => view.end());
    judge(context, preparation, { view, options });
    const { plan, diagnosis } = preparation;
    context.emit(planJson(plan));
    for (const line of planLines(plan)) context.print(line);
    context.result(context.style.strong('Plan'), planText(plan));
    if (diagnosis) for (const line of diagnosisLines(diagnosis, context.style, context.io.out)) context.print(line);
    context.emit({ type: 'result', ok: true });
  });
}

function jobView(context: Context, { target, clock }: Device, { image }: LoadedFirmware): ProgressView {
  const sectors = target.geometry.flatMap((region) => region.sectors);
  return context.progress(
    clock,
    sectors.filter((sector) => image.within(sector).length > 0),
  );
}

function jobOptions(
  { io }: Context,
  { onProgress }: ProgressView,
  { force = false, erase = 'auto', keep = 'rest' }: ProgramOptions,
): JobOptions {
  return { keepRest: keep === 'rest', replaceAll: erase === 'always', force, signal: io.signal, onProgress };
}

/** @throws Refused unless forced, or when there is nothing to doubt */
function judge(
  context: Context,
  preparation: Preparation,
  { view, options }: { view: ProgressView; options: ProgramOptions },
): void {
  const { diagnosis, doubts } = preparation;
  const refused = refusal(preparation);
  if (refused && !options.force) throw new Refused(refused, diagnosis);
  context.emit({ type: 'doubts', doubts });
  if (!refused) return;
  const { io, style } = context;
  view.note(labelled(style.warn('Warning'), 'going on because of --force, against what reads show:', io.err));
  for (const { seen } of doubts) view.note(bullet(seen, io.err));
}

function tell(context: Context, report: Report, { plan, ms, left }: { plan: Plan; ms: number; left: boolean }): void {
  const { style } = context;
  const { outcome, verifiedBytes, sectorsErased, bytesWritten } = report;
  const { savedMs } = plan;
  const unchanged = outcome === 'unchanged';
  const what = unchanged
    ? `${size(verifiedBytes)} read back: the flash already holds the image, byte for byte`
    : `${count(sectorsErased, 'sector')} erased, ${size(bytesWritten)} written, ${size(verifiedBytes)} read back and equal`;
  const saved = savedMs >= 1000 ? `, about ${duration(savedMs)} saved` : '';
  context.note(style.strong('Sectors'), outcomeText(plan));
  context.result(style.ok(unchanged ? 'Unchanged' : 'Verified'), `${what} (${duration(ms)}${saved})`);
  if (left) context.result(style.ok('Started'), 'the bootloader has handed over to the program');
  context.emit({ type: 'result', ok: true, ...report, tookMs: ms, savedMs, left });
}
